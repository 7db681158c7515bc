"""The model type `yolo`: ultralytics' detectors, on any backend."""

import logging
from collections.abc import Mapping
from pathlib import Path
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
from pipeline.models.metadata import Metadata, form_of
from pipeline.models.served import Served, translated
from pipeline.models.suppression import Suppression
from pipeline.models.yolo_head import YoloHead

TASKS = ("detect", "segment", "pose")

log = logging.getLogger(__name__)


class Yolo:
    """A detector that every camera which names it shares; `detect` is called on any event loop."""

    class Options(NetworkOptions):
        iou: Annotated[float, Field(gt=0, le=1)] = 0.7
        """Two boxes of one class that overlap more are one."""
        max_det: Annotated[int, Field(ge=1, le=1000)] = 300
        precision: Precision = "auto"
        """`auto` takes the eight-bit model that `framewatch models optimize` installed, where it did; `full` never."""
        features: bool = False
        """Tells how things look, too; a camera whose `track` goes by that (`with_reid`) sees to it by itself."""

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
        has_features = self._has_features(path)
        network = choose(self._options, path, precision=self._options.precision, features=has_features)
        metadata = Metadata.of(path)
        if metadata.task not in TASKS:
            raise ModelError(f"{path.name} is a model for {metadata.task!r}, wanted one for {', '.join(TASKS)}")
        suppression = Suppression(self._options.iou, self._options.max_det)
        head = YoloHead(metadata, suppression, has_features=has_features)
        return Served(self._options.weights, network, head), metadata

    def _has_features(self, path: Path) -> bool:
        if self._options.features and form_of(path) != "torch":
            log.warning("%s was exported already and cannot tell how things look: weights (.pt) can", path.name)
            return False
        return self._options.features

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
        fixed_hw, imgsz = self._loaded.fixed_hw, self._options.imgsz
        if self._about.is_rtdetr:
            return Letterbox.stretched(frame_wh, fixed_hw or (imgsz, imgsz))
        if fixed_hw is not None:
            return Letterbox.fixed(frame_wh, fixed_hw)
        return Letterbox.rectangular(frame_wh, imgsz, self._about.stride)
