"""What a head found in one picture, still in the coordinates of the network's input."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.core.detections import FEATURES, Detections
from pipeline.models.letterbox import Letterbox


@dataclass(frozen=True, slots=True)
class Found:
    """`rows` is (N, 6): x1, y1, x2, y2, confidence, class.

    `masks` is (N, height, width) and covers the whole frame; `keypoints` (N, K, 3): x, y, confidence; `features`
    (N, F) say how things look.
    """

    rows: NDArray[np.float32]
    masks: NDArray[np.bool_] | None = None
    keypoints: NDArray[np.float32] | None = None
    features: NDArray[np.float32] | None = None

    def detections(self, letterbox: Letterbox, labels: Mapping[int, str]) -> Detections:
        """In pixels of the frame."""
        return Detections(
            letterbox.to_frame(self.rows[:, :4]),
            self.rows[:, 4],
            self.rows[:, 5].astype(np.int32),
            labels,
            masks=self.masks,
            keypoints=None if self.keypoints is None else _on_frame(self.keypoints, letterbox),
            attributes={} if self.features is None else {FEATURES: self.features},
        )


def _on_frame(keypoints: NDArray[np.float32], letterbox: Letterbox) -> NDArray[np.float32]:
    points = keypoints[..., :2].reshape(-1, 2)
    moved = letterbox.to_frame(np.tile(points, 2))[:, :2].reshape(*keypoints.shape[:2], 2)
    return np.concatenate((moved, keypoints[..., 2:]), axis=-1)
