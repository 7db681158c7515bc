"""Detectors of others, as tiny graphs that always see the same thing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from pydantic import ValidationError

from pipeline.core.errors import ModelError
from pipeline.core.frame import Frame
from pipeline.models.onnx import Onnx

Outputs = Mapping[str, NDArray[Any]]
FRAME_WH = (128, 64)


@pytest.fixture
def graph(tmp_path: Path) -> Callable[..., Path]:
    """Writes a model that answers `outputs`, whatever it is shown."""

    def written(outputs: Outputs, *, input_hw: tuple[int, int] = (64, 64), sized: bool = False) -> Path:
        inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, *input_hw])]
        nodes = [
            helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
            helper.make_node("Mul", ["mean", "nothing"], ["zero"]),
        ]
        constants = [numpy_helper.from_array(np.float32(0), "nothing")]
        if sized:
            inputs.append(helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, [1, 2]))
            nodes += [
                helper.make_node("Cast", ["orig_target_sizes"], ["size"], to=TensorProto.FLOAT),
                helper.make_node("Concat", ["size", "size"], ["sizes"], axis=1),
            ]
        ports = []
        for name, value in outputs.items():
            constants.append(numpy_helper.from_array(value, f"{name}_value"))
            if value.dtype == np.int64:
                nodes.append(helper.make_node("Identity", [f"{name}_value"], [name]))
            elif sized and name == "boxes":
                nodes.append(helper.make_node("Mul", [f"{name}_value", "sizes"], [name]))
            else:
                nodes.append(helper.make_node("Add", [f"{name}_value", "zero"], [name]))
            kind = TensorProto.INT64 if value.dtype == np.int64 else TensorProto.FLOAT
            ports.append(helper.make_tensor_value_info(name, kind, list(value.shape)))
        made = helper.make_model(
            helper.make_graph(nodes, "fixed", inputs, ports, constants), opset_imports=[helper.make_opsetid("", 13)]
        )
        made.ir_version = 8
        path = tmp_path / "model.onnx"
        onnx.save(made, path)
        return path

    return written


@contextmanager
def loaded(path: Path, **options: Any) -> Iterator[Onnx]:
    model = Onnx(Onnx.Options.model_validate({"weights": str(path), "device": "cpu", **options}))
    try:
        model.load()
        yield model
    finally:
        model.close()


def frame(color: tuple[int, int, int] = (0, 0, 0)) -> Frame:
    return Frame.from_bgr(np.full((FRAME_WH[1], FRAME_WH[0], 3), color, np.uint8))


def yolox(*seen: tuple[int, float, float, float, int], classes: int = 80) -> Outputs:
    """64x64 has 64 + 16 + 4 anchors; each of `seen` is (anchor, stride, objectness, score, class): a cell-sized box."""
    raw = np.zeros((1, 84, 5 + classes), np.float32)
    for anchor, _stride, objectness, score, number in seen:
        raw[0, anchor, :2] = 0.5
        raw[0, anchor, 2:4] = np.log(2)
        raw[0, anchor, 4], raw[0, anchor, 5 + number] = objectness, score
    return {"output": raw}


def decoded(outputs: Outputs) -> Outputs:
    """(xy + cell) * stride and exp(wh) * stride, cell by cell."""
    rows = outputs["output"].copy()
    cells = [(x, y, stride) for stride in (8, 16, 32) for y in range(64 // stride) for x in range(64 // stride)]
    for row, (x, y, stride) in zip(rows[0], cells, strict=True):
        row[:2] = (row[:2] + np.array((x, y))) * stride
        row[2:4] = np.exp(row[2:4]) * stride
    return {"output": rows}


def logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def rfdetr(classes: int = 91) -> Outputs:
    """One thing of number 3 in the middle, half as wide and high as the picture; a second too weak."""
    dets = np.zeros((1, 4, 4), np.float32)
    dets[0, :2] = (0.5, 0.5, 0.5, 0.5), (0.1, 0.1, 0.1, 0.1)
    labels = np.full((1, 4, classes), logit(0.001), np.float32)
    labels[0, 0, 3], labels[0, 1, 1] = logit(0.8), logit(0.2)
    return {"dets": dets, "labels": labels}


def dfine() -> Outputs:
    return {
        "labels": np.array([[2, 0]], np.int64),
        "boxes": np.array([[[0.25, 0.25, 0.75, 1.0], [0, 0, 0.1, 0.1]]], np.float32),
        "scores": np.array([[0.7, 0.2]], np.float32),
    }


@pytest.mark.parametrize("backend", ["openvino", "onnx"])
async def test_yolox_boxes_are_cells_of_a_picture_in_the_corner(graph: Callable[..., Path], backend: str) -> None:
    """Cell (3, 1) of stride 8 has its middle at (28, 12), twice its size; the picture is half the frame."""
    path = graph(yolox((8 + 3, 8, 0.9, 0.8, 2), (64 + 4, 16, 0.9, 0.2, 5)))
    with loaded(path, backend=backend) as model:
        found = await model.detect(frame(), min_score=0.25)
        assert model.description.endswith("64x64 yolox")
    np.testing.assert_allclose(found.xyxy, [[40, 8, 72, 40]], atol=1e-3)
    np.testing.assert_allclose(found.confidence, [0.72], atol=1e-5)
    assert [found.label(0)] == ["car"]


@pytest.mark.parametrize("backend", ["openvino", "onnx"])
async def test_yolox_boxes_that_the_graph_decoded(graph: Callable[..., Path], backend: str) -> None:
    """What the first test sees, exported with `--decode_in_inference`: the same box."""
    with loaded(graph(decoded(yolox((8 + 3, 8, 0.9, 0.8, 2)))), backend=backend) as model:
        found = await model.detect(frame(), min_score=0.25)
    np.testing.assert_allclose(found.xyxy, [[40, 8, 72, 40]], atol=1e-3)


async def test_yolox_boxes_are_suppressed(graph: Callable[..., Path]) -> None:
    outputs = yolox((11, 8, 0.9, 0.9, 2), (12, 8, 0.9, 0.8, 2), (13, 8, 0.9, 0.7, 3))
    with loaded(graph(outputs), iou=0.3) as model:
        found = await model.detect(frame(), min_score=0.25)
    assert [found.label(each) for each in range(len(found))] == ["car", "motorcycle"]


@pytest.mark.parametrize("backend", ["openvino", "onnx"])
async def test_rfdetr_boxes_are_relative_to_a_stretched_picture(graph: Callable[..., Path], backend: str) -> None:
    with loaded(graph(rfdetr()), backend=backend) as model:
        found = await model.detect(frame(), min_score=0.25)
        assert model.description.endswith("rfdetr")
    np.testing.assert_allclose(found.xyxy, [[32, 16, 96, 48]], atol=1e-3)
    np.testing.assert_allclose(found.confidence, [0.8], atol=1e-5)
    assert [found.label(0)] == ["car"], "by the data set's own numbers, person is 1"


async def test_rfdetr_takes_the_best_of_all_queries_and_labels(graph: Callable[..., Path]) -> None:
    outputs = rfdetr()
    outputs["labels"][0, 0, 8] = logit(0.7)
    outputs["labels"][0, 1, 1] = logit(0.6)
    for max_det, labels in {3: ["car", "truck", "person"], 2: ["car", "truck"]}.items():
        with loaded(graph(outputs), max_det=max_det) as model:
            found = await model.detect(frame(), min_score=0.25)
        assert [found.label(each) for each in range(len(found))] == labels


@pytest.mark.parametrize("backend", ["openvino", "onnx"])
async def test_dfine_boxes_come_decoded(graph: Callable[..., Path], backend: str) -> None:
    with loaded(graph(dfine(), sized=True), backend=backend) as model:
        found = await model.detect(frame(), min_score=0.25)
        assert model.description.endswith("dfine")
    np.testing.assert_allclose(found.xyxy, [[32, 16, 96, 64]], atol=1e-3)
    assert [found.label(0)] == ["car"]


async def test_a_background_column_is_not_a_label(graph: Callable[..., Path]) -> None:
    """Trained on three labels of one's own: four columns, the last of them the background."""
    with loaded(graph(rfdetr(classes=4)), labels=["cat", "dog", "bird"]) as model:
        assert len(await model.detect(frame(), min_score=0.25)) == 0


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        pytest.param(["ant", "bee", "cow"], "cow", id="a list"),
        pytest.param({2: "two"}, "two", id="by number"),
        pytest.param("names.txt", "third", id="a file"),
    ],
)
async def test_labels_can_be_given(graph: Callable[..., Path], tmp_path: Path, labels: Any, name: str) -> None:
    (tmp_path / "names.txt").write_text("first\nsecond\nthird\n")
    given = str(tmp_path / labels) if isinstance(labels, str) else labels
    with loaded(graph(dfine(), sized=True), labels=given) as model:
        found = await model.detect(frame(), min_score=0.25)
    assert [found.label(0)] == [name]


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A model whose only box has the mean of each channel of its input as left, top and right."""
    mean = helper.make_node("ReduceMean", ["images"], ["means"], axes=[2, 3], keepdims=0)
    nodes = [
        mean,
        helper.make_node("Concat", ["means", "one"], ["flat"], axis=1),
        helper.make_node("Reshape", ["flat", "shape"], ["boxes"]),
        helper.make_node("Cast", ["orig_target_sizes"], ["unused"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["unused"], ["some"], axes=[1], keepdims=1),
        helper.make_node("Mul", ["some", "zero"], ["none"]),
        helper.make_node("Add", ["none", "one"], ["scores"]),
        helper.make_node("Identity", ["number"], ["labels"]),
    ]
    constants = [
        numpy_helper.from_array(np.ones((1, 1), np.float32), "one"),
        numpy_helper.from_array(np.zeros((1, 1), np.float32), "zero"),
        numpy_helper.from_array(np.array([1, 1, 4], np.int64), "shape"),
        numpy_helper.from_array(np.zeros((1, 1), np.int64), "number"),
    ]
    inputs = [
        helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 64]),
        helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, [1, 2]),
    ]
    outputs = [
        helper.make_tensor_value_info("labels", TensorProto.INT64, [1, 1]),
        helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1, 1, 4]),
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 1]),
    ]
    graph = helper.make_graph(nodes, "mirror", inputs, outputs, constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    made.ir_version = 8
    onnx.save(made, tmp_path / "mirror.onnx")
    return tmp_path / "mirror.onnx"


@pytest.mark.parametrize("backend", ["openvino", "onnx"])
@pytest.mark.parametrize(
    ("options", "channels"),
    [
        pytest.param({}, [20 / 255, 40 / 255, 60 / 255], id="as the authors do, red first, 0 to 1"),
        pytest.param({"std": [1 / 255] * 3}, [20, 40, 60], id="without scaling"),
        pytest.param({"mean": [0.04, 0, 0], "std": [0.01, 0.02, 0.03]}, [3.843, 7.843, 7.843], id="mean and deviation"),
    ],
)
async def test_what_the_pixels_become(
    mirror: Path, options: dict[str, Any], channels: list[float], backend: str
) -> None:
    with loaded(mirror, backend=backend, **options) as model:
        found = await model.detect(frame(color=(60, 40, 20)), min_score=0.25)
    scaled = np.array([[2 * channels[0], channels[1], 2 * channels[2], 1]])
    np.testing.assert_allclose(found.xyxy, scaled, rtol=0.03)


@pytest.mark.parametrize("options", [{"mean": [123.7, 116.3, 103.5]}, {"std": [58.4, 57.1, 57.4]}, {"std": [0, 1, 1]}])
def test_mean_and_deviation_of_other_values_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"less than or equal to 1|greater than 0"):
        Onnx.Options.model_validate({"weights": "x.onnx", **options})


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        pytest.param({"output0": np.zeros((1, 8, 84), np.float32)}, "output0 1x8x84: none of", id="ultralytics'"),
        pytest.param(
            {"scores": np.zeros((1, 10), np.float32)}, "scores 1x10: none of the layouts yolox", id="no boxes"
        ),
    ],
)
def test_outputs_that_nobody_knows(graph: Callable[..., Path], outputs: Outputs, said: str) -> None:
    with pytest.raises(ModelError, match=said), loaded(graph(outputs)):
        pass


def test_openvino_names_the_backend_that_may_do_what_it_cannot(tmp_path: Path) -> None:
    """It says that it takes any size, and does not."""
    nodes = [
        helper.make_node("Add", ["images", "square"], ["sum"]),
        helper.make_node("ReduceMean", ["sum"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "anchors"], ["output"]),
    ]
    square, anchors = np.zeros((1, 3, 64, 64), np.float32), np.zeros((1, 84, 85), np.float32)
    graph = helper.make_graph(
        nodes,
        "fixed",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, "height", "width"])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 84, 85])],
        [numpy_helper.from_array(square, "square"), numpy_helper.from_array(anchors, "anchors")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(made, tmp_path / "model.onnx")
    said = "OpenVINO cannot run this ONNX file, backend: onnx may"
    with pytest.raises(ModelError, match=said), loaded(tmp_path / "model.onnx", backend="openvino", imgsz=96):
        pass


def test_what_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    for name, said in {"broken.onnx": "not an ONNX model that can be read", "none.onnx": "no such file"}.items():
        with pytest.raises(ModelError, match=said), loaded(tmp_path / name):
            pass


def test_labels_that_are_not_there(graph: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"), loaded(graph(rfdetr()), labels=str(tmp_path / "none.txt")):
        pass
