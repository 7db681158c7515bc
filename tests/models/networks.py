"""Small networks whose answers are known, as files that every backend reads."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.models.ultra import ultralytics

ultralytics()  # before torch, for it switches off what both would do by themselves


def mean_colour(path: Path, input_hw: tuple[int, int], *, names: Mapping[int, str] | None = None) -> Path:
    """An ONNX network (1, 3, height, width) → (1, 3): the mean of each channel as it was given."""
    return _onnx(path, input_hw, _identity(3), names)


def red_or_blue(path: Path, input_hw: tuple[int, int] = (32, 32), *, names: Mapping[int, str] | None = None) -> Path:
    """An ONNX network whose two outputs are how much more red than blue there is, and the opposite (no softmax)."""
    return _onnx(path, input_hw, [[8.0, 0.0, -8.0], [-8.0, 0.0, 8.0]], names)


def magenta_or_grey(path: Path, input_hw: tuple[int, int] = (32, 32)) -> Path:
    """An ONNX network whose two outputs are how much more red and blue than green there is, and the opposite."""
    return _onnx(path, input_hw, [[8.0, -16.0, 8.0], [-8.0, 16.0, -8.0]], None)


def _identity(size: int) -> list[list[float]]:
    return [[float(row == column) for column in range(size)] for row in range(size)]


def _onnx(path: Path, input_hw: tuple[int, int], weights: Sequence[Sequence[float]], names: Any) -> Path:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    outputs = len(weights)
    matrix = numpy_helper.from_array(np.array(weights, np.float32).T, "matrix")
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["pixels"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["means"]),
            helper.make_node("MatMul", ["means", "matrix"], ["scores"]),
        ],
        "colours",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3, *input_hw])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, outputs])],
        [matrix],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    if names is not None:
        helper.set_model_props(model, {"names": repr(dict(names)), "task": "classify"})
    onnx.save(model, path)
    return path


def yolo_cls(path: Path, *, classes: int = 3, size: int = 64, seed: int = 1) -> Path:
    """An ultralytics classifier as `.pt`: the real architecture, weights at random (always the same)."""
    import torch
    from ultralytics.nn.tasks import ClassificationModel

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = ClassificationModel("yolov8n-cls.yaml", nc=classes, verbose=False)
        with torch.no_grad():  # without this, whatever it sees would come to the same
            for layer in network.modules():
                if isinstance(layer, torch.nn.BatchNorm2d):
                    layer.momentum = None
            pictures = _parts_of_photographs(size)
            network.train()(pictures)
            _, logits = network.eval()(pictures)
            linear, spread = network.model[-1].linear, logits.std()
            linear.bias.sub_(logits.mean(dim=0)).div_(spread)
            linear.weight.div_(spread)
    return _saved(network, path, [f"kind {number}" for number in range(classes)], size)


def photographs() -> Iterator[NDArray[np.uint8]]:
    """The two that ultralytics ships, blue first."""
    for path in sorted((Path(ultralytics().__file__).parent / "assets").glob("*.jpg")):
        yield np.asarray(cv2.imread(str(path)), np.uint8)


def _parts_of_photographs(size: int) -> Any:
    import torch

    parts = [
        cv2.resize(picture[y : y + 300, x : x + 300], (size, size))[..., ::-1]
        for picture in photographs()
        for y in range(0, picture.shape[0] - 300, 120)
        for x in range(0, picture.shape[1] - 300, 160)
    ]
    return torch.from_numpy(np.stack(parts).transpose(0, 3, 1, 2)).float() / 255


def yolo_red_or_blue(path: Path, *, size: int = 32) -> Path:
    """An ultralytics classifier as `.pt`, with weights set by hand: red or blue, by the mean of the picture.

    Larger than it need be: the exporter takes a file of less than 100 KB for a broken one.
    """
    import torch
    from ultralytics.nn.tasks import ClassificationModel

    layers = {"backbone": [[-1, 1, "Conv", [64, 1, 1]]], "head": [[-1, 1, "Classify", ["nc"]]]}
    network = ClassificationModel({"nc": 2, "channels": 3, **layers}, verbose=False).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.zero_()
        for layer in network.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.weight.fill_(1)
        head = network.model[1]
        for colour, place in enumerate((0, 2)):  # what is red and what is blue of a picture, handed on
            network.model[0].conv.weight[colour, place] = 1
            head.conv.conv.weight[colour, colour] = 1
            head.linear.weight[colour, colour] = 60
    return _saved(network, path, ["red", "blue"], size)


def _saved(network: Any, path: Path, names: Sequence[str], size: int) -> Path:
    import torch
    from ultralytics import __version__

    network.names = dict(enumerate(names))
    about = {"imgsz": size, "task": "classify"}
    torch.save({"model": network, "train_args": about, "version": __version__, "date": "2025-01-01T00:00:00"}, path)
    return path
