"""From a network's raw output to boxes: ultralytics' own, so that every backend answers alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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
        from ultralytics.utils.nms import non_max_suppression

        found = non_max_suppression(
            raw, min(min_scores), self.iou, nc=classes, max_det=self.max_det, end2end=end2end, max_time_img=1.0
        )
        arrays = [np.asarray(boxes[:, :6].float().cpu().numpy(), np.float32) for boxes in found]
        return [rows[rows[:, 4] >= score] for rows, score in zip(arrays, min_scores, strict=True)]
