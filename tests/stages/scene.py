"""What the tests of the stages share: a camera, frames at given times, and boxes that move."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import av
import numpy as np

from pipeline.core.camera import Camera
from pipeline.core.clock import ManualClock
from pipeline.core.context import Context
from pipeline.core.contracts import Models, StageSetup
from pipeline.core.detections import Detections
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.objects import Box, TrackedObject

START = 1_700_000_000.0
WIDTH, HEIGHT = 640, 360
LABELS: Mapping[int, str] = {0: "person", 2: "car", 7: "truck"}

_PICTURE = av.VideoFrame.from_ndarray(np.zeros((HEIGHT, WIDTH, 3), np.uint8), format="bgr24")


def no_plugins(kind: str, type: str) -> Any:
    raise AssertionError(f"nobody needs the {kind} {type}")


def setup(camera: Camera, plugin: Any = no_plugins) -> StageSetup:
    return StageSetup(camera=camera, models=cast(Models, None), clock=ManualClock(), plugin=plugin)


def context(
    camera: Camera,
    seconds: float,
    *,
    boxes: Sequence[Box] | None = None,
    scores: Sequence[float] | None = None,
    classes: Sequence[int] | None = None,
    features: Sequence[Sequence[float]] | None = None,
    weak: Sequence[Box] | None = None,
    weak_scores: Sequence[float] = (),
    motion: tuple[Box, ...] | None = None,
    objects: Sequence[TrackedObject] = (),
    events: list[Event] | None = None,
) -> Context:
    """The frame `seconds` after the start, with detections at relative boxes (None: nobody looked)."""
    frame = Frame(_PICTURE, camera=camera.name, seq=0, pts_90k=round(seconds * 90_000), captured_at=START + seconds)
    found = unsure = None
    if boxes is not None:
        found = _detections(boxes, scores if scores is not None else [0.9] * len(boxes), classes)
        if features is not None:
            found = replace(found, attributes={"features": np.asarray(features, np.float32)})
    if weak is not None:
        unsure = _detections(weak, weak_scores)
    emitted = events if events is not None else []
    return Context(frame, camera, emitted.append, motion=motion, detections=found, weak=unsure, objects=list(objects))


def _detections(boxes: Sequence[Box], scores: Sequence[float], classes: Sequence[int] | None = None) -> Detections:
    return Detections(
        np.asarray(boxes, np.float32).reshape(-1, 4) * np.array([WIDTH, HEIGHT, WIDTH, HEIGHT], np.float32),
        np.asarray(scores, np.float32),
        np.asarray(classes if classes is not None else [0] * len(boxes), np.int32),
        LABELS,
    )


def at(x: float, y: float, width: float = 0.06, height: float = 0.2) -> Box:
    """A box that stands on (x, y)."""
    return x - width / 2, y - height, x + width / 2, y
