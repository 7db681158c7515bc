"""The model type `yolo`: ultralytics' detectors, on any backend."""

from collections.abc import Mapping
from threading import RLock
from typing import Annotated

from pydantic import Field

from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError
from pipeline.core.frame import Frame
from pipeline.models import weights
from pipeline.models.backends.choice import NetworkOptions, choose
from pipeline.models.found import Found
from pipeline.models.int8 import Precision
from pipeline.models.letterbox import Letterbox
from pipeline.models.metadata import Metadata
from pipeline.models.network import Size
from pipeline.models.served import Served, translated
from pipeline.models.suppression import Suppression
from pipeline.models.yolo_head import YoloHead

TASKS = ("detect", "segment", "pose")


class Yolo:
    """A detector that every camera which names it shares; `detect` is called on any event loop."""

    class Options(NetworkOptions):
        iou: Annotated[float, Field(gt=0, le=1)] = 0.7
        """Two boxes of one class that overlap more are one."""
        max_det: Annotated[int, Field(ge=1, le=1000)] = 300
        precision: Precision = "auto"
        """`auto` takes the eight-bit model that `framewatch models optimize` installed, where it did; `full` never."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lock = RLock()
        self._metadata: Metadata | None = None
        self._served: Served[Found] | None = None

    def load(self) -> None:
        """Finds the weights and makes them ready for a 16:9 camera; seconds. Raises ModelError. Idempotent."""
        with self._lock:
            if self._served is None:
                with translated(self._options.weights, "cannot be loaded"):
                    served, self._metadata = self._found()
                    served.load()
                self._served = served
            self._served.begin(self._letterbox((16, 9)).input_hw)

    @property
    def labels(self) -> Mapping[int, str]:
        return self._about.names

    @property
    def description(self) -> str:
        """What runs where: `yolov8n openvino CPU 640x384`."""
        return self._loaded.description

    async def detect(self, frame: Frame, *, min_score: float) -> Detections:
        letterbox = self._letterbox(frame.resolution_wh)
        found = await self._loaded.ask(frame, letterbox, min_score=min_score)
        return found.detections(letterbox, self.labels)

    def close(self) -> None:
        """Ends every wait with ModelError; idempotent."""
        if self._served is not None:
            self._served.close()

    def _found(self) -> tuple[Served[Found], Metadata]:
        path = weights.resolve(self._options.weights)
        network, metadata = choose(self._options, path, precision=self._options.precision), Metadata.of(path)
        if metadata.task not in TASKS:
            raise ModelError(f"{path.name} is a model for {metadata.task!r}, wanted one for {', '.join(TASKS)}")
        head = YoloHead(metadata, Suppression(self._options.iou, self._options.max_det))
        return Served(self._options.weights, network, head), metadata

    @property
    def _loaded(self) -> Served[Found]:
        if self._served is None:
            raise ModelError(f"model {self._options.weights!r} is not loaded")
        return self._served

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
