"""Points, boxes, lines and polygons in the picture: x to the right, y down, any unit that both sides share."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import hypot, inf
from typing import Literal

from pipeline.core.objects import Box

XY = tuple[float, float]
Side = Literal["left", "right"]

_ON_EDGE = 1e-9


Anchor = Literal[
    "top_left",
    "top_center",
    "top_right",
    "center_left",
    "center",
    "center_right",
    "bottom_left",
    "bottom_center",
    "bottom_right",
]
"""A point of a box: a corner, the middle of an edge, or the middle of all."""

_ANCHORS: Mapping[Anchor, XY] = {
    "top_left": (0.0, 0.0),
    "top_center": (0.5, 0.0),
    "top_right": (1.0, 0.0),
    "center_left": (0.0, 0.5),
    "center": (0.5, 0.5),
    "center_right": (1.0, 0.5),
    "bottom_left": (0.0, 1.0),
    "bottom_center": (0.5, 1.0),
    "bottom_right": (1.0, 1.0),
}


def anchor(box: Box, which: Anchor = "bottom_center") -> XY:
    """A point of the box; as a rule the middle of its lower edge, where an object stands."""
    x1, y1, x2, y2 = box
    right, down = _ANCHORS[which]
    return x1 * (1 - right) + x2 * right, y1 * (1 - down) + y2 * down


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


def gap(one: Box, other: Box) -> float:
    """The distance between two boxes, 0 where they touch or overlap."""
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = one, other
    return hypot(max(0.0, bx1 - ax2, ax1 - bx2), max(0.0, by1 - ay2, ay1 - by2))


def covered(box: Box, by: Box) -> float:
    """The share of a box that lies in another, 0..1."""
    width, height = min(box[2], by[2]) - max(box[0], by[0]), min(box[3], by[3]) - max(box[1], by[1])
    whole = area(box)
    return width * height / whole if width > 0 and height > 0 and whole > 0 else 0.0


def overlap(polygon: Sequence[XY], box: Box) -> float:
    """The share of a box that lies in a polygon, 0..1; a polygon that crosses itself counts roughly."""
    whole = area(box)
    if whole == 0:
        return float(contains(polygon, (box[0], box[1])))
    x1, y1, x2, y2 = box
    part = list(polygon)
    for axis, limit, keeps in ((0, x1, 1), (0, x2, -1), (1, y1, 1), (1, y2, -1)):
        part = _cut(part, axis, limit, keeps)
    return min(1.0, abs(_doubled_area(part)) / 2 / whole)


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
    girth = sum(hypot(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in _edges(polygon))
    return abs(_doubled_area(polygon)) / girth if girth > 0 else 0.0


def distance_to_segment(start: XY, end: XY, point: XY) -> float:
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    length_squared = along_x * along_x + along_y * along_y
    share = 0.0
    if length_squared > 0:
        share = ((point[0] - start[0]) * along_x + (point[1] - start[1]) * along_y) / length_squared
        share = min(1.0, max(0.0, share))
    return hypot(point[0] - start[0] - share * along_x, point[1] - start[1] - share * along_y)


def _edges(polygon: Sequence[XY]) -> list[tuple[XY, XY]]:
    return list(pairwise([*polygon, *polygon[:1]]))


def _doubled_area(polygon: Sequence[XY]) -> float:
    """Negative where the corners go the other way round."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in _edges(polygon))


def _cut(polygon: Sequence[XY], axis: int, limit: float, keeps: int) -> list[XY]:
    """The part of a polygon beyond a line across one axis (`keeps` 1) or before it (-1); Sutherland and Hodgman's."""
    kept: list[XY] = []
    for start, end in _edges(polygon):
        was, now = keeps * (start[axis] - limit), keeps * (end[axis] - limit)
        if was >= 0:
            kept.append(start)
        if (was >= 0) != (now >= 0):
            share = was / (was - now)
            kept.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
    return kept
