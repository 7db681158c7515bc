"""Where an object was, and when."""

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from pipeline.core.objects import Box

PathPoint = tuple[float, float, float, float, float]
"""UTC seconds, and the box then: x1, y1, x2, y2, relative to the picture."""


class EventPath(msgspec.Struct, frozen=True):
    """`points` are [time, x1, y1, x2, y2], the oldest first; between two of them the box moves evenly."""

    points: list[PathPoint]


def box_at(path: Sequence[PathPoint], at: float) -> Box | None:
    """Before the first point there was nothing to be seen; after the last one it was where that says."""
    behind = bisect_right(path, at, key=lambda point: point[0])
    if behind == 0:
        return None
    if behind == len(path):
        return path[-1][1:]
    return between(path[behind - 1], path[behind], at)


def between(start: PathPoint, end: PathPoint, at: float) -> Box:
    share = (at - start[0]) / (end[0] - start[0]) if end[0] > start[0] else 1.0
    x1, y1, x2, y2 = (a + share * (b - a) for a, b in zip(start[1:], end[1:], strict=True))
    return x1, y1, x2, y2
