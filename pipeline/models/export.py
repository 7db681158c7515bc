"""Weights in another form, made once for each size and precision and kept in the cache."""

import json
import logging
import os
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Literal, TypeVar

from pipeline.core.clock import Clock, SystemClock
from pipeline.core.errors import MissingExtraError, ModelError
from pipeline.models.cache import exports_dir, sha256_of, workspace
from pipeline.models.features import tell_features
from pipeline.models.ultra import ultralytics

log = logging.getLogger(__name__)
_exporting = Lock()
_PARTS = "parts.json"

Format = Literal["openvino", "onnx", "tensorrt"]
_TITLES = {"openvino": "OpenVINO", "onnx": "ONNX", "tensorrt": "TensorRT"}
_THEIR_NAMES = {"openvino": "openvino", "onnx": "onnx", "tensorrt": "engine"}
_NEEDS = {"openvino": ("openvino",), "onnx": ("onnx",), "tensorrt": ("tensorrt", "onnx")}
_DURATIONS = {"openvino": "seconds", "onnx": "seconds", "tensorrt": "minutes"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an exported model depends on besides the weights.

    `most` is the largest batch: one makes a static model, more make one that takes any batch up to it. `device` is
    where it is made; only TensorRT minds, for an engine fits one kind of GPU. With `int8` it is made by
    `framewatch models optimize` alone, for it takes pictures to be made with. With `features` its last output is the
    map that looks are told by.
    """

    format: Format
    input_hw: tuple[int, int]
    half: bool = False
    most: int = 1
    device: str = "cpu"
    int8: bool = False
    features: bool = False

    @property
    def precision(self) -> str:
        return "int8" if self.int8 else "fp16" if self.half else "fp32"

    def name(self, weights: Path) -> str:
        """Says all that the content depends on: weights, size, precision, and who exported."""
        height, width = self.input_hw
        parts = [weights.stem, sha256_of(weights)[:12], f"{width}x{height}", self.precision]
        parts += [f"batch{self.most}"] if self.most > 1 else []
        parts += ["features"] if self.features else []
        parts += [f"ultralytics{version('ultralytics')}"]
        parts += [f"{package}{version(package)}" for package in _NEEDS[self.format]]
        parts += [_gpu(self.device)] if self.format == "tensorrt" else []
        return "-".join(parts)


def exported(weights: Path, recipe: Recipe, *, clock: Clock | None = None) -> Path:
    """`weights` in another form: a folder of OpenVINO, or an `.onnx` or `.engine` file in one of its own.

    Seconds (TensorRT: minutes) where it is not in the cache yet. Raises ModelError, MissingExtraError.
    """
    for package in _NEEDS[recipe.format]:
        if find_spec(package) is None:
            raise MissingExtraError(package, recipe.format)
    folder = exports_dir() / recipe.name(weights)
    with _exporting:
        if not is_whole(folder):
            _make(weights, folder, recipe, clock or SystemClock())
    return _part(folder, recipe.format)


def opened(weights: Path, recipe: Recipe, opening: Callable[[Path], T]) -> T:
    """What `opening` makes of the exported model; one that it cannot read is made again, once."""
    path = exported(weights, recipe)
    try:
        return opening(path)
    except MissingExtraError:
        raise
    except Exception as error:  # each library has its own for a file that it cannot read
        log.warning("%s cannot be read and is made again: %s", path, error)
        forget(path)
    return opening(exported(weights, recipe))


def is_whole(folder: Path) -> bool:
    """Whether every file is there in the size that it was written with."""
    try:
        parts = json.loads((folder / _PARTS).read_text())
        return all((folder / name).stat().st_size == size for name, size in parts.items())
    except (OSError, ValueError, AttributeError):
        return False


def seal(folder: Path) -> None:
    """Writes down the sizes of a folder's files, for `is_whole`."""
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    (folder / _PARTS).write_text(json.dumps(sizes))


def forget(path: Path) -> None:
    """Removes an exported model, given as `exported` did, that turned out to be broken."""
    shutil.rmtree(path if path.is_dir() else path.parent, ignore_errors=True)


def _part(folder: Path, format: Format) -> Path:
    return folder if format == "openvino" else next(folder.glob(f"*.{_THEIR_NAMES[format]}"))


def _make(weights: Path, folder: Path, recipe: Recipe, clock: Clock) -> None:
    title, (height, width) = _TITLES[recipe.format], recipe.input_hw
    duration = _DURATIONS[recipe.format]
    log.info("%s: exporting to %s at %dx%d, once; this takes some %s", weights.name, title, width, height, duration)
    began = clock.monotonic()
    with workspace(folder.parent) as room:
        copy = room / weights.name  # the exporter writes beside the weights
        shutil.copyfile(weights, copy)
        try:
            made = Path(export(copy, recipe))
        except Exception as error:
            raise ModelError(f"{weights.name} cannot be exported to {title}: {error}") from error
        parts = made if made.is_dir() else _alone(made, room / "made")
        seal(parts)
        shutil.rmtree(folder, ignore_errors=True)
        parts.rename(folder)
    log.info("%s: exported to %s in %.1f s", weights.name, title, clock.monotonic() - began)


def _alone(made: Path, folder: Path) -> Path:
    folder.mkdir()
    made.rename(folder / made.name)
    return folder


def export(weights: Path, recipe: Recipe, **more: Any) -> str:
    """ultralytics' own export, into the folder of `weights`; `more` are options of its. Raises what it likes."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    options = more if recipe.format == "openvino" else {"simplify": False, **more}  # their runtimes do it
    if recipe.most > 1:
        options |= {"dynamic": True, "batch": recipe.most}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's deprecation of the tracing that the exporter uses
            model = ultralytics().YOLO(weights)
            if recipe.features:
                tell_features(model.model)
            made: str = model.export(
                format=_THEIR_NAMES[recipe.format],
                imgsz=recipe.input_hw,
                half=recipe.half,
                device=recipe.device.removeprefix("cuda:"),
                verbose=False,
                **options,
            )
            return made
    finally:
        _restore_visible_devices(visible)  # exporting on the CPU hides every CUDA device from the process


def _gpu(device: str) -> str:
    import torch

    return "sm{}{}".format(*torch.cuda.get_device_capability(device))


def _restore_visible_devices(visible: str | None) -> None:
    if visible is None:
        os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    else:
        os.environ["CUDA_VISIBLE_DEVICES"] = visible
