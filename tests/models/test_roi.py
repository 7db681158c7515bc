"""A look at a part of the picture finds what the whole picture is too coarse for: with a real model."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest

from pipeline.core.camera import Camera
from pipeline.core.clock import ManualClock
from pipeline.core.context import Context
from pipeline.core.contracts import Models, StageSetup
from pipeline.core.frame import Frame, Image
from pipeline.models.yolo import Yolo
from pipeline.stages.detect import Detect

PLACE_XY = (1500, 800)
HEIGHT_PX = 120


@pytest.fixture(scope="module")
def model(yolov8n: Path) -> Iterator[Yolo]:
    yolo = Yolo(Yolo.Options(weights=str(yolov8n)))
    yolo.load()
    yield yolo
    yolo.close()


@pytest.fixture(scope="module")
def far_away() -> Image:
    """A street with people on it, small, in a picture of 2560x1440."""
    spec = find_spec("ultralytics")
    assert spec is not None and spec.origin is not None
    street = cv2.imread(str(Path(spec.origin).parent / "assets" / "bus.jpg"))
    assert street is not None
    small = cv2.resize(
        street, None, fx=HEIGHT_PX / len(street), fy=HEIGHT_PX / len(street), interpolation=cv2.INTER_AREA
    )
    picture, (x, y) = np.full((1440, 2560, 3), 120, np.uint8), PLACE_XY
    picture[y : y + small.shape[0], x : x + small.shape[1]] = small
    return picture


async def people(model: Yolo, picture: Image, roi: Mapping[str, Any], motion: tuple[float, ...]) -> list[list[float]]:
    class Pool:
        def detector(self, name: str) -> Yolo:
            return model

    def plugin(kind: str, type: str) -> Any:
        raise AssertionError

    camera = Camera(name="yard")
    setup = StageSetup(camera, cast(Models, Pool()), ManualClock(), plugin)
    ctx = Context(Frame.from_bgr(picture), camera, emit=lambda event: None, motion=(cast(Any, motion),))
    await Detect(Detect.Options(roi=cast(Any, roi)), setup).process(ctx)
    assert ctx.detections is not None
    return [row.tolist() for row in ctx.detections.xyxy]


@pytest.mark.parametrize(
    "motion",
    [pytest.param((0.59, 0.56, 0.61, 0.63), id="something moves there"), pytest.param((0, 0, 1, 1), id="a new scene")],
)
async def test_small_people_in_a_large_picture(model: Yolo, far_away: Image, motion: tuple[float, ...]) -> None:
    assert await people(model, far_away, {"enabled": False}, motion) == []
    found = await people(model, far_away, {"enabled": True, "max_regions": 12}, motion)
    assert len(found) >= 2
    for x1, y1, x2, y2 in found:
        assert PLACE_XY[0] - 3 <= x1 < x2 <= PLACE_XY[0] + 93
        assert PLACE_XY[1] + 30 <= y1 < y2 <= PLACE_XY[1] + HEIGHT_PX + 3
