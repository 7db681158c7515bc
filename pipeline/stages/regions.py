"""Which parts of a picture are worth a look at their own resolution."""

from collections.abc import Iterable, Sequence
from itertools import product
from math import ceil

from pipeline.core.context import Context
from pipeline.core.frame import cropped_xyxy
from pipeline.core.objects import Box

Region = tuple[int, int, int, int]
"""x1, y1, x2, y2 in pixels, as `Frame.crop` takes them."""

_FILLED = 0.8
"""Share of a region's side that what it is for may fill, so that it is not cut."""
_SMALL = 0.25
"""Share of a region's side: what is larger is seen well enough in the whole picture."""


class Regions:
    """Squares of `size` pixels around what moves and around small objects that are held, `most` at a time.

    What fits together shares a square. Where the whole picture is new, or nobody knows what moves, squares all
    over it take turns; so do they where there are more than `most`. None where the picture is hardly larger.
    """

    def __init__(self, size: int, most: int) -> None:
        self._size = size
        self._most = most
        self._turn = 0

    def of(self, ctx: Context) -> list[Region]:
        wh = ctx.frame.resolution_wh
        if _is_hardly_larger(wh, self._size):
            return []
        small = [box for thing in ctx.before if self._longest(box := _pixels(thing.box, wh)) <= self._size * _SMALL]
        moving = [_pixels(box, wh) for box in ctx.motion or ()]
        fitting = [box for box in moving if self._longest(box) <= self._size * _FILLED]
        wanted = self._around([*small, *fitting], wh)
        if ctx.motion is None or len(fitting) < len(moving):
            wanted += all_over(wh, self._size)
        return self._next(list(dict.fromkeys(wanted)))

    def _next(self, wanted: Sequence[Region]) -> list[Region]:
        """Those whose turn it is."""
        if len(wanted) <= self._most:
            return list(wanted)
        self._turn %= len(wanted)
        chosen = [wanted[(self._turn + at) % len(wanted)] for at in range(self._most)]
        self._turn += self._most
        return chosen

    def _around(self, boxes: Iterable[Box], wh: tuple[int, int]) -> list[Region]:
        groups: list[Box] = []
        for box in boxes:
            for at, group in enumerate(groups):
                if self._longest(both := _union(group, box)) <= self._size * _FILLED:
                    groups[at] = both
                    break
            else:
                groups.append(box)
        return [_centred(group, wh, self._size) for group in groups]

    def _longest(self, box: Box) -> float:
        return max(box[2] - box[0], box[3] - box[1])


def all_over(wh: tuple[int, int], size: int) -> list[Region]:
    """As few squares as cover the picture, evenly; none where it is hardly larger than one."""
    if _is_hardly_larger(wh, size):
        return []
    columns, rows = (max(1, ceil((side - size) / (size * _FILLED)) + 1) for side in wh)
    return [
        _centred((x * wh[0], y * wh[1], x * wh[0], y * wh[1]), wh, size)
        for y, x in product(_middles(rows, wh[1], size), _middles(columns, wh[0], size))
    ]


def _is_hardly_larger(wh: tuple[int, int], size: int) -> bool:
    return min(wh) <= size * _FILLED


def _centred(box: Box, wh: tuple[int, int], size: int) -> Region:
    # even corners, as crops have: all regions are of one size then
    left, top = (
        round(min(max(0.0, (box[axis] + box[axis + 2] - size) / 2), max(0, wh[axis] - size))) // 2 * 2
        for axis in range(2)
    )
    return cropped_xyxy(wh, (left, top, left + size, top + size))


def _middles(count: int, side: int, size: int) -> list[float]:
    """Relative middles of `count` spans of `size` that begin and end with the side."""
    if count == 1:
        return [0.5]
    first = size / 2 / side
    return [first + at * (1 - 2 * first) / (count - 1) for at in range(count)]


def _pixels(box: Box, wh: tuple[int, int]) -> Box:
    return box[0] * wh[0], box[1] * wh[1], box[2] * wh[0], box[3] * wh[1]


def _union(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
