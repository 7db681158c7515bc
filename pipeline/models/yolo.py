"""The model type `yolo`: ultralytics' detectors, on any backend."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from pipeline.core.errors import ModelError
from pipeline.models import weights
from pipeline.models.backends.choice import NetworkOptions, choose
from pipeline.models.detection import SharedDetector
from pipeline.models.found import Found
from pipeline.models.int8 import Precision
from pipeline.models.letterbox import Letterbox
from pipeline.models.metadata import Metadata, form_of
from pipeline.models.network import Size
from pipeline.models.served import Served
from pipeline.models.suppression import Suppression
from pipeline.models.yolo_head import YoloHead

TASKS = ("detect", "segment", "pose")

log = logging.getLogger(__name__)


class Yolo(SharedDetector):
    """Their own preprocessing, their own labels."""

    class Options(NetworkOptions):
        iou: Annotated[float, Field(gt=0, le=1)] = 0.7
        """Two boxes of one class that overlap more are one."""
        max_det: Annotated[int, Field(ge=1, le=1000)] = 300
        precision: Precision = "auto"
        """`auto` takes the eight-bit model that `framewatch models optimize` installed, where it did; `full` never."""
        features: bool = False
        """Tells how things look, too; a camera whose `track` goes by that (`with_reid`) sees to it by itself."""

    def __init__(self, options: Options) -> None:
        super().__init__(options.weights)
        self._options = options
        self._metadata: Metadata | None = None

    @property
    def labels(self) -> Mapping[int, str]:
        return self._about.names

    def _find(self) -> Served[Found]:
        path = weights.resolve(self._options.weights)
        has_features = self._has_features(path)
        network = choose(self._options, path, precision=self._options.precision, features=has_features)
        self._metadata = metadata = Metadata.of(path)
        if metadata.task not in TASKS:
            raise ModelError(f"{path.name} is a model for {metadata.task!r}, wanted one for {', '.join(TASKS)}")
        suppression = Suppression(self._options.iou, self._options.max_det)
        head = YoloHead(metadata, suppression, has_features=has_features)
        return Served(self._options.weights, network, head)

    def _has_features(self, path: Path) -> bool:
        if self._options.features and form_of(path) != "torch":
            log.warning("%s was exported already and cannot tell how things look: weights (.pt) can", path.name)
            return False
        return self._options.features

    @property
    def _about(self) -> Metadata:
        if self._metadata is None:
            raise ModelError(f"model {self._options.weights!r} is not loaded")
        return self._metadata

    def _letterbox(self, frame_wh: tuple[int, int]) -> Letterbox:
        return placed(frame_wh, self._about, self._options.imgsz, self._loaded.fixed_hw)


def placed(frame_wh: tuple[int, int], about: Metadata, imgsz: int, fixed_hw: Size | None = None) -> Letterbox:
    """How such a network takes a frame; `fixed_hw` is its input where that can be no other."""
    if about.is_rtdetr:
        return Letterbox.stretched(frame_wh, fixed_hw or (imgsz, imgsz))
    if fixed_hw is not None:
        return Letterbox.fixed(frame_wh, fixed_hw)
    return Letterbox.rectangular(frame_wh, imgsz, about.stride)
