"""The model type `yolo`: ultralytics' detectors, on torch or OpenVINO."""

import asyncio
import importlib.util
import platform
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Annotated, Literal, Protocol, Self

import numpy as np
from pydantic import Field, model_validator

from pipeline.core.detections import Detections
from pipeline.core.errors import FramewatchError, ModelError
from pipeline.core.frame import Frame
from pipeline.core.options import Options as BaseOptions
from pipeline.models import weights
from pipeline.models.letterbox import Letterbox
from pipeline.models.look import Look, Rows
from pipeline.models.scheduler import Backend, Scheduler
from pipeline.models.suppression import Suppression

Size = tuple[int, int]


class YoloBackend(Backend[Look, Rows], Protocol):
    """A backend that knows its model; `load` and `prepare` block, and may come from other threads."""

    labels: dict[int, str]
    stride: int
    fixed_hw: Size | None
    """The one input size that an exported model takes; None where any will do."""

    @property
    def description(self) -> str: ...

    def load(self) -> None: ...

    def prepare(self, input_hw: Size) -> None:
        """Makes the backend ready for a size of input; called once for each, before the first of it is started."""
        ...


class Yolo:
    """A detector that every camera which names it shares; `detect` is called on any event loop."""

    class Options(BaseOptions):
        weights: str = weights.DEFAULT
        """A name, a path, or the folder of an exported OpenVINO model."""
        imgsz: Annotated[int, Field(ge=32, le=4096, multiple_of=32)] = 640
        """The longer side of the network's input; the shorter follows the camera's shape."""
        device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")] = "auto"
        backend: Literal["auto", "torch", "openvino"] = "auto"
        half: bool | None = None
        """Half precision; unset means on CUDA only."""
        iou: Annotated[float, Field(gt=0, le=1)] = 0.7
        """Two boxes of one class that overlap more are one."""
        max_det: Annotated[int, Field(ge=1, le=1000)] = 300
        max_batch: Annotated[int, Field(ge=1, le=128)] = 16
        """Pictures that CUDA takes at once; a CPU takes one."""

        @model_validator(mode="after")
        def _fits(self) -> Self:
            if self.backend == "openvino" and self.device.startswith("cuda"):
                raise ValueError("backend torch for a CUDA device, OpenVINO has none")
            return self

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lock = RLock()
        self._ready: dict[Size, Future[None]] = {}
        self._backend: YoloBackend | None = None
        self._scheduler: Scheduler[Look, Rows] | None = None
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="model-frames")
        self._preparing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model-prepare")

    def load(self) -> None:
        """Finds the weights and makes them ready for a 16:9 camera; seconds. Raises ModelError. Idempotent."""
        with self._lock:
            if self._scheduler is not None:
                return
            with self._translated("cannot be loaded"):
                backend = choose_backend(self._options)
                backend.load()
            self._backend = backend
            self._prepared(self._letterbox((16, 9)).input_hw).result()
            self._scheduler = Scheduler(backend, name=Path(self._options.weights).name)

    @property
    def labels(self) -> Mapping[int, str]:
        return self._loaded.labels

    @property
    def description(self) -> str:
        """What runs where: `yolov8n openvino CPU 640x384`."""
        sizes = " ".join(f"{width}x{height}" for height, width in self._ready)
        return f"{Path(self._options.weights).stem} {self._loaded.description} {sizes}"

    async def detect(self, frame: Frame, *, min_score: float) -> Detections:
        scheduler, loop = self._scheduler, asyncio.get_running_loop()
        if scheduler is None:
            raise ModelError(f"model {self._options.weights!r} is not loaded")
        letterbox = self._letterbox(frame.resolution_wh)
        prepared = self._prepared(letterbox.input_hw)
        if not prepared.done():  # a shape that no camera had so far; the other cameras go on meanwhile
            await asyncio.shield(asyncio.wrap_future(prepared))
        content = await loop.run_in_executor(self._threads, frame.rgb, *letterbox.content_wh)
        rows = await scheduler.submit(frame.camera, Look(content, letterbox, min_score), letterbox.input_hw)
        return Detections(letterbox.to_frame(rows[:, :4]), rows[:, 4], rows[:, 5].astype(np.int32), self._loaded.labels)

    def close(self) -> None:
        """Ends every wait with ModelError; idempotent."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.close()
        self._threads.shutdown(cancel_futures=True)
        self._preparing.shutdown(cancel_futures=True)

    @property
    def _loaded(self) -> YoloBackend:
        if self._backend is None:
            raise ModelError(f"model {self._options.weights!r} is not loaded")
        return self._backend

    def _letterbox(self, frame_wh: Size) -> Letterbox:
        backend = self._loaded
        if backend.fixed_hw is not None:
            return Letterbox.fixed(frame_wh, backend.fixed_hw)
        return Letterbox.rectangular(frame_wh, self._options.imgsz, backend.stride)

    def _prepared(self, input_hw: Size) -> "Future[None]":
        """Done once the backend takes this size. There are few sizes: multiples of the stride, up to `imgsz`."""
        with self._lock:
            known = self._ready.get(input_hw)
            if known is None or (known.done() and known.exception()):
                known = self._ready[input_hw] = self._preparing.submit(self._prepare, input_hw)
            return known

    def _prepare(self, input_hw: Size) -> None:
        with self._translated(f"cannot be made ready for {input_hw[1]}x{input_hw[0]}"):
            self._loaded.prepare(input_hw)

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        """torch, ultralytics and OpenVINO raise what they like; past here it is ModelError."""
        try:
            yield
        except FramewatchError:
            raise
        except Exception as error:
            raise ModelError(f"weights {self._options.weights!r} {what}: {error}") from error


def choose_backend(options: Yolo.Options) -> YoloBackend:
    """CUDA where there is one, else OpenVINO on x86, else torch."""
    path = weights.resolve(options.weights)
    suppression = Suppression(options.iou, options.max_det)
    chosen, device = _choice(options, exported=path.is_dir())
    if chosen == "openvino":
        from pipeline.models.backends.openvino_backend import OpenVinoBackend

        return OpenVinoBackend(path, suppression, half=bool(options.half))
    from pipeline.models.backends.torch_backend import TorchBackend

    half = device.startswith("cuda") if options.half is None else options.half
    return TorchBackend(path, suppression, device=device, half=half, max_batch=options.max_batch)


def _choice(options: Yolo.Options, *, exported: bool) -> tuple[str, str]:
    """Backend and device."""
    if exported:
        if options.backend == "torch" or options.device.startswith("cuda"):
            raise ModelError(
                f"{options.weights!r} is an exported OpenVINO model: it runs on backend openvino, device cpu"
            )
        return "openvino", "cpu"
    if options.backend == "openvino":
        return "openvino", "cpu"
    device = _cuda_or_cpu() if options.device == "auto" else options.device
    if options.backend == "auto" and device == "cpu" and _openvino_fits():
        return "openvino", "cpu"
    return "torch", device


def _cuda_or_cpu() -> str:
    from pipeline.models.ultra import ultralytics

    ultralytics()  # before torch, for it sets what torch's threads start with
    import torch

    return "cuda:0" if torch.cuda.is_available() else "cpu"


def _openvino_fits() -> bool:
    return platform.machine().lower() in {"x86_64", "amd64"} and importlib.util.find_spec("openvino") is not None
