"""From a network's raw output to boxes, as ultralytics does it, so that every backend answers alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.models.look import Rows


@dataclass(frozen=True, slots=True)
class Suppression:
    """Non-maximum suppression of a detection head's output."""

    iou: float
    max_det: int

    def rows(self, raw: Any, min_scores: Sequence[float], *, classes: int, end2end: bool) -> list[Rows]:
        """`raw` is a tensor (N, 4 + classes, anchors), or (N, boxes, 6) of an end-to-end head, on any device.

        Suppressing at the lowest score asked for and filtering afterwards gives what suppressing at each
        score would: a box is only ever suppressed by one that scores higher.
        """
        if raw.device.type == "cpu" and not end2end:
            pictures = raw.float().numpy()
            return [self._picture(one, score, classes) for one, score in zip(pictures, min_scores, strict=True)]
        from ultralytics.utils.nms import non_max_suppression

        found = non_max_suppression(
            raw, min(min_scores), self.iou, nc=classes, max_det=self.max_det, end2end=end2end, max_time_img=1.0
        )
        arrays = [np.asarray(boxes[:, :6].float().cpu().numpy(), np.float32) for boxes in found]
        return [rows[rows[:, 4] >= score] for rows, score in zip(arrays, min_scores, strict=True)]

    def _picture(self, raw: NDArray[np.float32], min_score: float, classes: int) -> Rows:
        """(4 + classes, anchors) of one picture; on a CPU a tenth of what the many small steps in torch cost."""
        import cv2  # not where a model is only named

        candidates = np.flatnonzero(raw[4 : 4 + classes].max(axis=0) > min_score)
        if not len(candidates):
            return np.zeros((0, 6), np.float32)
        scores = raw[4 : 4 + classes, candidates]
        confidence, class_id = scores.max(axis=0), scores.argmax(axis=0)
        centre, size = raw[:2, candidates].T, raw[2:4, candidates].T
        corner = centre - size / 2
        xywh = np.concatenate([corner, size], axis=1, dtype=np.float64)
        kept = cv2.dnn.NMSBoxesBatched(xywh.tolist(), confidence.tolist(), class_id.tolist(), min_score, self.iou)[
            : self.max_det
        ]
        rows: Rows = np.column_stack([corner, centre + size / 2, confidence, class_id])[kept].astype(np.float32)
        return rows
