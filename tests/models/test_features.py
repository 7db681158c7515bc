"""Looks as the network itself tells them: the same on every backend, and those of the box they stand beside."""

import logging
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.detections import FEATURES, Detections
from pipeline.core.frame import Frame, Image
from pipeline.models.features import BANDS, STRIDE, features, tell_features
from pipeline.models.letterbox import Letterbox
from pipeline.models.ultra import ultralytics
from pipeline.models.yolo import Yolo

CHANNELS = 32
"""Of the early map of yolov8n."""
SIZE = (40, 48)
"""Height and width of an input; a map of it has 10 x 12 cells."""


def whole(input_hw: tuple[int, int] = SIZE) -> Letterbox:
    return Letterbox.fixed((input_hw[1], input_hw[0]), input_hw)


@pytest.fixture(scope="module")
def street() -> Image:
    picture = cv2.imread(str(Path(ultralytics().__file__).parent / "assets" / "bus.jpg"))
    assert picture is not None
    return np.asarray(cv2.resize(picture, (480, 640)), np.uint8)  # an input's size: nothing is scaled


async def told(weights: Path, street: Image, **more: Any) -> Detections:
    options = {"weights": str(weights), "device": "cpu", "half": False, "features": True, **more}
    model = Yolo(Yolo.Options.model_validate(options))
    model.load()
    try:
        return await model.detect(Frame.from_bgr(street), min_score=0.25)
    finally:
        model.close()


@pytest.mark.parametrize("backend", ["openvino", "onnx"])
async def test_every_backend_tells_the_same(backend: str, yolov8n: Path, street: Image, cache: Path) -> None:
    wanted, found = [await told(yolov8n, street, backend=each) for each in ("torch", backend)]
    looks = [np.asarray(each.attributes[FEATURES], float) for each in (wanted, found)]
    assert looks[0].shape == (len(wanted), BANDS * CHANNELS) and len(wanted) >= 4
    np.testing.assert_allclose(found.xyxy, wanted.xyxy, atol=0.1)
    np.testing.assert_allclose(looks[1], looks[0], atol=0.01)
    assert "-features-" in next((cache / "exports").glob("yolov8n*")).name


async def test_they_are_those_of_the_boxes_that_were_kept(yolov8n: Path, street: Image) -> None:
    """Found again from the layer itself, pixel by pixel."""
    ultralytics()
    import torch

    network, maps = ultralytics().YOLO(yolov8n).model.eval(), []
    network.model[2].register_forward_hook(lambda layer, given, made: maps.append(made[0].numpy()))
    with torch.no_grad():
        network(torch.from_numpy(street[..., ::-1].transpose(2, 0, 1).copy())[None].float() / 255)
    pixels = np.repeat(np.repeat(maps[0], STRIDE, axis=1), STRIDE, axis=2)
    found = await told(yolov8n, street, backend="torch")
    for row, (x1, y1, x2, y2) in zip(found.attributes[FEATURES], np.rint(found.xyxy).astype(int), strict=True):
        middle = (y1 + y2) // 2
        bands = [pixels[:, begin:end, x1:x2].mean((1, 2)) for begin, end in ((y1, middle), (middle, y2))]
        spread = pixels.std((1, 2))
        wanted = np.concatenate([(band - pixels.mean((1, 2))) / spread for band in bands])
        assert np.corrcoef(row.astype(float), wanted)[0, 1] > 0.995


@settings(deadline=None, max_examples=50)
@given(
    x=st.tuples(st.integers(0, 47), st.integers(1, 48)).map(sorted).filter(lambda x: x[0] < x[1]),
    y=st.tuples(st.integers(0, 19), st.integers(1, 20)).map(sorted).filter(lambda y: y[0] < y[1]),
    seed=st.integers(0, 99),
)
def test_a_band_is_the_mean_of_its_pixels(x: list[int], y: list[int], seed: int) -> None:
    feature_map = np.random.default_rng(seed).normal(size=(3, 10, 12)).astype(np.float32)
    pixels = np.repeat(np.repeat(feature_map, STRIDE, axis=1), STRIDE, axis=2)
    (y1, y2), (x1, x2) = (2 * y[0], 2 * y[1]), x
    middle = (y1 + y2) // 2
    (row,) = features(feature_map, np.array([[x1, y1, x2, y2]], np.float32), whole())
    sample = feature_map[:, ::2, ::2].reshape(3, -1)
    bands = [pixels[:, begin:end, x1:x2].mean((1, 2)) for begin, end in ((y1, middle), (middle, y2))]
    wanted = [(band - sample.mean(1)) / (sample.std(1) + 1e-3) for band in bands]
    np.testing.assert_allclose(row, np.concatenate(wanted), atol=1e-4)


@pytest.mark.parametrize(
    "box",
    [
        pytest.param((-9, -9, -2, -2), id="outside, above"),
        pytest.param((60, 60, 70, 70), id="outside, below"),
        pytest.param((20, 20, 20, 20), id="without size"),
        pytest.param((47.9, 39.9, 48, 40), id="in the corner"),
    ],
)
def test_any_box_has_some(box: tuple[float, ...]) -> None:
    feature_map = np.random.default_rng(1).normal(size=(3, 10, 12)).astype(np.float32)
    assert np.isfinite(features(feature_map, np.array([box], np.float32), whole())).all()


def test_no_box_has_none() -> None:
    assert features(np.ones((3, 10, 12), np.float32), np.zeros((0, 4), np.float32), whole()).shape == (0, 6)


def test_a_tensor_tells_what_an_array_tells() -> None:
    torch = pytest.importorskip("torch")
    feature_map = np.random.default_rng(2).normal(size=(5, 10, 12)).astype(np.float32)
    boxes = np.array([[3, 5, 30, 33], [0, 0, 48, 40], [40, 1, 47, 9]], np.float32)
    by_array, by_tensor = (features(each, boxes, whole()) for each in (feature_map, torch.from_numpy(feature_map)))
    np.testing.assert_allclose(by_array, by_tensor, atol=1e-5)
    by_half = features(torch.from_numpy(feature_map).half(), boxes, whole())
    np.testing.assert_allclose(by_array, by_half, atol=0.02)


def test_what_the_letterbox_adds_is_no_part_of_the_picture() -> None:
    feature_map = np.random.default_rng(4).normal(size=(3, 24, 12)).astype(np.float32)
    letterbox = Letterbox.fixed((48, 40), (96, 48))  # 28 rows of grey above, and as many below
    box = np.array([[4, 30, 40, 60]], np.float32)
    before = features(feature_map, box, letterbox)
    feature_map[:, :7] = feature_map[:, 17:] = 99
    np.testing.assert_array_equal(features(feature_map, box, letterbox), before)


async def test_nobody_gets_them_without_having_asked(yolov8n: Path, street: Image) -> None:
    assert (await told(yolov8n, street, backend="torch", features=False)).attributes == {}


async def test_what_was_exported_already_says_that_it_has_none(
    yolov8n: Path, street: Image, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from pipeline.models.export import Recipe, exported

    folder = exported(yolov8n, Recipe("openvino", (640, 480)))
    with caplog.at_level(logging.WARNING):
        found = await told(folder, street)
    assert found.attributes == {} and len(found) >= 4
    assert f"{folder.name} was exported already and cannot tell how things look: weights (.pt) can" in caplog.messages


def test_a_network_without_such_a_layer_is_left_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    ultralytics()
    import torch

    coarse = torch.nn.Conv2d(3, 8, 8, stride=8)
    coarse.f = -1
    network = torch.nn.Module()
    network.model = torch.nn.ModuleList([coarse])
    tell_features(network)
    assert not coarse._forward_hooks
    assert "a network without a layer of stride 4 cannot tell how things look (features)" in caplog.messages
