"""Whether looks, as a real detector tells them, keep people apart where places do not."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.core.camera import Camera, ObjectFilter, Objects
from pipeline.core.context import Context
from pipeline.core.detections import FEATURES, Detections
from pipeline.core.frame import Frame, Image
from pipeline.models.ultra import ultralytics
from pipeline.models.yolo import Yolo
from pipeline.stages.track import Track
from tests.models.conftest import shared, yolov8n
from tests.stages.scene import setup

__all__ = ["shared", "yolov8n"]

FPS = 5.0
WIDTH, HEIGHT, FLOOR, TALL = 640, 360, 330, 220
PILLAR = 250, 390
STEPS = 9
CAMERA = Camera(name="hall", fps=FPS, objects=Objects(track=("person",), filters={"person": ObjectFilter()}))
PEOPLE_OF_BUS_JPG = (50, 400, 245, 903), (221, 406, 345, 858)


@pytest.fixture(scope="module")
def seen(yolov8n: Path) -> Iterator[list[Detections]]:
    """What a detector sees of two who walk behind one pillar from either side, turn round there and come back."""
    model = Yolo(Yolo.Options(weights=str(yolov8n), backend="torch", device="cpu", features=True))
    model.load()
    yield asyncio.run(looks(model))
    model.close()


async def looks(model: Yolo) -> list[Detections]:
    found = [await model.detect(Frame.from_bgr(picture), min_score=0.3) for picture in pictures()]
    return [each[each.class_id == 0] for each in found]


def pictures() -> Iterator[Image]:
    people = [cut_out(corners) for corners in PEOPLE_OF_BUS_JPG]
    random = np.random.default_rng(5)
    wall = cv2.resize(random.normal(140, 6, (9, 16)), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for number in range(2 * STEPS + 1):
        picture = np.repeat(np.clip(wall, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
        away = 28 * abs(number - STEPS) - 110  # pixels from behind the pillar
        for person, x in zip(people, (PILLAR[0] - 40 - away, PILLAR[1] + 40 + away), strict=True):
            paste(picture, person, round(x - person.shape[1] / 2))
        picture[:, PILLAR[0] : PILLAR[1]] = 90
        noise = random.normal(0, 3, picture.shape)
        yield np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


def cut_out(corners: tuple[int, int, int, int]) -> Image:
    left, top, right, bottom = corners
    photograph = cv2.imread(str(Path(ultralytics().__file__).parent / "assets" / "bus.jpg"))
    assert photograph is not None
    width = round((right - left) * TALL / (bottom - top))
    return np.asarray(cv2.resize(photograph[top:bottom, left:right], (width, TALL)), np.uint8)


def paste(picture: Image, person: Image, left: int) -> None:
    height, width = person.shape[:2]
    begin, end = max(0, left), min(WIDTH, left + width)
    if begin < end:
        picture[FLOOR - height : FLOOR, begin:end] = person[:, begin - left : end - left]


def ids(seen: list[Detections], with_reid: bool) -> tuple[list[str], list[str]]:
    """Of the one on the left and the one on the right, before and after."""
    stage = Track(Track.Options(tracker="botsort", with_reid=with_reid), setup(CAMERA))
    whole = []
    for number, found in enumerate(seen):
        frame = Frame.from_bgr(np.zeros((HEIGHT, WIDTH, 3), np.uint8), camera="hall", captured_at=number / FPS)
        ctx = Context(frame, CAMERA, lambda event: None, detections=found)
        stage.process(ctx)
        measured = sorted((thing for thing in ctx.objects if thing.measured), key=lambda thing: thing.box[0])
        if len(measured) == 2:
            whole.append([thing.id for thing in measured])
    return whole[0], whole[-1]


def test_both_vanish_and_come_back(seen: list[Detections]) -> None:
    numbers = [len(found) for found in seen]
    assert numbers[0] == numbers[-1] == 2 and numbers[STEPS] == 0
    assert all(found.attributes[FEATURES].shape == (len(found), 64) for found in seen)


def test_with_looks_each_keeps_its_id(seen: list[Detections]) -> None:
    before, after = ids(seen, with_reid=True)
    assert after == before


def test_by_their_places_alone_they_are_taken_for_others(seen: list[Detections]) -> None:
    before, after = ids(seen, with_reid=False)
    assert after != before
