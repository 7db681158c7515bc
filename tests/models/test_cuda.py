"""The same network on a CUDA device and on the processor. Where there is no such device, nothing here can run."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.detections import Detections
from pipeline.core.frame import Frame
from pipeline.models.ultra import ultralytics
from pipeline.models.yolo import Yolo

ultralytics()
import torch  # noqa: E402

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch can use no CUDA device here")

MIN_SCORE = 0.3
MANY = 24


@pytest.fixture(scope="module")
def pictures(shared: Path) -> list[Frame]:
    """Four moments of a street, where there is something to see."""
    import av

    clip = shared / "clips" / "traffic.mp4"
    if not clip.exists():
        pytest.skip(f"no real clip at {clip}")
    with av.open(str(clip)) as file:
        decoded = [picture for _, picture in zip(range(240), file.decode(video=0), strict=False)]
    return [
        Frame(picture, camera=f"street{number}", seq=number, pts_90k=0, captured_at=0.0)
        for number, picture in enumerate(decoded[60::45])
    ]


@pytest.fixture(scope="module")
def expected(yolov8n: Path, pictures: list[Frame]) -> list[Detections]:
    model = Yolo(Yolo.Options(weights=str(yolov8n), backend="torch", device="cpu"))
    model.load()
    found = [asyncio.run(model.detect(picture, min_score=MIN_SCORE)) for picture in pictures]
    model.close()
    assert sum(map(len, found)) >= 4
    return found


@pytest.fixture(scope="module", params=[pytest.param(True, id="fp16"), pytest.param(False, id="fp32")])
def on_cuda(request: pytest.FixtureRequest, yolov8n: Path) -> Iterator[Yolo]:
    model = Yolo(Yolo.Options(weights=str(yolov8n), backend="torch", device="cuda:0", half=request.param))
    model.load()
    yield model
    model.close()


def agree(found: Detections, expected: Detections) -> None:
    """Every object that is not near the limit is the same one, to three pixels."""
    for box, score, class_id in zip(expected.xyxy, expected.confidence, expected.class_id, strict=True):
        if score < MIN_SCORE + 0.1:
            continue
        nearest = np.abs(found.xyxy - box).max(axis=1).argmin()
        assert found.class_id[nearest] == class_id
        assert found.xyxy[nearest] == pytest.approx(box, abs=3)
        assert found.confidence[nearest] == pytest.approx(score, abs=0.05)


def test_one_picture_at_a_time(on_cuda: Yolo, pictures: list[Frame], expected: list[Detections]) -> None:
    for picture, known in zip(pictures, expected, strict=True):
        agree(asyncio.run(on_cuda.detect(picture, min_score=MIN_SCORE)), known)


async def test_batches_of_any_size(on_cuda: Yolo, pictures: list[Frame], expected: list[Detections]) -> None:
    for count in (2, 3, 7, MANY):
        numbers = [number % len(pictures) for number in range(count)]
        asked = [on_cuda.detect(pictures[number], min_score=MIN_SCORE) for number in numbers]
        for number, found in zip(numbers, await asyncio.gather(*asked), strict=True):
            agree(found, expected[number])


async def test_pictures_that_are_no_planes(on_cuda: Yolo, pictures: list[Frame], expected: list[Detections]) -> None:
    for picture, known in zip(pictures, expected, strict=True):
        agree(await on_cuda.detect(Frame.from_bgr(picture.bgr()), min_score=MIN_SCORE), known)
