"""Which backend runs a model on which device."""

import importlib.util
import platform
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.core.errors import ModelError
from pipeline.core.options import Options
from pipeline.models import weights as names
from pipeline.models.int8 import Precision
from pipeline.models.metadata import form_of
from pipeline.models.network import Network
from pipeline.models.pixels import AS_ULTRALYTICS, Pixels

Backend = Literal["auto", "torch", "openvino", "onnx", "tensorrt"]


class NetworkOptions(Options):
    """What every model type takes that has a network of ultralytics' inside."""

    weights: str = names.DEFAULT
    """A name, a path, or what was exported: an OpenVINO folder, an `.onnx` or `.engine` file."""
    imgsz: Annotated[int, Field(ge=32, le=4096, multiple_of=32)] = 640
    """The longer side of the network's input; the shorter follows the camera's shape."""
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")] = "auto"
    backend: Backend = "auto"
    half: bool | None = None
    """Half precision; unset means on CUDA, and where a CPU calculates so by itself."""
    max_batch: Annotated[int, Field(ge=1, le=128)] = 16
    """Pictures that CUDA takes at once; a CPU takes one."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.backend == "openvino" and self.device.startswith("cuda"):
            raise ValueError("backend torch for a CUDA device, OpenVINO has none")
        return self


def choose(
    options: NetworkOptions, path: Path, pixels: Pixels = AS_ULTRALYTICS, *, precision: Precision = "full"
) -> Network:
    """CUDA where there is one, else OpenVINO on x86, else torch; `path` is what `weights` resolved to.

    `pixels` is for models that are not ultralytics'; `precision` for those that can be optimized.
    """
    backend, device = backend_of(options, path)
    if backend == "openvino":
        from pipeline.models.backends.openvino_backend import OpenVinoNetwork

        return OpenVinoNetwork(path, half=options.half, precision=precision, pixels=pixels)
    half = device.startswith("cuda") if options.half is None else options.half
    if backend == "onnx":
        from pipeline.models.backends.onnx_backend import OnnxNetwork

        return OnnxNetwork(path, device=device, half=half, max_batch=options.max_batch, pixels=pixels)
    from pipeline.models.backends.torch_backend import TorchNetwork

    return TorchNetwork(path, device=device, half=half, max_batch=options.max_batch)


def backend_of(options: NetworkOptions, path: Path) -> tuple[str, str]:
    """Backend and device, for the file or folder that `weights` resolved to."""
    form = form_of(path)
    if form == "openvino":
        if options.backend not in ("auto", "openvino") or options.device.startswith("cuda"):
            raise ModelError(
                f"{options.weights!r} is an exported OpenVINO model: it runs on backend openvino, device cpu"
            )
        return "openvino", "cpu"
    if options.backend == "openvino":
        return "openvino", "cpu"
    device = _cuda_or_cpu() if options.device == "auto" else options.device
    if form == "onnx" and options.backend == "auto" and device == "cpu" and _openvino_fits():
        return "openvino", "cpu"
    if form == "onnx" or options.backend == "onnx":
        return "onnx", device
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
