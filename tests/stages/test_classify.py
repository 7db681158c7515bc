import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import wait
from typing import Any

import numpy as np
import pytest

from pipeline.analysis.step import FAILURES_TO_DISABLE, Step
from pipeline.core.camera import Camera
from pipeline.core.clock import ManualClock
from pipeline.core.context import Context
from pipeline.core.contracts import Classifier, Detector, StageSetup
from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError, PluginError
from pipeline.core.frame import Frame, Image
from pipeline.core.objects import Box, TrackedObject
from pipeline.stages.classify import MOST_IN_FLIGHT, Classify
from pipeline.stages.classifying.subject import around
from tests.stages.scene import no_plugins

CAMERA = Camera(name="yard")
START = 1_700_000_000.0
LEFT, RIGHT = (0.1, 0.2, 0.3, 0.6), (0.6, 0.2, 0.8, 0.6)
WIDTH, HEIGHT = 320, 180


class RedOrBlue:
    """Answers by the mean colour of what it is given; also its own pool. Waits while it `holds`."""

    labels: Mapping[int, str] = {0: "red", 1: "blue"}

    def __init__(self) -> None:
        self.seen_wh: list[tuple[int, int]] = []
        self.answered = 0
        self.fails: Exception | None = None
        self._free = asyncio.Event()
        self._free.set()

    def hold(self) -> None:
        self._free.clear()

    def let_go(self) -> None:
        self._free.set()

    def detector(self, name: str) -> Detector:
        raise NotImplementedError

    def classifier(self, name: str) -> Classifier:
        assert name == "colour"
        return self

    async def classify(self, crop: Frame) -> Sequence[float]:
        self.seen_wh.append(crop.resolution_wh)
        await self._free.wait()
        if self.fails:
            raise self.fails
        self.answered += 1
        blue, _, red = crop.bgr().astype(float).mean(axis=(0, 1)) + 1e-6
        return float(red / (red + blue)), float(blue / (red + blue))


def stage(model: RedOrBlue, *, realtime: bool = True, name: str = "colour_of_car", **options: Any) -> Classify:
    setup = StageSetup(CAMERA, model, ManualClock(), no_plugins, name=name, realtime=realtime)
    return Classify(Classify.Options.model_validate({"model": "colour", **options}), setup)


def picture(left: str = "red", right: str = "blue") -> Image:
    """One half red or blue, and the other."""
    bgr = {"red": (0, 0, 255), "blue": (255, 0, 0)}
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:, : WIDTH // 2], image[:, WIDTH // 2 :] = bgr[left], bgr[right]
    return image


def thing(id: str = "one", box: Box = LEFT, **facts: Any) -> TrackedObject:
    return TrackedObject(**{"id": id, "label": "car", "score": 0.9, "box": box, "first_seen_at": START, **facts})


def context(*objects: TrackedObject, at: float = 0.0, image: Image | None = None) -> Context:
    shown = picture() if image is None else image
    frame = Frame.from_bgr(shown, camera="yard", captured_at=START + at)
    return Context(frame, CAMERA, lambda _event: None, detections=Detections.empty(), objects=list(objects))


async def shown(stage: Classify, *objects: TrackedObject, at: float = 0.0, image: Image | None = None) -> list[Any]:
    """The attribute of each object after a frame."""
    ctx = context(*objects, at=at, image=image)
    await stage.process(ctx)
    return [one.attributes.get("colour_of_car") for one in ctx.objects]


async def settled(model: RedOrBlue, answers: int) -> None:
    """Until the model has answered so often and the answers have arrived."""
    while model.answered < answers:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_frame_does_not_wait_and_the_next_ones_know() -> None:
    model = RedOrBlue()
    classify = stage(model)
    model.hold()
    for at in (0.0, 0.2):
        assert await shown(classify, thing(), thing("two", RIGHT), at=at) == [None, None]
    model.let_go()
    await settled(model, 2)
    for at in (0.4, 0.6):
        assert await shown(classify, thing(), thing("two", RIGHT), at=at) == ["red", "blue"]
    unseen = [thing(measured=False), thing("two", RIGHT, measured=False, lost=True)]
    assert await shown(classify, *unseen, at=5) == ["red", "blue"]
    assert model.answered == 2


async def test_where_nothing_may_be_lost_the_frame_waits() -> None:
    model = RedOrBlue()
    classify = stage(model, realtime=False)
    many = [thing(str(number), LEFT if number % 2 else RIGHT) for number in range(3 * MOST_IN_FLIGHT)]
    assert await shown(classify, *many) == ["blue", "red"] * (len(many) // 2)
    assert classify.dropped == 0


async def test_the_score_stands_beside_the_label() -> None:
    ctx = context(thing())
    await stage(RedOrBlue(), realtime=False, attribute="colour").process(ctx)
    assert ctx.objects[0].attributes == {"colour": "red", "colour_score": 1.0}


@pytest.mark.parametrize(
    ("options", "facts", "asked"),
    [
        pytest.param({}, {}, True, id="whatever is tracked"),
        pytest.param({"objects": ["car"]}, {}, True, id="a car, where cars are wanted"),
        pytest.param({"objects": ["person"]}, {}, False, id="a car, where persons are wanted"),
        pytest.param({}, {"confirmed": False}, False, id="what may be nothing"),
        pytest.param({}, {"measured": False}, False, id="what was not seen in this frame"),
        pytest.param({"min_area": 0.079}, {}, True, id="large enough"),
        pytest.param({"min_area": 0.09}, {}, False, id="too small"),
    ],
)
async def test_who_is_looked_at(options: dict[str, Any], facts: dict[str, Any], asked: bool) -> None:
    model = RedOrBlue()
    await shown(stage(model, realtime=False, **options), thing(**facts))
    assert bool(model.answered) == asked


@pytest.mark.parametrize(
    ("moments", "answers"),
    [
        pytest.param([(0, 0.2), (29, 0.2)], 1, id="once"),
        pytest.param([(0, 0.2), (30, 0.2), (59, 0.2), (60, 0.2)], 3, id="again by age"),
        pytest.param([(0, 0.2), (1, 0.24), (2, 0.25)], 2, id="again when it has grown by half (of its area)"),
        pytest.param([(0, 0.2), (1, 0.1), (2, 0.2)], 1, id="not when it has only come back to its size"),
        pytest.param([(0, 0.2), (-40, 0.2)], 2, id="a clock that was set back"),
    ],
)
async def test_when_it_is_looked_at_again(moments: list[tuple[float, float]], answers: int) -> None:
    model = RedOrBlue()
    classify = stage(model, realtime=False)
    for at, side in moments:
        await shown(classify, thing(box=(0.1, 0.1, 0.1 + side, 0.1 + side)), at=at)
    assert model.answered == answers


async def test_what_is_not_known_is_asked_again_soon_then_less_and_less_often() -> None:
    model = RedOrBlue()
    classify = stage(model, realtime=False, threshold=0.6)
    violet = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    asked = []
    for at in range(80):
        before = model.answered
        assert await shown(classify, thing(), at=at, image=violet) == [None]
        asked += [at] if model.answered > before else []
    assert asked == [0, 1, 3, 7, 15, 31, 61]


async def test_the_answers_are_a_vote() -> None:
    model = RedOrBlue()
    classify = stage(model, realtime=False, refresh={"seconds": 1})
    colours = ["red", "blue", "blue", "red", "red", "blue"]
    seen = [await shown(classify, thing(), at=at, image=picture(now)) for at, now in enumerate(colours)]
    assert [label for (label,) in seen] == ["red", "red", "blue", "blue", "red", "blue"]


async def test_more_than_there_is_room_for_is_left_out_and_counted() -> None:
    model = RedOrBlue()
    classify = stage(model)
    model.hold()
    many = [thing(str(number)) for number in range(MOST_IN_FLIGHT + 3)]
    await shown(classify, *many)
    assert classify.dropped == 3
    while len(model.seen_wh) < MOST_IN_FLIGHT:
        await asyncio.sleep(0.001)
    model.let_go()
    await settled(model, MOST_IN_FLIGHT)
    await shown(classify, *many, at=0.2)
    await settled(model, len(many))
    assert await shown(classify, *many, at=0.4) == ["red"] * len(many)
    assert classify.dropped == 3


async def test_nothing_is_kept_of_an_object_that_has_gone() -> None:
    model = RedOrBlue()
    classify = stage(model)
    model.hold()
    await shown(classify, thing(), thing("two", RIGHT))
    while len(model.seen_wh) < 2:
        await asyncio.sleep(0.001)
    await shown(classify, thing("two", RIGHT), at=0.2)
    await asyncio.sleep(0)
    assert len(_waiting()) == 1
    model.let_go()
    await settled(model, 1)
    assert await shown(classify, thing("two", RIGHT), at=0.4) == ["blue"]
    assert _waiting() == []
    await shown(classify, at=0.6)
    assert await shown(classify, thing("two", RIGHT), at=0.8) == [None]


def _waiting() -> list[asyncio.Task[Any]]:
    """Whatever the stage has left running."""
    return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_an_answer_that_failed_is_raised_at_the_next_frame_and_asked_again() -> None:
    model = RedOrBlue()
    classify = stage(model)
    model.fails = ModelError("model 'colour' failed: device lost")
    await classify.process(context(thing()))
    await _until_idle()
    ctx = context(thing(), at=0.2)
    with pytest.raises(ModelError, match=r"^model 'colour' failed: device lost$"):
        await classify.process(ctx)
    model.fails = None
    await _until_idle()
    await shown(classify, thing(), at=0.4)
    await _until_idle()
    assert await shown(classify, thing(), at=0.6) == ["red"]


async def test_what_is_known_stays_while_the_model_fails() -> None:
    model = RedOrBlue()
    classify = stage(model, realtime=False)
    assert await shown(classify, thing()) == ["red"]
    model.fails = ValueError("what is this?")
    ctx = context(thing(), thing("two", RIGHT), at=1)
    with pytest.raises(ModelError, match=r"^ValueError: what is this\?$"):
        await classify.process(ctx)
    assert [one.attributes.get("colour_of_car") for one in ctx.objects] == ["red", None]


async def test_a_model_that_goes_on_failing_switches_the_stage_off() -> None:
    """However long each answer takes: what is between two of them is no success."""
    model, clock = RedOrBlue(), ManualClock()
    classify = stage(model)
    step = Step("colour_of_car", classify, clock, None, asyncio.get_running_loop())  # type: ignore[arg-type]
    known = thing("known")
    await run(step, context(known))
    await _until_idle()
    known.attributes.clear()
    model.fails = ModelError("device lost")
    frames = 0
    while not step.disabled:
        model.hold()
        for _ in range(2):
            await run(step, context(known, thing(), at=frames / 5))
            frames += 1
        model.let_go()
        await _until_idle()
    assert frames < 2 * FAILURES_TO_DISABLE
    resting = context(known, thing("two", RIGHT), at=frames / 5)
    assert not await run(step, resting)
    assert [one.attributes.get("colour_of_car") for one in resting.objects] == ["red", None], "what is known stays"
    assert step.last_error == "ModelError: device lost"
    assert _waiting() == []


async def run(step: Step, ctx: Context) -> bool:
    """As the line of a camera does, on a thread of its own."""

    def go() -> bool:
        if step.disabled:
            step.rest(ctx)
            return False
        try:
            awaited = step.begin(ctx)
            while awaited is not None:
                wait([awaited])
                awaited = step.resume(ctx, awaited)
        except Exception as error:
            step.fail(ctx, error)
            return False
        step.end(ctx)
        return True

    return await asyncio.to_thread(go)


async def _until_idle() -> None:
    while tasks := _waiting():
        await asyncio.wait(tasks)


def test_an_answer_that_is_none_fails() -> None:
    class Odd(RedOrBlue):
        async def classify(self, crop: Frame) -> Sequence[float]:
            return [1.0]

    async def ask() -> None:
        await stage(Odd(), realtime=False).process(context(thing()))

    with pytest.raises(ModelError, match="wanted 2 numbers"):
        asyncio.run(ask())


def test_an_attribute_needs_a_name() -> None:
    with pytest.raises(PluginError, match="wanted `attribute` or a stage with a name"):
        stage(RedOrBlue(), name="")


@pytest.mark.parametrize(
    ("box", "square", "pixels"),
    [
        pytest.param((0.1, 0.2, 0.3, 0.4), False, (100, 100, 300, 200), id="the box"),
        pytest.param((0.1, 0.2, 0.3, 0.4), True, (100, 50, 300, 250), id="a wide one made square"),
        pytest.param((0.4, 0.2, 0.5, 0.8), True, (300, 100, 600, 400), id="a tall one made square"),
        pytest.param((0.0, 0.2, 0.1, 0.8), True, (0, 100, 300, 400), id="moved at the left edge"),
        pytest.param((0.9, 0.8, 1.0, 1.0), True, (900, 400, 1000, 500), id="square already, in the corner"),
        pytest.param((0.1, 0.4, 0.9, 0.6), True, (100, 0, 900, 500), id="larger than the picture is high"),
    ],
)
def test_the_part_that_is_looked_at(box: Box, square: bool, pixels: tuple[int, int, int, int]) -> None:
    assert around(box, (1000, 500), square=square) == pixels
