"""One stage: when it is off, what it says while it is, and what it is taken for."""

import asyncio
import gc
import logging
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pipeline.analysis.step import FAILURES_TO_DISABLE, RETRY_AFTER_S, Step
from pipeline.core.camera import Camera
from pipeline.core.clock import ManualClock
from pipeline.core.context import Context
from pipeline.core.frame import Frame
from tests.analysis.line import line


class Sometimes:
    """Fails while `broken`; remembers whom it served."""

    def __init__(self) -> None:
        self.broken = False
        self.served: list[int] = []

    async def process(self, ctx: Context) -> None:
        await asyncio.sleep(0.01 if ctx.frame.seq == 1 else 0)
        if self.broken:
            raise ValueError("broken on purpose")
        self.served.append(ctx.frame.seq)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def stage() -> Sometimes:
    return Sometimes()


def test_frames_keep_their_order(stage: Sometimes) -> None:
    with line(stage) as running:
        running.go(1, 2, 3, 4, 5)
    assert stage.served == running.seqs == [1, 2, 3, 4, 5]


def test_ten_failures_in_a_row_switch_it_off_for_a_minute(
    stage: Sometimes, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    with line(stage, clock=clock) as running:
        (step,) = running.steps
        stage.broken = True
        for seq in range(FAILURES_TO_DISABLE):
            assert not step.disabled
            running.go(seq)
        assert step.disabled
        assert step.last_error == "ValueError: broken on purpose"
        logged = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
        assert logged == ["yard: stage sometimes failed", "yard: stage sometimes is off for 60 s: " + step.last_error]

        stage.broken = False
        running.go(70)
        clock.advance(RETRY_AFTER_S)
        running.go(80)
    assert stage.served == [80]


def test_a_retry_that_fails_switches_it_off_again(stage: Sometimes, clock: ManualClock) -> None:
    with line(stage, clock=clock) as running:
        (step,) = running.steps
        stage.broken = True
        running.go(*range(FAILURES_TO_DISABLE))
        clock.advance(RETRY_AFTER_S)
        assert not step.disabled
        running.go(70)
        assert step.disabled


def test_a_success_begins_the_count_anew(stage: Sometimes) -> None:
    with line(stage) as running:
        for broken in [*[True] * 9, False, *[True] * 9]:
            stage.broken = broken
            running.go(0)
        assert not running.steps[0].disabled


class Remembers(Sometimes):
    """Rests by saying so on the event loop, but for what it cannot even rest at."""

    def rest(self, ctx: Context) -> None:
        asyncio.get_running_loop()
        if ctx.frame.seq == 90:
            raise KeyError("nothing to rest on")
        ctx.draw.text((0, 0), "resting")


def test_one_that_is_off_may_keep_what_it_knew() -> None:
    stage = Remembers()
    with line(stage) as running:
        stage.broken = True
        running.go(*range(FAILURES_TO_DISABLE))
        running.go(80, 90)
        resting, not_even = running.through[-2:]
        assert [mark.text for mark in resting.ctx.draw.marks] == ["resting"]
        assert not not_even.ctx.draw.marks
        assert running.steps[0].last_error == "KeyError: 'nothing to rest on'"


class Stuck:
    """Keeps its thread until it is let go."""

    def __init__(self, prompt: bool) -> None:
        self.prompt = prompt
        self.let_go = threading.Event()
        self.served = 0

    def process(self, ctx: Context) -> None:
        self.let_go.wait(60)
        self.served += 1


@pytest.mark.parametrize("prompt", [pytest.param(False, id="elsewhere"), pytest.param(True, id="on the line's thread")])
def test_one_that_hangs_is_off_until_its_thread_comes_back(prompt: bool) -> None:
    stage = Stuck(prompt)
    with line(stage, longest_s=0.05) as running:
        (step,) = running.steps
        running.go(1)
        assert step.last_error == "TimeoutError: no answer within 0.05 s"
        assert _is_off(step)
        running.go(2)
        stage.let_go.set()
        while _is_off(step):
            running.conveyor.wake()
        running.go(3)
        assert running.seqs == [1, 2, 3]
    assert stage.served == 2


def _is_off(step: Step) -> bool:
    return step.disabled


def test_one_that_waits_for_ever_fails() -> None:
    class Waits:
        async def process(self, ctx: Context) -> None:
            await asyncio.Event().wait()

    with line(Waits(), longest_s=0.05) as running:
        running.go(1)
        (step,) = running.steps
        assert not step.disabled
        assert step.last_error == "TimeoutError: no answer within 0.05 s"


def test_it_knows_whether_a_stage_says_what_is_there() -> None:
    class Makes:
        def process(self, ctx: Context) -> None:
            if ctx.frame.seq:
                ctx.objects = []

    made = []
    with line(Makes()) as running:
        for seq in (0, 1, 0):
            running.go(seq)
            made.append(running.steps[0].makes)
    assert made == [False, True, True]


def test_one_whose_loop_ends_before_its_turn_leaves_nothing_unawaited(stage: Sometimes, clock: ManualClock) -> None:
    ctx = Context(Frame.from_bgr(np.zeros((2, 2, 3), np.uint8)), Camera(name="yard"), lambda _event: None)

    async def begins() -> None:
        Step("sometimes", stage, clock, pool, asyncio.get_running_loop()).begin(ctx)

    with ThreadPoolExecutor(1) as pool, warnings.catch_warnings(record=True) as warned:
        asyncio.run(begins())
        gc.collect()
    assert not stage.served
    assert not warned
