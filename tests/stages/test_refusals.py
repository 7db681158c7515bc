"""What nearly counted is handed on with what it lacks."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.core.camera import Camera
from pipeline.core.context import Context
from pipeline.core.frame import Frame
from pipeline.core.refusal import Refusal
from pipeline.stages.detect import Detect
from pipeline.stages.filters import MOST_NEARLY
from tests.stages.scene import setup
from tests.stages.test_detect import BOX, Found, Seeing

MASK = {"mask": "0,0,0.2,0,0.2,0.5,0,0.5"}


async def refused(found: list[Found], zones: dict[str, Any] | None = None, **objects: Any) -> list[Refusal]:
    """On a picture of 200x100."""
    model = Seeing(*found)
    camera = Camera.model_validate({"name": "lobby", "objects": objects, "zones": zones or {}})
    stage = Detect(Detect.Options(), replace(setup(camera), models=model))
    ctx = Context(Frame.from_bgr(np.zeros((100, 200, 3), np.uint8)), camera, emit=lambda event: None)
    await stage.process(ctx)
    return ctx.refused


@pytest.mark.parametrize(
    ("objects", "found", "why"),
    [
        pytest.param({}, [(0, 0.9, BOX)], [], id="counts"),
        pytest.param({}, [(0, 0.46, BOX)], ["score 0.46 below 0.5 (min_score)"], id="unsure"),
        pytest.param({}, [(0, 0.37, BOX)], [], id="too unsure to be near"),
        pytest.param({}, [(2, 0.9, BOX)], [], id="nobody tracks that"),
        pytest.param(
            {"filters": {"person": {"min_area": 0.05}}},
            [(0, 0.9, BOX)],
            ["area 0.04 below 0.05 (min_area)"],
            id="too small",
        ),
        pytest.param(
            {"filters": {"person": {"min_area": 801}}}, [(0, 0.9, BOX)], ["area 800 below 801 (min_area)"], id="pixels"
        ),
        pytest.param(
            {"filters": {"person": {"max_area": 0.03}}},
            [(0, 0.9, BOX)],
            ["area 0.04 above 0.03 (max_area)"],
            id="too large",
        ),
        pytest.param(
            {"filters": {"person": {"min_ratio": 0.6}}},
            [(0, 0.9, BOX)],
            ["width to height 0.50 below 0.6 (min_ratio)"],
            id="too narrow",
        ),
        pytest.param(
            {"filters": {"person": {"max_ratio": 0.4}}},
            [(0, 0.9, BOX)],
            ["width to height 0.50 above 0.4 (max_ratio)"],
            id="too wide",
        ),
        pytest.param(MASK, [(0, 0.9, BOX)], ["stood in a mask"], id="in a mask"),
        pytest.param(
            MASK, [(0, 0.46, BOX)], ["score 0.46 below 0.5 (min_score)"], id="the first of what it does not meet"
        ),
    ],
)
async def test_why(objects: dict[str, Any], found: list[Found], why: list[str]) -> None:
    assert [refusal.why for refusal in await refused(found, **objects)] == why


async def test_where_it_stood() -> None:
    zones = {"door": {"coordinates": "0,0,0.2,0,0.2,0.5,0,0.5"}, "street": {"coordinates": "0.5,0,1,0,1,1,0.5,1"}}
    (refusal,) = await refused([(0, 0.46, BOX)], zones)
    assert refusal == Refusal("person", 0.46, (0.0, 0.0, 0.1, 0.4), "min_score", 0.46, 0.5, ["door"])


async def test_of_many_the_surest() -> None:
    scores = [0.4 + number / 100 for number in range(9)]
    said = await refused([(0, score, (10.0 * at, 0.0, 10.0 * at + 5, 40.0)) for at, score in enumerate(scores)])
    assert [refusal.score for refusal in said] == pytest.approx(sorted(scores, reverse=True)[:MOST_NEARLY])
