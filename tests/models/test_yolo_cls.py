"""Ultralytics' classifiers: whether our path from a crop to scores gives what theirs does."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from pydantic import ValidationError

from pipeline.core.errors import ModelError
from pipeline.core.frame import Frame, Image
from pipeline.models.backends.choice import Backend
from pipeline.models.export import Recipe, exported
from pipeline.models.ultra import ultralytics
from pipeline.models.yolo_cls import YoloCls
from tests.models.networks import photographs, yolo_cls, yolo_red_or_blue

BACKENDS: list[Backend] = ["torch", "openvino", "onnx"]
RED, BLUE = (20, 30, 220), (220, 30, 20)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return yolo_cls(tmp_path_factory.mktemp("weights") / "kinds.pt", classes=5, size=96)


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return yolo_red_or_blue(tmp_path_factory.mktemp("weights") / "colours.pt", size=32)


@pytest.fixture(autouse=True, scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAMEWATCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(params=BACKENDS, scope="module")
def ours(request: pytest.FixtureRequest, weights: Path) -> Iterator[YoloCls]:
    model = YoloCls(YoloCls.Options(weights=str(weights), backend=request.param, device="cpu", half=False))
    model.load()
    yield model
    model.close()


@pytest.fixture(scope="module")
def reference(weights: Path) -> Any:
    return ultralytics().YOLO(weights)


def theirs(reference: Any, image: Image) -> list[float]:
    scores: list[float] = reference.predict(image, verbose=False)[0].probs.data.tolist()
    return scores


def parts(size: tuple[int, int]) -> Iterator[Image]:
    """Of two photographs, two dozen parts or so of that height and width."""
    height, width = size
    for image in photographs():
        for y in range(0, image.shape[0] - height, max(height, 180)):
            for x in range(0, image.shape[1] - width, max(width, 180)):
                yield np.ascontiguousarray(image[y : y + height, x : x + width])


async def test_the_same_input_gives_the_same_scores(ours: YoloCls, reference: Any) -> None:
    """A crop of the network's own size is not scaled: both see the same tensor."""
    found = [(await ours.classify(Frame.from_bgr(image)), theirs(reference, image)) for image in parts((96, 96))]
    assert len(found) > 20
    mine, wanted = np.array(found).swapaxes(0, 1)
    assert np.abs(mine - wanted).max() < 2e-3
    assert len({int(np.argmax(scores)) for scores, _ in found}) > 1, "they do not all look alike"


@pytest.mark.parametrize(
    "size",
    [
        pytest.param((240, 240), id="a square"),
        pytest.param((300, 120), id="a standing person"),
        pytest.param((150, 290), id="a car"),
        pytest.param((61, 47), id="a small one of odd size"),
    ],
)
async def test_our_scaling_sees_what_theirs_sees(ours: YoloCls, reference: Any, size: tuple[int, int]) -> None:
    found = [(await ours.classify(Frame.from_bgr(image)), theirs(reference, image)) for image in parts(size)]
    mine, wanted = np.array(found).swapaxes(0, 1)
    assert len(found) > 10
    first, second = np.sort(wanted, axis=1)[:, [-1, -2]].T
    is_clear = first - second > 0.1  # where two labels are as likely, a hair decides
    assert is_clear.sum() > 5
    assert (mine.argmax(axis=1) == wanted.argmax(axis=1))[is_clear].mean() >= 0.9  # weights at random see every hair
    assert np.abs(mine - wanted).mean() < 0.03


@pytest.mark.parametrize("backend", BACKENDS)
async def test_red_is_told_from_blue(backend: Backend, colours: Path) -> None:
    model = YoloCls(YoloCls.Options(weights=str(colours), backend=backend, device="cpu"))
    model.load()
    assert model.labels == {0: "red", 1: "blue"}
    assert model.description.startswith(f"colours {backend} CPU") and model.description.endswith("32x32")
    (red, _), (_, blue) = await asyncio.gather(*(model.classify(camera_crop(colour)) for colour in (RED, BLUE)))
    assert min(red, blue) > 0.9
    model.close()


async def test_only_the_middle_is_looked_at(colours: Path) -> None:
    model = YoloCls(YoloCls.Options(weights=str(colours), backend="torch", device="cpu"))
    model.load()
    image = np.full((300, 100, 3), BLUE, np.uint8)
    image[100:200] = RED
    assert (await model.classify(Frame.from_bgr(image)))[0] > 0.9
    model.close()


async def test_many_crops_of_one_camera_may_wait(colours: Path) -> None:
    model = YoloCls(YoloCls.Options(weights=str(colours), backend="torch", device="cpu"))
    model.load()
    answers = await asyncio.gather(*(model.classify(camera_crop(RED)) for _ in range(32)))
    assert all(red > 0.9 for red, _ in answers)
    model.close()


def camera_crop(bgr: tuple[int, int, int]) -> Frame:
    """Part of a picture as cameras send it (YUV), of one colour."""
    image = np.full((360, 640, 3), bgr, np.uint8)
    picture = av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format="yuv420p")
    return Frame(picture, camera="yard", seq=0, pts_90k=0, captured_at=0.0).crop(101, 51, 263, 207)


@pytest.mark.parametrize(("imgsz", "size"), [(0, "96x96"), (64, "64x64")])
def test_the_size_is_what_it_was_trained_with(weights: Path, imgsz: int, size: str) -> None:
    model = YoloCls(YoloCls.Options(weights=str(weights), imgsz=imgsz, backend="torch", device="cpu"))
    model.load()
    assert model.description == f"kinds torch CPU {size}"
    model.close()


async def test_what_was_exported_knows_its_size_and_labels(colours: Path) -> None:
    folder = exported(colours, Recipe("openvino", (64, 64)))
    model = YoloCls(YoloCls.Options(weights=str(folder)))
    model.load()
    assert model.description.endswith(" openvino CPU 64x64")
    assert model.labels[int(np.argmax(await model.classify(camera_crop(BLUE))))] == "blue"
    model.close()


def test_a_detector_is_no_classifier(yolov8n: Path) -> None:
    with pytest.raises(ModelError, match=r"yolov8n\.pt is a model for 'detect', wanted one for 'classify'"):
        YoloCls(YoloCls.Options(weights=str(yolov8n), device="cpu")).load()


def test_a_model_that_is_not_loaded_or_closed_says_so(colours: Path) -> None:
    model = YoloCls(YoloCls.Options(weights=str(colours), backend="torch", device="cpu"))
    with pytest.raises(ModelError, match="is not loaded"):
        asyncio.run(model.classify(camera_crop(RED)))
    model.load()
    model.load()
    model.close()
    model.close()
    with pytest.raises(ModelError, match="is not loaded"):
        asyncio.run(model.classify(camera_crop(RED)))


def test_sizes_that_no_network_takes() -> None:
    with pytest.raises(ValidationError, match="multiple of 32"):
        YoloCls.Options(imgsz=50)
