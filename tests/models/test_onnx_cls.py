"""Classifiers that are plain ONNX files."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from pipeline.core.errors import ModelError
from pipeline.core.frame import Frame
from pipeline.models.classification import Activation, ScoresHead
from pipeline.models.letterbox import Letterbox
from pipeline.models.look import Look
from pipeline.models.onnx_cls import OnnxCls
from tests.models.networks import mean_colour, red_or_blue

RED, BLUE = (0, 0, 255), (255, 0, 0)
PLAIN: dict[str, Any] = {"mean": [0, 0, 0], "std": [1, 1, 1], "activation": "none", "labels": ["a", "b", "c"]}


def loaded(path: Path, **options: Any) -> OnnxCls:
    model = OnnxCls(OnnxCls.Options.model_validate({"weights": str(path), "device": "cpu", **options}))
    model.load()
    return model


async def scores(model: OnnxCls, bgr: tuple[int, int, int]) -> tuple[float, ...]:
    found = await model.classify(Frame.from_bgr(np.full((50, 40, 3), bgr, np.uint8)))
    model.close()
    return found


@pytest.mark.parametrize("backend", ["openvino", "onnx"])
@pytest.mark.parametrize(("bgr", "best"), [(RED, 0), (BLUE, 1)], ids=["red", "blue"])
async def test_red_is_told_from_blue(backend: str, bgr: tuple[int, int, int], best: int, tmp_path: Path) -> None:
    model = loaded(red_or_blue(tmp_path / "colours.onnx"), backend=backend, labels=["red", "blue"])
    assert (model.labels, model.description) == ({0: "red", 1: "blue"}, f"colours {backend} CPU 32x32")
    found = await scores(model, bgr)
    assert found[best] > 0.99 and sum(found) == pytest.approx(1)


@pytest.mark.parametrize("backend", ["openvino", "onnx"])
@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        pytest.param({}, (1.0, 0.0, 0.2), id="red first"),
        pytest.param({"colours": "bgr"}, (0.2, 0.0, 1.0), id="blue first"),
        pytest.param({"mean": [0.5, 0, 0.1], "std": [1, 1, 0.5]}, (0.5, 0.0, 0.2), id="mean and std"),
    ],
)
async def test_the_network_gets_what_it_was_trained_on(
    backend: str, options: dict[str, Any], wanted: tuple[float, ...], tmp_path: Path
) -> None:
    model = loaded(mean_colour(tmp_path / "mean.onnx", (16, 16)), **{**PLAIN, "backend": backend, **options})
    assert await scores(model, (51, 0, 255)) == pytest.approx(wanted, abs=2e-3)


async def test_imagenets_colours_are_the_default(tmp_path: Path) -> None:
    labels = {"labels": PLAIN["labels"], "activation": "none"}
    model = loaded(mean_colour(tmp_path / "mean.onnx", (16, 16)), **labels)
    wanted = [
        (level / 255 - mean) / std
        for level, mean, std in ((204, 0.485, 0.229), (150, 0.456, 0.224), (110, 0.406, 0.225))
    ]
    assert await scores(model, (110, 150, 204)) == pytest.approx([min(1, value) for value in wanted], abs=0.02)


async def test_a_network_that_is_not_square_gets_the_whole_crop(tmp_path: Path) -> None:
    model = loaded(mean_colour(tmp_path / "mean.onnx", (8, 32)), **PLAIN)
    image = np.zeros((100, 100, 3), np.uint8)
    image[:, :50] = RED
    assert (await model.classify(Frame.from_bgr(image)))[0] == pytest.approx(0.5, abs=0.01)
    model.close()


async def test_labels_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("red\n\n  light blue \n")
    model = loaded(red_or_blue(tmp_path / "colours.onnx"), labels=str(tmp_path / "labels.txt"))
    assert model.labels == {0: "red", 1: "light blue"}
    model.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(
            {"labels": ["red"]}, "the network gives 2 scores, wanted as many as labels: 1", id="too few labels"
        ),
        pytest.param({"labels": "none.txt"}, r"labels 'none\.txt' cannot be read", id="a file that is not there"),
        pytest.param({"labels": ["a", "b"], "weights": "none.onnx"}, "weights 'none.onnx' are not on", id="no network"),
        pytest.param({"labels": ["a", "b"], "weights": __file__}, "wanted an .onnx file", id="something else"),
    ],
)
def test_what_cannot_work_is_known_at_the_start(
    options: dict[str, Any], said: str, tmp_path: Path, cache: Path
) -> None:
    path = red_or_blue(tmp_path / "colours.onnx")
    model = OnnxCls(OnnxCls.Options.model_validate({"weights": str(path), "device": "cpu", **options}))
    with pytest.raises(ModelError, match=said):
        model.load()
    model.close()


@pytest.mark.parametrize("backend", ["openvino", "onnx"])
def test_a_file_that_is_no_network(backend: str, tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"not a network")
    with pytest.raises(ModelError, match=r"broken\.onnx' cannot be loaded"):
        loaded(tmp_path / "broken.onnx", backend=backend, labels=["a"])


@pytest.mark.parametrize(
    ("activation", "row", "wanted"),
    [
        pytest.param("auto", [0.25, 0.75], [0.25, 0.75], id="probabilities stay"),
        pytest.param("auto", [0.0, 0.0], [0.5, 0.5], id="what does not sum up to one does not"),
        pytest.param("auto", [2.0, -1.0], [0.9526, 0.0474], id="negative ones are none, whatever their sum"),
        pytest.param("softmax", [1000.0, 0.0], [1.0, 0.0], id="large outputs"),
        pytest.param("sigmoid", [0.0, 1000.0], [0.5, 1.0], id="each for itself"),
        pytest.param("none", [0.9, 0.8], [0.9, 0.8], id="as they are"),
    ],
)
def test_activations(activation: Activation, row: list[float], wanted: list[float]) -> None:
    look = Look(np.zeros((8, 8, 3), np.uint8), Letterbox.fixed((8, 8), (8, 8)), 0.0)
    head = ScoresHead({0: "a", 1: "b"}, activation)
    (found,) = head.answers([np.array([row, [9.0, 9.0]], np.float32)], [look])
    assert found == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="no labels"),
        pytest.param({"labels": ["a"], "std": [1, 1, 0]}, id="divided by nothing"),
        pytest.param({"labels": ["a"], "mean": [123.7, 116.3, 103.5]}, id="a mean of values in 0..255"),
        pytest.param({"labels": ["a"], "backend": "torch"}, id="a backend that reads no ONNX"),
        pytest.param({"labels": ["a"], "mean": [0.5]}, id="one colour of three"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OnnxCls.Options.model_validate({"weights": "x.onnx", **options})


def test_classifying_needs_no_running_loop_to_load(tmp_path: Path) -> None:
    async def load_and_ask() -> tuple[float, ...]:
        return await scores(loaded(red_or_blue(tmp_path / "colours.onnx"), labels=["red", "blue"]), RED)

    assert asyncio.run(load_and_ask())[0] > 0.99
