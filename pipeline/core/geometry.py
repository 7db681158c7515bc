"""Points, boxes, lines and polygons in the picture: x to the right, y down, any unit that both sides share."""

from collections.abc import Sequence
from itertools import pairwise
from math import hypot, inf
from typing import Literal

from pipeline.core.objects import Box

XY = tuple[float, float]
Side = Literal["left", "right"]

_ON_EDGE = 1e-9


def anchor(box: Box) -> XY:
    """Where an object stands: the middle of the box's lower edge."""
    x1, _, x2, y2 = box
    return (x1 + x2) / 2, y2


def area(box: Box) -> float:
    x1, y1, x2, y2 = box
    return max(0.0, x2 - x1) * max(0.0, y2 - y1)


def iou(one: Box, other: Box) -> float:
    """Intersection over union, 0..1; 0 where both boxes are empty."""
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = one, other
    width, height = min(ax2, bx2) - max(ax1, bx1), min(ay2, by2) - max(ay1, by1)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    union = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared
    return shared / union if union > 0 else 0.0


def clip(box: Box) -> Box:
    """The part of a relative box that is in the picture."""
    x1, y1, x2, y2 = box
    if 0 <= x1 <= 1 and 0 <= y1 <= 1 and 0 <= x2 <= 1 and 0 <= y2 <= 1:
        return box
    return min(1.0, max(0.0, x1)), min(1.0, max(0.0, y1)), min(1.0, max(0.0, x2)), min(1.0, max(0.0, y2))


def offset(start: XY, end: XY, point: XY) -> float:
    """Distance of `point` from the endless line through start and end; positive on its right.

    Left and right are those of somebody who walks from start to end as seen on the screen: going to
    the right edge of the picture, left is up.
    """
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    cross = along_x * (point[1] - start[1]) - along_y * (point[0] - start[0])
    return cross / hypot(along_x, along_y)


def side(start: XY, end: XY, point: XY) -> Side | None:
    """Which side of the endless line `point` is on, None exactly on it; see `offset`."""
    distance = offset(start, end, point)
    if distance == 0:
        return None
    return "right" if distance > 0 else "left"


def crossing(before: XY, after: XY, start: XY, end: XY) -> Side | None:
    """The side a movement comes out on when it crosses the line start → end, ends included; None otherwise.

    A point exactly on the line counts as right of it, so that a path crosses once however its steps fall.
    """
    was, now = offset(start, end, before), offset(start, end, after)
    if (was >= 0) == (now >= 0):
        return None
    share = was / (was - now)
    met = before[0] + share * (after[0] - before[0]), before[1] + share * (after[1] - before[1])
    if distance_to_segment(start, end, met) > _ON_EDGE:
        return None
    return "right" if now >= 0 else "left"


def contains(polygon: Sequence[XY], point: XY) -> bool:
    """True inside and on the edges; even-odd rule where a polygon crosses itself."""
    return depth(polygon, point) >= 0


def depth(polygon: Sequence[XY], point: XY) -> float:
    """How far `point` is inside the polygon; negative outside, 0 on an edge."""
    x, y = point
    inside, nearest = False, inf
    for start, end in _edges(polygon):
        nearest = min(nearest, distance_to_segment(start, end, point))
        if (start[1] > y) != (end[1] > y) and x < start[0] + (y - start[1]) / (end[1] - start[1]) * (end[0] - start[0]):
            inside = not inside
    if nearest <= _ON_EDGE:
        return 0.0
    return nearest if inside else -nearest


def thickness(polygon: Sequence[XY]) -> float:
    """The width of a strip with the same area and girth: how thin a polygon is, roughly."""
    edges = _edges(polygon)
    doubled_area = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in edges))
    girth = sum(hypot(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in edges)
    return doubled_area / girth if girth > 0 else 0.0


def distance_to_segment(start: XY, end: XY, point: XY) -> float:
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    length_squared = along_x * along_x + along_y * along_y
    share = 0.0
    if length_squared > 0:
        share = ((point[0] - start[0]) * along_x + (point[1] - start[1]) * along_y) / length_squared
        share = min(1.0, max(0.0, share))
    return hypot(point[0] - start[0] - share * along_x, point[1] - start[1] - share * along_y)


def _edges(polygon: Sequence[XY]) -> list[tuple[XY, XY]]:
    return list(pairwise([*polygon, polygon[0]]))
