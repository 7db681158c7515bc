"""Which detections are believed: `objects` of the configuration."""

from collections.abc import Mapping
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from pipeline.core.camera import Objects
from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError
from pipeline.core.geometry import contains

WEAKEST = 0.1
"""Scores below this say nothing at all."""

_LIMITS = ("min_score", "min_area", "max_area", "min_ratio", "max_ratio")

Chosen = NDArray[np.bool_]


class Filters:
    """`objects` as a model's detections meet it; raises ModelError for a label that the model does not know."""

    def __init__(self, objects: Objects, labels: Mapping[int, str], model: str) -> None:
        self._objects = objects
        self._has_masks = bool(objects.mask) or any(wanted.mask for wanted in objects.filters.values())
        self._wanted = _table(objects, labels, _tracked_ids(objects, labels, model))
        self.min_score = min([WEAKEST, *(objects.filter(label).min_score for label in objects.track)])
        """What a model must be asked for."""

    def believed(self, found: Detections, resolution_wh: tuple[int, int]) -> tuple[Detections, Detections]:
        """Those that may be objects, and those that are too unsure by their score alone."""
        wanted = self._wanted[np.clip(found.class_id, -1, len(self._wanted) - 1)]
        fits = _fits(found, wanted, resolution_wh) & (found.confidence >= np.minimum(wanted["min_score"], WEAKEST))
        if self._has_masks:
            fits &= self._outside_masks(found, resolution_wh)
        is_sure = found.confidence >= wanted["min_score"]
        return found[fits & is_sure], found[fits & ~is_sure]

    def _outside_masks(self, found: Detections, resolution_wh: tuple[int, int]) -> Chosen:
        outside = np.ones(len(found), np.bool_)
        for at, (x1, _, x2, y2) in enumerate((found.xyxy / np.tile(resolution_wh, 2)).tolist()):
            own = self._objects.filter(found.label(at)).mask
            outside[at] = not any(contains(mask, ((x1 + x2) / 2, y2)) for mask in (*self._objects.mask, *own))
        return outside


def _table(objects: Objects, labels: Mapping[int, str], tracked: Mapping[int, str]) -> NDArray[np.void]:
    """What each class must fulfil, by its number; the last row stands for classes that nobody knows."""
    table = np.zeros(max([-1, *labels]) + 2, [("is_tracked", bool), *((limit, np.float32) for limit in _LIMITS)])
    for class_id, label in tracked.items():
        wanted = objects.filter(label)
        table[class_id] = (True, *(getattr(wanted, limit) for limit in _LIMITS))
    return table


def _fits(found: Detections, wanted: NDArray[np.void], resolution_wh: tuple[int, int]) -> Chosen:
    width, height = np.maximum(found.xyxy[:, 2:] - found.xyxy[:, :2], 1e-6).T
    area, ratio = width * height, width / height
    picture = resolution_wh[0] * resolution_wh[1]
    fits: Chosen = (
        wanted["is_tracked"]
        & (area >= _pixels(wanted["min_area"], picture))
        & (area <= _pixels(wanted["max_area"], picture))
        & (ratio >= wanted["min_ratio"])
        & (ratio <= wanted["max_ratio"])
    )
    return fits


def _pixels(area: NDArray[np.float32], picture: int) -> NDArray[np.float32]:
    return np.where(area <= 1, area * np.float32(picture), area)


def _tracked_ids(objects: Objects, labels: Mapping[int, str], model: str) -> dict[int, str]:
    for label in objects.track:
        if label not in labels.values():
            raise ModelError(f"objects.track: model {model!r} knows no {label!r}; {_hint(label, labels)}")
    return {class_id: label for class_id, label in labels.items() if label in objects.track}


def _hint(label: str, labels: Mapping[int, str]) -> str:
    near = get_close_matches(label, labels.values(), n=3)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    known = sorted(labels.values())
    return f"it knows {', '.join(known[:20])}" + (", …" if len(known) > 20 else "")
