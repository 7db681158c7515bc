"""Which detection is the next sight of which track.

Tracks are the rows and detections the columns of a table of distances: 0 for the same place, 1 for nothing in common.
"""

from collections.abc import Callable, Sequence, Set
from typing import TypeVar

import lap
import numpy as np

from pipeline.stages.tracking.found import Floats, Mask

Distance = Callable[[list[int], list[int]], Floats]
"""Rows, columns → their distances, (rows, columns)."""
D = TypeVar("D")
Pairs = dict[int, int]
"""Row → column."""

NEVER = 1e3
"""A distance that nothing bridges."""
HALF = 0.5
"""The distance up to which overlap alone counts, whatever the score."""
NOTHING = 1e-7
"""Pixels that keep a box without any from being divided by."""


def ways(rows: list[int], late: Set[int], *, far: bool, own: D, overlap: D, doubtful: D) -> list[tuple[list[int], D]]:
    """In which order tracks are sought and by which distance. Those that are `late` were not seen for a while; frames
    are `far` apart where a tracker is not made for it.

    At its own rate a tracker goes first, as it is made. That takes an unsure detection for a distant one
    (`fuse_score`); so what it leaves over goes by overlap alone to whoever was seen of late.

    Over longer steps those seen of late go first, by the tracker's own distance and then with room for doubt;
    those long lost go last: in a crowd, doubt would give them somebody else's place.
    """
    recent = [row for row in rows if row not in late]
    if not far:
        return [(rows, own), (recent, overlap)]
    return [(recent, own), (recent, doubtful), ([row for row in rows if row in late], own)]


def in_turn(ways: Sequence[tuple[list[int], Distance]], columns: list[int], limit: float) -> Pairs:
    """One way after another; each takes what those before have left over."""
    pairs: Pairs = {}
    for sought, distance in ways:
        rows = [row for row in sought if row not in pairs]
        if rows and columns:
            pairs |= assigned(distance(rows, columns), rows, columns, limit)
            columns = left(columns, pairs)
    return pairs


def left(columns: list[int], pairs: Pairs) -> list[int]:
    taken = set(pairs.values())
    return [column for column in columns if column not in taken]


def assigned(distances: Floats, rows: list[int], columns: list[int], limit: float) -> Pairs:
    """The pairs nearer than `limit` that are the nearest in all, in the order of their rows.

    Where all of the fewer have their nearest to themselves there is nothing to weigh up, and mostly it is so.
    """
    fewer_rows = len(rows) <= len(columns)
    nearest = [_nearest(line, limit) for line in (distances if fewer_rows else distances.T).tolist()]
    pairs = [(one, other) if fewer_rows else (other, one) for one, other in enumerate(nearest) if other is not None]
    if len({other for other in nearest if other is not None}) < len(pairs):
        chosen = lap.lapjv(distances, extend_cost=True, cost_limit=limit)[1].tolist()
        pairs = [(row, column) for row, column in enumerate(chosen) if column >= 0]
    return {rows[row]: columns[column] for row, column in sorted(pairs)}


def _nearest(distances: list[float], limit: float) -> int | None:
    least = min(distances)
    return distances.index(least) if least < limit else None


def overlap(here: Floats, there: Floats) -> Floats:
    """Intersection over union, (...), of boxes xyxy (..., 4) that are broadcast against each other."""
    sides = np.minimum(here[..., 2:], there[..., 2:]) - np.maximum(here[..., :2], there[..., :2])
    shared = _area(np.maximum(sides, 0))
    areas = _area(there[..., 2:] - there[..., :2]) + _area(here[..., 2:] - here[..., :2])
    overlaps: Floats = shared / (areas - shared + NOTHING)
    return overlaps


def doubtful_overlap(here: Floats, there: Floats, doubt: Floats, alike: Mask) -> Floats:
    """Intersection over union, (T, D), of boxes xyxy (T, 4) and (D, 4) that are both widened by `doubt`, (T, 2): the
    standard deviation of where the track is, in x and y.

    Widening is by one box's size at most, so that a track long lost does not match everything. What is not
    `alike`, (T, D), is as far apart as can be: who overlaps little is not taken for something else as well.
    """
    doubt = np.minimum(doubt, (here[:, 2:] - here[:, :2]).mean(axis=1, keepdims=True))
    wider = np.concatenate([-doubt, doubt], axis=1)
    return overlap((here + wider)[:, None], there + wider[:, None]) * alike


def _area(sides: Floats) -> Floats:
    area: Floats = sides[..., 0] * sides[..., 1]
    return area
