"""The model type `yolo`: ultralytics' detectors, on any backend."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from pipeline.core.errors import ModelError
from pipeline.models import weights
from pipeline.models.backends.choice import NetworkOptions, choose
from pipeline.models.detection import SharedDetector
from pipeline.models.found import Found
from pipeline.models.int8 import Precision
from pipeline.models.letterbox import Letterbox
from pipeline.models.metadata import Metadata
from pipeline.models.network import Size
from pipeline.models.served import Served
from pipeline.models.suppression import Suppression
from pipeline.models.yolo_head import YoloHead

TASKS = ("detect", "segment", "pose")


class Yolo(SharedDetector):
    """Their own preprocessing, their own labels."""

    class Options(NetworkOptions):
        iou: Annotated[float, Field(gt=0, le=1)] = 0.7
        """Two boxes of one class that overlap more are one."""
        max_det: Annotated[int, Field(ge=1, le=1000)] = 300
        precision: Precision = "auto"
        """`auto` takes the eight-bit model that `framewatch models optimize` installed, where it did; `full` never."""

    def __init__(self, options: Options) -> None:
        super().__init__(options.weights)
        self._options = options
        self._metadata: Metadata | None = None

    @property
    def labels(self) -> Mapping[int, str]:
        return self._about.names

    def _find(self) -> Served[Found]:
        served, self._metadata = self._found()
        return served

    def _found(self) -> tuple[Served[Found], Metadata]:
        path = weights.resolve(self._options.weights)
        network, metadata = choose(self._options, path, precision=self._options.precision), Metadata.of(path)
        if metadata.task not in TASKS:
            raise ModelError(f"{path.name} is a model for {metadata.task!r}, wanted one for {', '.join(TASKS)}")
        head = YoloHead(metadata, Suppression(self._options.iou, self._options.max_det))
        return Served(self._options.weights, network, head), metadata

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
