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
    """Arrays side by side; a mask chooses detections from the first three.

    `first` says which are matched first, the others (`second`) can only go on with an object; what is in neither
    is left out, as is what has no size. `begins` are those sure enough to begin one. `match_thresh` is the largest
    distance to each, (N,), or to all, ().
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

    def limits(self, columns: list[int]) -> Floats:
        """The largest distances to these."""
        limits: Floats = self.match_thresh[columns] if self.match_thresh.ndim else self.match_thresh
        return limits

    def __getitem__(self, chosen: Mask) -> "Found":
        return replace(self, xyxy=self.xyxy[chosen], conf=self.conf[chosen], cls=self.cls[chosen])


@dataclass(frozen=True, slots=True)
class Step:
    """What a tracker made of one frame; tracks that are in neither have ended."""

    seen: dict[int, int]
    """Track → index of its detection."""
    missed: frozenset[int]
    """Tracks that were looked for in vain."""
    boxes: dict[int, Floats]
    """Track → where it is, of those that are seen, where the tracker knows that better than the detection."""


def joined(sure: Detections, weak: Detections | None) -> Detections:
    """The weak ones behind the others; an attribute, masks or keypoints that not both have are left out."""
    if weak is None or not len(weak):
        return sure
    both = sure.attributes.keys() & weak.attributes.keys()
    return Detections(
        np.concatenate([sure.xyxy, weak.xyxy]),
        np.concatenate([sure.confidence, weak.confidence]),
        np.concatenate([sure.class_id, weak.class_id]),
        sure.labels,
        masks=_together(sure.masks, weak.masks),
        keypoints=_together(sure.keypoints, weak.keypoints),
        attributes={name: np.concatenate([sure.attributes[name], weak.attributes[name]]) for name in both},
    )


def _together(sure: NDArray[Any] | None, weak: NDArray[Any] | None) -> NDArray[Any] | None:
    return None if sure is None or weak is None else np.concatenate([sure, weak])
