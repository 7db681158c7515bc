"""Inference with ONNX Runtime, on the CPU or on CUDA."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import MissingExtraError, ModelError
from pipeline.core.frame import Image
from pipeline.models import export
from pipeline.models.look import Look
from pipeline.models.network import NO_CONSTANTS, Constants, Size
from pipeline.models.pixels import AS_ULTRALYTICS, Pixels
from pipeline.models.planes import Memory

Outputs = Sequence[NDArray[Any]]


def onnxruntime() -> Any:
    """The module; raises MissingExtraError."""
    try:
        import onnxruntime as module
    except ImportError:
        raise MissingExtraError("onnxruntime", "onnx") from None
    return module


class OnnxNetwork:
    """`weights` is a PyTorch file, exported once for each size, or an `.onnx` file.

    A thread of its own runs the inferences, so that one that hangs is noticed; two are in flight, that it has work
    while the last answer is read.
    """

    in_flight = 2
    planes_memory: Memory | None = None

    def __init__(
        self,
        weights: Path,
        *,
        device: str,
        half: bool,
        max_batch: int,
        pixels: Pixels = AS_ULTRALYTICS,
        constants: Constants = NO_CONSTANTS,
        features: bool = False,
    ) -> None:
        self._weights = weights
        self._features = features
        self._pixels = pixels
        self._constants = constants
        self._device = device
        self._half = half
        self._is_exported = weights.suffix == ".onnx"
        self._sessions: dict[Size, Any] = {}
        self._batch: int | None = None
        """The one size of batch that the model takes; None where any will do."""
        self.max_batch = max_batch if device.startswith("cuda") else 1
        self.fixed_hw: Size | None = None
        self._runner = self._new_runner()

    def load(self) -> None:
        self._providers = self._chosen_providers()
        if self._is_exported:
            self._session = self._opened(self._weights)
            batch, _, *size = self._picture_input(self._session).shape
            if all(isinstance(side, int) for side in size):
                self.fixed_hw = (size[0], size[1])
            if isinstance(batch, int):
                self.max_batch = self._batch = batch

    @property
    def description(self) -> str:
        return f"onnx {self._device.upper()}{' fp16' if self._half else ''}"

    def prepare(self, input_hw: Size) -> None:
        if self._is_exported:
            self._sessions[input_hw] = self._session
            return
        recipe = export.Recipe("onnx", input_hw, half=self._half, most=self.max_batch, features=self._features)
        self._sessions[input_hw] = export.opened(self._weights, recipe, self._opened)

    def start(self, looks: Sequence[Look]) -> "Future[Outputs]":
        input_hw = looks[0].letterbox.input_hw
        canvas = np.empty((self._batch or len(looks), *input_hw, 3), np.uint8)
        for picture, look in zip(canvas, looks, strict=False):
            look.letterbox.fill(picture, look.content)
        return self._runner.submit(self._run, self._sessions[input_hw], canvas)

    def finished(self, started: "Future[Outputs]", wait_s: float) -> bool:
        try:
            started.exception(wait_s)
        except TimeoutError:
            return False
        return True

    @contextmanager
    def outputs(self, started: "Future[Outputs]") -> Iterator[Outputs]:
        yield started.result()

    def restart(self) -> None:
        self._runner.shutdown(wait=False, cancel_futures=True)
        self._runner = self._new_runner()

    def close(self) -> None:
        self._runner.shutdown(wait=False, cancel_futures=True)
        self._sessions.clear()

    def _run(self, session: Any, canvas: Image) -> Outputs:
        wanted = self._picture_input(session)
        blob: NDArray[Any] = self._pixels.blob(canvas)
        if wanted.type == "tensor(float16)":
            blob = blob.astype(np.float16)
        hw: Size = canvas.shape[1:3]
        more = {name: np.repeat(value(hw), len(canvas), axis=0) for name, value in self._constants.items()}
        outputs: Outputs = session.run(None, {wanted.name: blob, **more})
        return outputs

    def _picture_input(self, session: Any) -> Any:
        return next(port for port in session.get_inputs() if port.name not in self._constants)

    def _opened(self, path: Path) -> Any:
        return onnxruntime().InferenceSession(path, providers=self._providers)

    def _chosen_providers(self) -> list[Any]:
        module = onnxruntime()
        if not self._device.startswith("cuda"):
            return ["CPUExecutionProvider"]
        there = module.get_available_providers()
        if "CUDAExecutionProvider" not in there:
            raise ModelError(
                f"device {self._device}: this ONNX Runtime has no CUDA provider (it has {', '.join(there)}); "
                "onnxruntime-gpu instead of onnxruntime brings it"
            )
        module.preload_dlls()  # torch's CUDA, where the system has none
        number = int(self._device.partition(":")[2] or 0)
        return [("CUDAExecutionProvider", {"device_id": number}), "CPUExecutionProvider"]

    @staticmethod
    def _new_runner() -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="model-onnx")
