"""The model type `yolo`: ultralytics' detectors, on any backend."""

from collections.abc import Mapping, Sequence
from threading import RLock
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError
from pipeline.core.frame import Frame
from pipeline.models import weights
from pipeline.models.backends.choice import NetworkOptions, choose
from pipeline.models.int8 import Precision
from pipeline.models.letterbox import Letterbox
from pipeline.models.look import Look, Rows
from pipeline.models.metadata import Metadata
from pipeline.models.served import Served, translated
from pipeline.models.suppression import Suppression
from pipeline.models.ultra import ultralytics


class YoloHead:
    """Boxes out of what ultralytics' detection heads give."""

    def __init__(self, metadata: Metadata, suppression: Suppression) -> None:
        ultralytics()  # brings torch, for the suppression
        self._metadata = metadata
        self._suppression = suppression

    def answers(self, outputs: Sequence[Any], looks: Sequence[Look]) -> list[Rows]:
        import torch

        raw = outputs[0] if isinstance(outputs[0], torch.Tensor) else torch.from_numpy(outputs[0])
        return self._suppression.rows(
            raw[: len(looks)],
            [look.min_score for look in looks],
            classes=len(self._metadata.names),
            end2end=self._metadata.end2end,
        )


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
        self._served: Served[Rows] | None = None

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
        rows = await self._loaded.ask(frame, letterbox, min_score=min_score)
        return Detections(letterbox.to_frame(rows[:, :4]), rows[:, 4], rows[:, 5].astype(np.int32), self.labels)

    def close(self) -> None:
        """Ends every wait with ModelError; idempotent."""
        if self._served is not None:
            self._served.close()

    def _found(self) -> tuple[Served[Rows], Metadata]:
        path = weights.resolve(self._options.weights)
        network, metadata = choose(self._options, path, precision=self._options.precision), Metadata.of(path)
        if metadata.task != "detect":
            raise ModelError(f"{path.name} is a model for {metadata.task!r}, wanted one for 'detect'")
        head = YoloHead(metadata, Suppression(self._options.iou, self._options.max_det))
        return Served(self._options.weights, network, head), metadata

    @property
    def _loaded(self) -> Served[Rows]:
        if self._served is None:
            raise ModelError(f"model {self._options.weights!r} is not loaded")
        return self._served

    @property
    def _about(self) -> Metadata:
        if self._metadata is None:
            raise ModelError(f"model {self._options.weights!r} is not loaded")
        return self._metadata

    def _letterbox(self, frame_wh: tuple[int, int]) -> Letterbox:
        fixed_hw = self._loaded.fixed_hw
        if fixed_hw is not None:
            return Letterbox.fixed(frame_wh, fixed_hw)
        return Letterbox.rectangular(frame_wh, self._options.imgsz, self._about.stride)
