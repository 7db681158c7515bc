"""What the outputs of ultralytics' detection heads mean: boxes, and masks, keypoints or looks where there are some."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.models.features import features
from pipeline.models.found import Found
from pipeline.models.look import Look
from pipeline.models.masks import masks
from pipeline.models.metadata import Metadata
from pipeline.models.suppression import Rows, Suppression, corners


class YoloHead:
    """For every task whose network finds boxes, suppressed by us or end to end, and for RT-DETR.

    `has_features` says that an output behind those that the task has is the map that looks are told by.
    """

    def __init__(self, metadata: Metadata, suppression: Suppression, *, has_features: bool = False) -> None:
        self._metadata = metadata
        self._suppression = suppression
        self._has_features = has_features
        self._classes = len(metadata.names)

    def answers(self, outputs: Sequence[Any], looks: Sequence[Look]) -> list[Found]:
        all_rows = self._rows(outputs[0], looks)
        return [
            self._looked_at(self._found(rows, number, outputs, look), number, outputs, look)
            for number, (rows, look) in enumerate(zip(all_rows, looks, strict=True))
        ]

    def _looked_at(self, found: Found, number: int, outputs: Sequence[Any], look: Look) -> Found:
        own = 2 if self._metadata.task == "segment" else 1
        if not self._has_features or len(outputs) == own:
            return found
        return replace(found, features=features(outputs[-1][number], found.rows[:, :4], look.letterbox))

    def _rows(self, raw: Any, looks: Sequence[Look]) -> list[Rows]:
        suppression, floors = self._suppression, [look.min_score for look in looks]
        if self._metadata.is_rtdetr:
            return [self._of_queries(each, look) for each, look in zip(_array(raw), looks, strict=False)]
        if self._metadata.end2end:
            return [self._of_end(each, floor) for each, floor in zip(_array(raw), floors, strict=False)]
        if _is_elsewhere(raw):
            return suppression.rows_of_batch(raw[: len(looks)], floors, self._classes)
        return [suppression.rows(each, floor, self._classes) for each, floor in zip(_array(raw), floors, strict=False)]

    def _of_end(self, rows: NDArray[Any], min_score: float) -> Rows:
        """(boxes, 6 + more), best first, nothing left to suppress."""
        return np.asarray(rows[rows[:, 4] > min_score], np.float32)[: self._suppression.max_det]

    def _of_queries(self, queries: NDArray[Any], look: Look) -> Rows:
        """(queries, 6): centre and size relative to the input, confidence, class (ultralytics' RTDETRPredictor)."""
        rows = self._of_end(queries, look.min_score)
        height, width = look.letterbox.input_hw
        rows[:, :4] = corners(rows[:, :4]) * np.array([width, height, width, height], np.float32)
        return rows

    def _found(self, rows: Rows, number: int, outputs: Sequence[Any], look: Look) -> Found:
        boxes, more = rows[:, :6], rows[:, 6:]
        if self._metadata.task == "segment":
            if not len(rows):
                return Found(boxes, masks=np.zeros((0, 1, 1), np.bool_))
            prototypes = np.asarray(_array(outputs[1][number]), np.float32)
            return Found(boxes, masks=masks(more, boxes[:, :4], prototypes, look.letterbox))
        if self._metadata.task == "pose" and self._metadata.kpt_shape is not None:
            return Found(boxes, keypoints=_points(more.reshape(-1, *self._metadata.kpt_shape)))
        return Found(boxes)


def _points(keypoints: NDArray[np.float32]) -> NDArray[np.float32]:
    """With a confidence each: models that give none are sure."""
    if keypoints.shape[2] == 3:
        return keypoints
    return np.concatenate((keypoints, np.ones((*keypoints.shape[:2], 1), np.float32)), axis=2)


def _is_elsewhere(raw: Any) -> bool:
    return not isinstance(raw, np.ndarray) and raw.device.type != "cpu"


def _array(raw: Any) -> NDArray[Any]:
    return raw if isinstance(raw, np.ndarray) else np.asarray(raw.float().cpu().numpy())
