"""The `detect` stage: asks the camera's model what is in the frame, and believes what the filters let through."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.camera import Objects
from pipeline.core.context import Context
from pipeline.core.contracts import StageSetup
from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError
from pipeline.core.options import Options as BaseOptions


class Detect:
    """One for each camera; the model behind it is shared.

    A frame that the model failed on raises ModelError: it never becomes "nothing was there".
    """

    class Options(BaseOptions):
        model: str = "general"
        """A name under `models`."""
        fps: Annotated[float, Field(gt=0)] = 5.0
        """Frames a second that are looked at; the runner leaves out the others."""
        max_disappeared: Annotated[int, Field(ge=0)] = 25
        """Frames at that rate that an unseen object is kept for; the tracker keeps it."""

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._objects = setup.camera.objects
        self._detector = setup.models.detector(options.model)
        self._tracked = _tracked_ids(self._objects, self._detector.labels, options.model)
        self._min_score = min((self._objects.filter(label).min_score for label in self._objects.track), default=1.0)

    async def process(self, ctx: Context) -> None:
        found = await self._detector.detect(ctx.frame, min_score=self._min_score)
        ctx.detections = found[self._believed(found, ctx.frame.resolution_wh)]

    def _believed(self, found: Detections, resolution_wh: tuple[int, int]) -> NDArray[np.bool_]:
        width, height = np.maximum(found.xyxy[:, 2:] - found.xyxy[:, :2], 1e-6).T
        area, ratio = width * height / (resolution_wh[0] * resolution_wh[1]), width / height
        believed = np.zeros(len(found), np.bool_)
        for class_id, label in self._tracked.items():
            wanted = self._objects.filter(label)
            believed |= (
                (found.class_id == class_id)
                & (found.confidence >= wanted.min_score)
                & (area >= wanted.min_area)
                & (area <= wanted.max_area)
                & (ratio >= wanted.min_ratio)
                & (ratio <= wanted.max_ratio)
            )
        return believed


def _tracked_ids(objects: Objects, labels: Mapping[int, str], model: str) -> dict[int, str]:
    """The model's classes that are tracked; raises ModelError for a label that the model does not know."""
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
