"""Which detections are believed: `objects` of the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from pipeline.core.camera import Objects
from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError
from pipeline.core.geometry import contains

WEAKEST = 0.1
"""Scores below this say nothing at all."""

NEAR = 0.75
"""Of a label's `min_score`: what is less sure has not nearly counted."""
MOST_NEARLY = 4
"""Of one frame: the surest."""

_LIMITS = ("min_score", "min_area", "max_area", "min_ratio", "max_ratio")
_AREAS = slice(1, 3)
_NOTHING_FITS = (1.0, np.inf, 0.0, np.inf, 0.0)

Chosen = NDArray[np.bool_]
Limits = NDArray[np.float32]
"""A row a class, (C, 5): `_LIMITS`."""


@dataclass(frozen=True, slots=True)
class Believed:
    """`sure` may be objects, `weak` are too unsure by their score alone; `nearly` are some that nearly counted."""

    sure: Detections
    weak: Detections
    nearly: Detections | None


class Filters:
    """`objects` as a model's detections meet it; raises ModelError for a label that the model does not know."""

    def __init__(self, objects: Objects, labels: Mapping[int, str], model: str) -> None:
        self._objects = objects
        self._has_masks = bool(objects.mask) or any(wanted.mask for wanted in objects.filters.values())
        self._wanted = _table(objects, labels, _tracked_ids(objects, labels, model))
        self._in_pixels: dict[tuple[int, int], Limits] = {}
        self.min_score = min([WEAKEST, *(objects.filter(label).min_score for label in objects.track)])
        """What a model must be asked for."""

    def believed(self, found: Detections, resolution_wh: tuple[int, int]) -> Believed:
        # one further, for the first row stands for -1; what is beyond either end is clipped to the strangers there
        wanted = self._limits(resolution_wh).take(found.class_id + 1, axis=0, mode="clip")
        lowest, is_sure = np.minimum(wanted[:, 0], WEAKEST), found.confidence >= wanted[:, 0]
        fits = _fits(found, wanted) & (found.confidence >= lowest)
        if self._has_masks:
            fits &= self._outside_masks(found, resolution_wh)
        counts = fits & is_sure
        nearly = ~counts & (found.confidence >= NEAR * wanted[:, 0]) & np.isfinite(wanted[:, 1])
        return Believed(found[counts], found[fits & ~is_sure], _surest(found, nearly) if nearly.any() else None)

    def _limits(self, resolution_wh: tuple[int, int]) -> Limits:
        """The table with areas in pixels; a camera has few sizes of picture."""
        limits = self._in_pixels.get(resolution_wh)
        if limits is None:
            limits = self._in_pixels[resolution_wh] = _in_pixels(self._wanted, resolution_wh)
        return limits

    def _outside_masks(self, found: Detections, resolution_wh: tuple[int, int]) -> Chosen:
        outside = np.ones(len(found), np.bool_)
        for at, (x1, _, x2, y2) in enumerate((found.xyxy / np.tile(resolution_wh, 2)).tolist()):
            own = self._objects.filter(found.label(at)).mask
            outside[at] = not any(contains(mask, ((x1 + x2) / 2, y2)) for mask in (*self._objects.mask, *own))
        return outside


def _table(objects: Objects, labels: Mapping[int, str], tracked: Mapping[int, str]) -> Limits:
    """What each class must fulfil, by its number, from -1 on; the first row and the last one stand for classes that
    nobody knows."""
    table = np.tile(np.array(_NOTHING_FITS, np.float32), (max([-1, *labels]) + 3, 1))
    for class_id, label in tracked.items():
        wanted = objects.filter(label)
        table[class_id + 1] = [getattr(wanted, limit) for limit in _LIMITS]
    return table


def _in_pixels(table: Limits, resolution_wh: tuple[int, int]) -> Limits:
    """Areas up to 1 are shares of the picture."""
    areas, picture = table[:, _AREAS], np.float32(resolution_wh[0] * resolution_wh[1])
    limits = table.copy()
    limits[:, _AREAS] = np.where(areas <= 1, areas * picture, areas)
    return limits


def _fits(found: Detections, wanted: Limits) -> Chosen:
    _, min_area, max_area, min_ratio, max_ratio = wanted.T
    width, height = np.maximum(found.xyxy[:, 2:] - found.xyxy[:, :2], 1e-6).T
    area, ratio = width * height, width / height
    fits: Chosen = (area >= min_area) & (area <= max_area) & (ratio >= min_ratio) & (ratio <= max_ratio)
    return fits


def _surest(found: Detections, chosen: Chosen) -> Detections:
    at = np.flatnonzero(chosen)
    return found[at[np.argsort(-found.confidence[at], kind="stable")][:MOST_NEARLY]]


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
