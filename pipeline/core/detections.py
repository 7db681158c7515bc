"""What a model saw in one frame, as a struct of arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FEATURES = "features"
"""The attribute in which a model tells how its detections look, (N, F): what is alike points the same way."""


@dataclass(frozen=True, slots=True)
class Detections:
    """N detections of one frame.

    `xyxy` is (N, 4) float32 in pixels of the analysed frame, `confidence` (N,) float32 in 0..1, `class_id`
    (N,) int32, `labels` names the classes. `track_id` is (N,) int64 once tracked. `masks` is
    (N, height, width) bool and covers the whole frame, at a resolution of its own; `keypoints` is (N, K, 3): x and y
    in pixels of the frame, confidence. Empty means "looked, nothing there"; a frame that was
    not looked at has no Detections at all.
    """

    xyxy: NDArray[np.float32]
    confidence: NDArray[np.float32]
    class_id: NDArray[np.int32]
    labels: Mapping[int, str]
    track_id: NDArray[np.int64] | None = None
    masks: NDArray[np.bool_] | None = None
    keypoints: NDArray[np.float32] | None = None
    attributes: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)

    @classmethod
    def empty(cls, labels: Mapping[int, str] | None = None) -> "Detections":
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32), labels or {})

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Detections":
        """The detections chosen by a mask or by indices, every array alike."""
        return Detections(
            self.xyxy[chosen],
            self.confidence[chosen],
            self.class_id[chosen],
            self.labels,
            None if self.track_id is None else self.track_id[chosen],
            None if self.masks is None else self.masks[chosen],
            None if self.keypoints is None else self.keypoints[chosen],
            {name: values[chosen] for name, values in self.attributes.items()},
        )

    def label(self, index: int) -> str:
        class_id = int(self.class_id[index])
        return self.labels.get(class_id, str(class_id))
