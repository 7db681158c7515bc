"""Inference with OpenVINO: static shapes, as many asynchronous requests at work as the device likes best.

For the CPU every model is compiled twice: one picture at a time on all cores, and several at a time on their share of
them (two on two cores). The first is half as slow for a camera that is alone, the second does a fifth more where work
always waits.

The requests are our own and are waited for with a time limit: `AsyncInferQueue` is known to hang on some CPUs
(ultralytics issue 25923).
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.core.errors import ModelError
from pipeline.core.frame import Image
from pipeline.models import export, int8
from pipeline.models.int8 import Precision
from pipeline.models.intel import openvino
from pipeline.models.look import Look
from pipeline.models.network import NO_CONSTANTS, Constants, Size
from pipeline.models.pixels import AS_ULTRALYTICS, Pixels
from pipeline.models.planes import Memory

_LEAST_AT_WORK = 2
_AHEAD = 1
"""Requests that wait inside OpenVINO: a core that is done goes on at once, not when a busy Python comes round."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Request:
    """An OpenVINO request and the picture that it reads, which is kept."""

    infer: Any
    canvas: Image


@dataclass(slots=True)
class _Prepared:
    """The free requests for one size: one that takes all cores, and those that share them."""

    alone: list[_Request]
    shared: list[_Request]

    def take(self, *, alone: bool) -> tuple[_Request, list[_Request]]:
        """A request, and where it comes back to."""
        home = self.alone if alone and self.alone else self.shared
        return home.pop(), home


class OpenVinoNetwork:
    """`weights` is a PyTorch file, exported once for each size, or a model: OpenVINO's folder or an `.onnx` file.

    `device` is OpenVINO's name for it: CPU, GPU, GPU.1, NPU, AUTO.

    Where `framewatch models optimize` installed an eight-bit model for a size, that one runs, unless `precision` is
    `full`; `int8` wants at least one. With `half` unset the device calculates as it likes best: a CPU that has
    bfloat16 does so in that.
    """

    max_batch = 1
    planes_memory: Memory | None = None

    def __init__(
        self,
        weights: Path,
        *,
        half: bool | None,
        precision: Precision = "full",
        device: str = "CPU",
        pixels: Pixels = AS_ULTRALYTICS,
        constants: Constants = NO_CONSTANTS,
        features: bool = False,
    ) -> None:
        self._weights = weights
        self._features = features
        self._is_exported = weights.is_dir() or weights.suffix == ".onnx"
        self._half = half
        self._precision = precision
        self._is_int8: dict[Size, bool] = {}
        self._device = device
        self._pixels = pixels
        self._constants = constants
        self._prepared: dict[Size, _Prepared] = {}
        self._running: dict[int, list[_Request]] = {}
        """Where each request that runs comes back to, by its identity."""
        self._was_alone = True
        self._abandoned: list[_Prepared] = []
        self.fixed_hw: Size | None = None
        self.in_flight = _LEAST_AT_WORK + _AHEAD
        """Known once the first size is prepared; the others have as many."""

    def load(self) -> None:
        self._core = openvino().Core()
        if self._precision == "int8" and not (self._is_exported or int8.has_any(self._weights, "openvino")):
            raise ModelError("precision: int8 wants a model that is not there: run framewatch models optimize")
        self._check_device()
        if self._is_exported:
            height, width = self._picture_input(self._read(self._weights)).partial_shape[2:]
            if height.is_static and width.is_static:
                self.fixed_hw = (int(height.get_length()), int(width.get_length()))

    @property
    def description(self) -> str:
        sizes = dict(self._is_int8)  # another thread may be preparing one
        full = [f"{width}x{height}" for (height, width), is_int8 in sizes.items() if not is_int8]
        if len(full) < len(sizes):
            return f"openvino {self._device} int8" + (f" (full precision: {', '.join(full)})" if full else "")
        return f"openvino {self._device}{' fp16' if self._half else ''}"

    def prepare(self, input_hw: Size) -> None:
        try:
            self._prepare(input_hw)
        except RuntimeError as error:  # OpenVINO's
            if self._weights.suffix != ".onnx":
                raise
            raise ModelError(f"OpenVINO cannot run this ONNX file, backend: onnx may: {error}") from error

    def _prepare(self, input_hw: Size) -> None:
        model = self._read_for(input_hw)
        shared = self._compiled(model, "THROUGHPUT")
        if not self._prepared:
            at_work = shared.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
            self.in_flight = max(_LEAST_AT_WORK, at_work) + _AHEAD
        alone = [self._compiled(model, "LATENCY")] if self._device == "CPU" else []
        self._prepared[input_hw] = _Prepared(
            [self._request(each, input_hw) for each in alone],
            [self._request(shared, input_hw) for _ in range(self.in_flight)],
        )

    def start(self, looks: Sequence[Look]) -> _Request:
        (look,) = looks
        is_alone = not self._running
        request, home = self._prepared[look.letterbox.input_hw].take(alone=is_alone and self._was_alone)
        self._was_alone = is_alone
        try:
            look.letterbox.fill(request.canvas, look.content)
            request.infer.start_async()
        except BaseException:
            home.append(request)
            raise
        self._running[id(request)] = home
        return request

    def finished(self, request: _Request, wait_s: float) -> bool:
        return bool(request.infer.wait_for(max(1, round(wait_s * 1000))))

    @contextmanager
    def outputs(self, request: _Request) -> Iterator[list[Any]]:
        try:
            request.infer.wait()  # it has ended: raises what went wrong in it
            yield [tensor.data for tensor in request.infer.output_tensors]
        finally:
            self._running.pop(id(request)).append(request)

    def restart(self) -> None:
        self._running.clear()
        for input_hw, hanging in list(self._prepared.items()):
            self._abandoned.append(hanging)  # kept, for destroying a request waits for its end
            self.prepare(input_hw)

    def close(self) -> None:
        self._prepared.clear()

    def _read_for(self, input_hw: Size) -> Any:
        if self._is_exported:
            return self._shaped(self._weights, input_hw)
        recipe = export.Recipe("openvino", input_hw, half=bool(self._half), features=self._features)
        model = self._read_int8(recipe) if self._precision != "full" else None
        self._is_int8[input_hw] = model is not None
        return model or export.opened(self._weights, recipe, lambda folder: self._shaped(folder, input_hw))

    def _read_int8(self, recipe: export.Recipe) -> Any:
        """None where there is none, or it cannot be read."""
        folder = int8.installed(self._weights, recipe)
        if folder is None:
            return None
        try:
            return self._shaped(folder, recipe.input_hw)
        except RuntimeError as error:  # OpenVINO's
            log.warning("%s cannot be read, full precision runs; models optimize makes it anew: %s", folder, error)
            return None

    def _check_device(self) -> None:
        there = self._core.available_devices
        kind = self._device.partition(".")[0]
        if kind != "AUTO" and not any(name == self._device or name.partition(".")[0] == self._device for name in there):
            raise ModelError(f"OpenVINO sees no device {self._device} here; it sees {', '.join(there)}")

    def _read(self, weights: Path) -> Any:
        path = weights if weights.suffix == ".onnx" else next(weights.glob("*.xml"), None)
        if path is None:
            raise ModelError(f"{weights}: no .xml; wanted an exported OpenVINO model")
        return self._core.read_model(path)

    def _picture_input(self, model: Any) -> Any:
        return next(port for port in model.inputs if port.any_name not in self._constants)

    def _shaped(self, weights: Path, input_hw: Size) -> Any:
        """Reads one picture, height x width x channels, 0..255."""
        from openvino import Layout, Type
        from openvino.preprocess import PrePostProcessor

        model = self._read(weights)
        picture = self._picture_input(model).any_name
        constants = {name: list(value(input_hw).shape) for name, value in self._constants.items()}
        model.reshape({picture: [1, 3, *input_hw], **constants})
        steps = PrePostProcessor(model)
        steps.input(picture).tensor().set_element_type(Type.u8).set_layout(Layout("NHWC"))
        steps.input(picture).model().set_layout(Layout("NCHW"))
        self._pixels.put_into(steps.input(picture).preprocess().convert_element_type(Type.f32))
        return steps.build()

    def _compiled(self, model: Any, hint: str) -> Any:
        hints = {"PERFORMANCE_HINT": hint}
        if self._half is False:
            hints["INFERENCE_PRECISION_HINT"] = "f32"
        return self._core.compile_model(model, self._device, hints)

    def _request(self, model: Any, input_hw: Size) -> _Request:
        from openvino import Tensor

        canvas = np.empty((*input_hw, 3), np.uint8)
        infer = model.create_infer_request()
        infer.set_tensor(self._picture_input(model), Tensor(canvas[None], shared_memory=True))
        for name, value in self._constants.items():
            infer.set_tensor(name, Tensor(value(input_hw)))
        return _Request(infer, canvas)
