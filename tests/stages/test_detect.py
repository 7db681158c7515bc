from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from pipeline.core.camera import Camera
from pipeline.core.clock import ManualClock
from pipeline.core.context import Context
from pipeline.core.contracts import Classifier, Detector, StageSetup
from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError
from pipeline.core.frame import Frame
from pipeline.core.objects import Box
from pipeline.stages.detect import Detect
from tests.stages.scene import setup

LABELS = {0: "person", 2: "car", 7: "truck"}
Found = tuple[int, float, tuple[float, float, float, float]]


class Seeing:
    """A model that sees what it was told to; also its own pool."""

    def __init__(self, *found: Found, fails: bool = False) -> None:
        self.labels: Mapping[int, str] = LABELS
        self.asked: list[float] = []
        self._found = found
        self._fails = fails

    def detector(self, name: str) -> Detector:
        assert name == "general"
        return self

    def classifier(self, name: str) -> Classifier:
        raise NotImplementedError

    async def detect(self, frame: Frame, *, min_score: float) -> Detections:
        self.asked.append(min_score)
        if self._fails:
            raise ModelError("device lost")
        class_ids, scores, boxes = zip(*self._found, strict=True) if self._found else ((), (), ())
        return Detections(
            np.array(boxes, np.float32).reshape(-1, 4),
            np.array(scores, np.float32),
            np.array(class_ids, np.int32),
            self.labels,
        )


def stage(model: Seeing, **objects: Any) -> Detect:
    camera = Camera.model_validate({"name": "lobby", "objects": objects})

    def plugin(kind: str, type: str) -> Any:
        raise AssertionError

    return Detect(Detect.Options(), StageSetup(camera, model, ManualClock(), plugin))


async def seen(model: Seeing, **objects: Any) -> list[str]:
    """Labels and scores that the stage lets through, on a picture of 200x100."""
    ctx = Context(Frame.from_bgr(np.zeros((100, 200, 3), np.uint8)), Camera(name="lobby"), emit=lambda event: None)
    await stage(model, **objects).process(ctx)
    assert ctx.detections is not None
    return [f"{ctx.detections.label(i)} {ctx.detections.confidence[i]:.2f}" for i in range(len(ctx.detections))]


BOX = (0.0, 0.0, 20.0, 40.0)
"""Four hundredths of the picture, half as wide as high."""


@pytest.mark.parametrize(
    ("objects", "found", "expected"),
    [
        pytest.param({}, [(0, 0.9, BOX), (2, 0.9, BOX)], ["person 0.90"], id="persons unless told otherwise"),
        pytest.param({"track": ["car"]}, [(0, 0.9, BOX), (2, 0.9, BOX)], ["car 0.90"], id="what is tracked"),
        pytest.param({"track": []}, [(0, 0.9, BOX)], [], id="nothing is tracked"),
        pytest.param({}, [(0, 0.5, BOX), (0, 0.49, BOX)], ["person 0.50"], id="half sure by default"),
        pytest.param(
            {"track": ["person", "car"], "filters": {"car": {"min_score": 0.3}}},
            [(0, 0.4, BOX), (2, 0.4, BOX)],
            ["car 0.40"],
            id="each label has its own score",
        ),
        pytest.param({"filters": {"person": {"min_area": 0.05}}}, [(0, 0.9, BOX)], [], id="too small"),
        pytest.param({"filters": {"person": {"min_area": 0.04}}}, [(0, 0.9, BOX)], ["person 0.90"], id="large enough"),
        pytest.param({"filters": {"person": {"max_area": 0.03}}}, [(0, 0.9, BOX)], [], id="too large"),
        pytest.param({"filters": {"person": {"min_ratio": 0.6}}}, [(0, 0.9, BOX)], [], id="too narrow"),
        pytest.param({"filters": {"person": {"max_ratio": 0.4}}}, [(0, 0.9, BOX)], [], id="too wide"),
        pytest.param({"filters": {"person": {"min_area": 801}}}, [(0, 0.9, BOX)], [], id="too small in pixels"),
        pytest.param(
            {"filters": {"person": {"max_area": 800}}}, [(0, 0.9, BOX)], ["person 0.90"], id="just enough pixels"
        ),
        pytest.param({"mask": "0,0,0.2,0,0.2,0.5,0,0.5"}, [(0, 0.9, BOX)], [], id="stands in a mask"),
        pytest.param(
            {"mask": [[[0, 0], [0.2, 0], [0.2, 0.3], [0, 0.3]]]}, [(0, 0.9, BOX)], ["person 0.90"], id="feet outside"
        ),
        pytest.param(
            {"track": ["person", "car"], "filters": {"car": {"mask": "0,0,1,0,1,1,0,1"}}},
            [(0, 0.9, BOX), (2, 0.9, BOX)],
            ["person 0.90"],
            id="a label's own mask",
        ),
        pytest.param({}, [], [], id="looked, and nothing was there"),
        pytest.param({}, [(0, 0.9, (5.0, 5.0, 5.0, 5.0))], ["person 0.90"], id="a box without size divides by nothing"),
    ],
)
async def test_what_is_believed(objects: dict[str, Any], found: list[Found], expected: list[str]) -> None:
    assert await seen(Seeing(*found), **objects) == expected


@pytest.mark.parametrize(
    ("objects", "asked"),
    [
        pytest.param({}, 0.1, id="the weak ones too"),
        pytest.param({"track": ["person", "car"], "filters": {"car": {"min_score": 0.05}}}, 0.05, id="the lowest"),
        pytest.param({"track": ["person"], "filters": {"car": {"min_score": 0.05}}}, 0.1, id="of what is tracked"),
    ],
)
async def test_the_model_is_not_asked_for_what_nobody_wants(objects: dict[str, Any], asked: float) -> None:
    model = Seeing()
    await seen(model, **objects)
    assert model.asked == [asked]


async def test_what_is_too_unsure_to_begin_an_object_is_handed_on_beside() -> None:
    found = [(0, 0.5, BOX), (0, 0.49, BOX), (0, 0.1, BOX), (0, 0.09, BOX), (2, 0.3, BOX), (0, 0.3, (0, 0, 90, 10))]
    ctx = Context(Frame.from_bgr(np.zeros((100, 200, 3), np.uint8)), Camera(name="lobby"), emit=lambda event: None)
    await stage(Seeing(*found), filters={"person": {"max_ratio": 2}}).process(ctx)
    assert ctx.detections is not None and ctx.weak is not None
    assert ctx.detections.confidence.tolist() == pytest.approx([0.5])
    assert ctx.weak.confidence.tolist() == pytest.approx([0.49, 0.1])


async def test_where_nothing_moves_nobody_looks() -> None:
    model = Seeing((0, 0.9, BOX))
    detect, looked = stage(model), []
    for now in range(250):
        frame = Frame.from_bgr(np.zeros((100, 200, 3), np.uint8), captured_at=float(now))
        ctx = Context(frame, Camera(name="lobby"), emit=lambda event: None, motion=())
        await detect.process(ctx)
        assert (ctx.detections is None) == (ctx.weak is None)
        looked += [now] if ctx.detections is not None else []
    assert looked == [0, 120, 240]
    assert len(model.asked) == 3


async def test_regions_are_looked_at_with_the_whole_and_told_in_its_pixels() -> None:
    class SeesCrops(Seeing):
        async def detect(self, frame: Frame, *, min_score: float) -> Detections:
            sizes.append(frame.resolution_wh)
            return await super().detect(frame, min_score=min_score) if frame.width == 96 else Detections.empty()

    sizes: list[tuple[int, int]] = []
    model = SeesCrops((0, 0.9, (10, 10, 30, 50)))
    plugin = setup(Camera(name="lobby")).plugin
    detect = Detect(
        Detect.Options.model_validate({"roi": {"enabled": True, "size": 96}}),
        StageSetup(Camera(name="lobby"), model, ManualClock(), plugin),
    )
    moving: Box = (0.5, 0.5, 0.55, 0.55)
    frame = Frame.from_bgr(np.zeros((400, 600, 3), np.uint8))
    ctx = Context(frame, Camera(name="lobby"), emit=lambda event: None, motion=(moving,))
    await detect.process(ctx)
    assert sizes == [(600, 400), (96, 96)]
    assert ctx.detections is not None
    assert ctx.detections.xyxy.tolist() == [[276, 172, 296, 212]]


async def test_a_model_that_failed_is_not_a_frame_without_objects() -> None:
    ctx = Context(Frame.from_bgr(np.zeros((10, 10, 3), np.uint8)), Camera(name="lobby"), emit=lambda event: None)
    with pytest.raises(ModelError, match="device lost"):
        await stage(Seeing(fails=True)).process(ctx)
    assert ctx.detections is None


@pytest.mark.parametrize(
    ("label", "said"),
    [
        pytest.param("persn", "objects.track: model 'general' knows no 'persn'; did you mean 'person'?", id="misspelt"),
        pytest.param(
            "zebra", "objects.track: model 'general' knows no 'zebra'; it knows car, person, truck", id="unknown"
        ),
    ],
)
def test_a_label_that_the_model_does_not_know_is_told_at_once(label: str, said: str) -> None:
    with pytest.raises(ModelError) as failure:
        stage(Seeing(), track=["person", label])
    assert str(failure.value) == said
