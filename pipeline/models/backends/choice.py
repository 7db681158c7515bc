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
from pipeline.models.metadata import Form, form_of
from pipeline.models.network import NO_CONSTANTS, Constants, Network
from pipeline.models.pixels import AS_ULTRALYTICS, Pixels

Device = Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?|intel:(cpu|gpu(\.\d+)?|npu|auto))$")]
"""`intel:…` is what OpenVINO calls GPU, NPU or AUTO, under the names that ultralytics gives them."""
Backend = Literal["auto", "torch", "openvino", "onnx", "tensorrt"]


class NetworkOptions(Options):
    """What every model type takes that has a network of ultralytics' inside."""

    weights: Annotated[str, Field(min_length=1)] = names.DEFAULT
    """A name, a path, or what was exported: an OpenVINO folder, an `.onnx` or `.engine` file."""
    imgsz: Annotated[int, Field(ge=32, le=4096, multiple_of=32)] = 640
    """The longer side of the network's input; the shorter follows the camera's shape."""
    device: Device = "auto"
    backend: Backend = "auto"
    half: bool | None = None
    """Half precision; unset means on CUDA, and where a CPU calculates so by itself."""
    max_batch: Annotated[int, Field(ge=1, le=128)] = 16
    """Pictures that CUDA takes at once; a CPU takes one."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.backend == "openvino" and self.device.startswith("cuda"):
            raise ValueError("backend torch, onnx or tensorrt for a CUDA device, OpenVINO has none")
        if self.backend not in ("auto", "openvino") and self.device.startswith("intel:"):
            raise ValueError("backend openvino for a device intel:…")
        if self.backend == "tensorrt" and not self.device.startswith(("auto", "cuda")):
            raise ValueError("a CUDA device for backend tensorrt")
        return self


def choose(
    options: NetworkOptions,
    path: Path,
    pixels: Pixels = AS_ULTRALYTICS,
    constants: Constants = NO_CONSTANTS,
    *,
    precision: Precision = "full",
    features: bool = False,
) -> Network:
    """CUDA: TensorRT where it is installed, else torch. Else OpenVINO on x86, else torch.

    `path` is what `weights` resolved to; an exported file runs on the backend that it was made for
    (OpenVINO reads ONNX too, and is faster on the CPUs that it is made for). `pixels` and `constants` are for models
    that are not ultralytics', `precision` for those that can be optimized. With `features` the network's last output is
    the map that looks are told by; only weights that are not exported yet can be given it.
    """
    backend, device = backend_of(options, path)
    on_cuda = device.startswith("cuda")
    if backend == "openvino":
        from pipeline.models.backends.openvino_backend import OpenVinoNetwork

        return OpenVinoNetwork(
            path,
            half=options.half,
            precision=precision,
            device=_intel(device),
            pixels=pixels,
            constants=constants,
            features=features,
        )
    half = on_cuda if options.half is None else options.half
    if backend == "onnx":
        from pipeline.models.backends.onnx_backend import OnnxNetwork

        return OnnxNetwork(
            path,
            device=device,
            half=half,
            max_batch=options.max_batch,
            pixels=pixels,
            constants=constants,
            features=features,
        )
    if backend == "tensorrt":
        from pipeline.models.backends.tensorrt_backend import TensorRtNetwork

        return TensorRtNetwork(path, device=device, half=half, max_batch=options.max_batch, features=features)
    from pipeline.models.backends.torch_backend import TorchNetwork

    return TorchNetwork(path, device=device, half=half, max_batch=options.max_batch, features=features)


def backend_of(options: NetworkOptions, path: Path) -> tuple[str, str]:
    """Backend and device, for the file or folder that `weights` resolved to."""
    form = form_of(path)
    _check_form(options, form)
    backend: str = options.backend if form in ("torch", "onnx") else form
    if options.device.startswith("intel:") and backend == "auto":
        backend = "openvino"
    if backend == "openvino":
        return backend, options.device if options.device.startswith("intel:") else "cpu"
    device = _cuda_or_cpu() if options.device == "auto" else options.device
    if backend == "tensorrt" and device == "cpu":
        raise ModelError("backend tensorrt needs a CUDA device, and torch sees none here")
    return (_best(device, form) if backend == "auto" else backend), device


def _check_form(options: NetworkOptions, form: Form) -> None:
    wanted, device = options.backend, options.device
    if form == "openvino" and (wanted not in ("auto", "openvino") or device.startswith("cuda")):
        raise ModelError(f"{options.weights!r} is an exported OpenVINO model: it runs on backend openvino, device cpu")
    if form == "onnx" and wanted not in ("auto", "onnx", "openvino"):
        raise ModelError(f"{options.weights!r} is an ONNX model: it runs on backend onnx or openvino, not on {wanted}")
    if form == "tensorrt" and not (wanted in ("auto", form) and device.startswith(("auto", "cuda"))):
        raise ModelError(f"{options.weights!r} is an engine of TensorRT: it runs on backend tensorrt, device cuda")


def _best(device: str, form: Form) -> str:
    if device.startswith("cuda"):
        fallback = "onnx" if form == "onnx" else "torch"
        return "tensorrt" if form == "torch" and _has("tensorrt") and _has("onnx") else fallback
    if _openvino_fits():
        return "openvino"
    return "onnx" if form == "onnx" else "torch"


def _intel(device: str) -> str:
    """OpenVINO's name of a device."""
    return device.removeprefix("intel:").upper() if device.startswith("intel:") else "CPU"


def _cuda_or_cpu() -> str:
    from pipeline.models.ultra import ultralytics

    ultralytics()  # before torch, for it sets what torch's threads start with
    import torch

    return "cuda:0" if torch.cuda.is_available() else "cpu"


def _openvino_fits() -> bool:
    return platform.machine().lower() in {"x86_64", "amd64"} and _has("openvino")


def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
