"""What was found in a picture and in regions of it, as one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.core.detections import Detections
from pipeline.stages.regions import Region

SAME = 0.5
"""Overlap (IoU) from which two boxes of one label are one thing, seen twice."""
PART = 0.6
"""Share of a cut box that lies in another from which it is a part of that."""
_EDGE_PX = 3.0

Floats = NDArray[np.float32]
Chosen = NDArray[np.bool_]


def patched(whole: Detections, parts: Sequence[tuple[Region, Detections]], frame_wh: tuple[int, int]) -> Detections:
    """Detections of the frame; `parts` are in pixels of their region. Masks and key points are the whole picture's
    alone, so a detection from a region has none: models that make them are not asked for regions. Of the attributes
    those are kept that all have.

    The surer one of two that are the same thing is kept, but one that a region's edge cuts gives way to every
    one that is not cut.
    """
    found, cut = [_plain(whole)], [np.zeros(len(whole), np.bool_)]
    for region, part in parts:
        found.append(replace(_plain(part), xyxy=part.xyxy + np.tile(np.array(region[:2], np.float32), 2)))
        cut.append(_is_cut(found[-1].xyxy, region, frame_wh))
    together = Detections(
        np.concatenate([one.xyxy for one in found]),
        np.concatenate([one.confidence for one in found]),
        np.concatenate([one.class_id for one in found]),
        whole.labels,
        attributes={name: np.concatenate([one.attributes[name] for one in found]) for name in _shared_names(found)},
    )
    return together[_kept(together, np.concatenate(cut))]


def _plain(found: Detections) -> Detections:
    return Detections(found.xyxy, found.confidence, found.class_id, found.labels, attributes=found.attributes)


def _shared_names(found: Sequence[Detections]) -> set[str]:
    return set.intersection(*(set(one.attributes) for one in found))


def _is_cut(xyxy: Floats, region: Region, frame_wh: tuple[int, int]) -> Chosen:
    """Whether a box touches an edge of the region that is none of the picture's."""
    x1, y1, x2, y2 = region
    width, height = frame_wh
    cut: Chosen = (
        ((x1 > 0) & (xyxy[:, 0] <= x1 + _EDGE_PX))
        | ((y1 > 0) & (xyxy[:, 1] <= y1 + _EDGE_PX))
        | ((x2 < width) & (xyxy[:, 2] >= x2 - _EDGE_PX))
        | ((y2 < height) & (xyxy[:, 3] >= y2 - _EDGE_PX))
    )
    return cut


def _kept(found: Detections, cut: Chosen) -> NDArray[np.intp]:
    kept: list[int] = []
    for at in np.lexsort((-found.confidence, cut)).tolist():
        others = [other for other in kept if found.class_id[other] == found.class_id[at]]
        shared, sizes = _shared(found.xyxy[at], found.xyxy[others])
        own = sizes[-1]
        is_same = shared > SAME * (own + sizes[:-1] - shared)
        is_part = cut[at] & (shared > PART * own)
        if not (is_same | is_part).any():
            kept.append(at)
    return np.array(sorted(kept), np.intp)


def _shared(box: Floats, others: Floats) -> tuple[Floats, Floats]:
    """The areas that `box` shares with each of the others; theirs and, last, its own."""
    overlap = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    boxes = np.concatenate([others, box[None]])
    return np.clip(overlap, 0, None).prod(axis=1), (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
