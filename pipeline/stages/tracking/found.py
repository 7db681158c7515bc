"""What was found in a frame, as ultralytics' trackers want it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.detections import Detections

Floats = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """Arrays side by side that a mask chooses from.

    `first` says which are matched first, the others (`second`) can only go on with an object; what is in neither
    is left out. `begins` are those sure enough to begin one. `match_thresh` is the largest distance to each.
    """

    xyxy: Floats
    conf: Floats
    cls: NDArray[np.integer[Any]]
    first: Mask
    second: Mask
    begins: Mask
    match_thresh: Floats
    features: Floats | None = None

    @property
    def xywh(self) -> Floats:
        size = self.xyxy[:, 2:] - self.xyxy[:, :2]
        return np.concatenate([self.xyxy[:, :2] + size / 2, size], axis=1)

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, chosen: Mask) -> "Found":
        return Found(
            self.xyxy[chosen],
            self.conf[chosen],
            self.cls[chosen],
            self.first[chosen],
            self.second[chosen],
            self.begins[chosen],
            self.match_thresh[chosen],
            None if self.features is None else self.features[chosen],
        )


def joined(sure: Detections, weak: Detections | None) -> Detections:
    """The weak ones behind the others; an attribute, masks or keypoints that not both have are left out."""
    if weak is None or not len(weak):
        return sure
    both = sure.attributes.keys() & weak.attributes.keys()
    return replace(
        sure,
        xyxy=np.concatenate([sure.xyxy, weak.xyxy]),
        confidence=np.concatenate([sure.confidence, weak.confidence]),
        class_id=np.concatenate([sure.class_id, weak.class_id]),
        masks=_together(sure.masks, weak.masks),
        keypoints=_together(sure.keypoints, weak.keypoints),
        attributes={name: np.concatenate([sure.attributes[name], weak.attributes[name]]) for name in both},
    )


def _together(sure: NDArray[Any] | None, weak: NDArray[Any] | None) -> NDArray[Any] | None:
    return None if sure is None or weak is None else np.concatenate([sure, weak])
