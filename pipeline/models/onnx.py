"""The model type `onnx`: detectors of others as plain ONNX files, decoded by us."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from pipeline.core.errors import ModelError
from pipeline.core.options import Options as BaseOptions
from pipeline.models.backends.choice import Device, NetworkOptions, choose
from pipeline.models.detection import SharedDetector
from pipeline.models.found import Found
from pipeline.models.layouts import LAYOUTS, Layout, LayoutHead, recognised
from pipeline.models.letterbox import Letterbox
from pipeline.models.network import Size
from pipeline.models.pixels import Mean, Pixels, Std, of_255
from pipeline.models.served import Served
from pipeline.models.signature import Signature
from pipeline.models.suppression import Suppression


class Onnx(SharedDetector):
    """What goes in and what comes out is as its layout has it."""

    class Options(BaseOptions):
        weights: str
        """The `.onnx` file."""
        layout: Literal["auto", "yolox", "rfdetr", "dfine"] = "auto"
        """How its outputs are to be read; `auto` tells by their names and shapes."""
        labels: Path | list[str] | dict[int, str] | None = None
        """Names in the order of their numbers, or by number, or a text file with one a line; unset means COCO's."""
        imgsz: Annotated[int, Field(ge=32, le=4096, multiple_of=32)] = 640
        """The side of the square input where the model takes any size; otherwise it says itself."""
        mean: Mean | None = None
        """Taken off the values, which are in 0..1, in the order that it reads colours in; unset means what the
        layout's authors do."""
        std: Std | None = None
        """What they are divided by then."""
        device: Device = "auto"
        backend: Literal["auto", "openvino", "onnx"] = "auto"
        iou: Annotated[float, Field(gt=0, le=1)] = 0.7
        """Two boxes of one class that overlap more are one, where the layout leaves that to us (yolox)."""
        max_det: Annotated[int, Field(ge=1, le=1000)] = 300
        max_batch: Annotated[int, Field(ge=1, le=128)] = 16
        """Pictures that CUDA takes at once, where the model takes more than one."""

    def __init__(self, options: Options) -> None:
        super().__init__(options.weights)
        self._options = options
        self._labels: Mapping[int, str] = {}

    @property
    def labels(self) -> Mapping[int, str]:
        return self._labels

    @property
    def description(self) -> str:
        """How it is read, too: `yolox_s openvino CPU 640x640 yolox`."""
        return f"{super().description} {self._layout.name}"

    def _find(self) -> Served[Found]:
        options, path = self._options, Path(self._options.weights).expanduser()
        if not path.is_file():
            raise ModelError(f"weights {options.weights!r}: no such file")
        signature = Signature.of(path)
        self._layout = _layout(options, signature)
        self._labels = _labels(options.labels) or self._layout.labels(signature)
        pixels = _pixels(options, self._layout.pixels)
        constants = {name: _input_wh for name in signature.inputs if name == "orig_target_sizes"}
        run_by = NetworkOptions(
            weights=options.weights, device=options.device, backend=options.backend, max_batch=options.max_batch
        )
        network = choose(run_by, path, pixels, constants)
        suppression = Suppression(options.iou, options.max_det)
        head = LayoutHead(self._layout, list(signature.outputs), self._labels, suppression)
        return Served(options.weights, network, head)

    def _letterbox(self, frame_wh: tuple[int, int]) -> Letterbox:
        imgsz = self._options.imgsz
        return self._layout.placed(frame_wh, self._loaded.fixed_hw or (imgsz, imgsz))

    _layout: Layout


def _input_wh(input_hw: Size) -> Any:
    """The size that boxes are wanted in: the network's own input, which the letterbox knows the way back from."""
    return np.array([[input_hw[1], input_hw[0]]], np.int64)


def _layout(options: Onnx.Options, signature: Signature) -> Layout:
    if options.layout != "auto":
        return LAYOUTS[options.layout]
    try:
        return recognised(signature)
    except ModelError as error:
        raise ModelError(f"weights {options.weights!r}: {error}; `layout` can say which one it is") from error


def _pixels(options: Onnx.Options, usual: Pixels) -> Pixels:
    mean = usual.mean if options.mean is None else of_255(options.mean)
    return replace(usual, mean=mean, std=usual.std if options.std is None else of_255(options.std))


def _labels(given: Path | list[str] | dict[int, str] | None) -> Mapping[int, str]:
    if isinstance(given, dict):
        return given
    if isinstance(given, Path):
        try:
            given = given.expanduser().read_text().splitlines()
        except OSError as error:
            raise ModelError(f"labels {str(given)!r}: {error.strerror}") from error
    return dict(enumerate(line.strip() for line in given or () if line.strip()))
