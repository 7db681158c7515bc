import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pipeline.analysis.step import FAILURES_TO_DISABLE, QUICK_MS, RETRY_AFTER_S, Step
from pipeline.core.camera import Camera
from pipeline.core.clock import ManualClock
from pipeline.core.context import Context
from pipeline.core.frame import Frame


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


def context(seq: int = 0) -> Context:
    return Context(Frame.from_bgr(np.zeros((2, 2, 3), np.uint8), seq=seq), Camera(name="yard"), lambda _event: None)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def stage() -> Sometimes:
    return Sometimes()


@pytest.fixture
def step(stage: Sometimes, clock: ManualClock) -> Step:
    return Step("sometimes", stage, clock, ThreadPoolExecutor(1))


async def test_frames_keep_their_order(step: Step, stage: Sometimes) -> None:
    await asyncio.gather(*(step.run(context(seq)) for seq in range(1, 6)))
    assert stage.served == [1, 2, 3, 4, 5]


async def test_ten_failures_in_a_row_switch_it_off_for_a_minute(
    step: Step, stage: Sometimes, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    stage.broken = True
    for _ in range(FAILURES_TO_DISABLE):
        assert not step.disabled
        assert not await step.run(context())
    assert step.disabled
    assert step.last_error == "ValueError: broken on purpose"
    logged = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert logged == ["yard: stage sometimes failed", "yard: stage sometimes is off for 60 s: " + step.last_error]

    stage.broken = False
    assert not await step.run(context(7))
    clock.advance(RETRY_AFTER_S)
    assert await step.run(context(8))
    assert stage.served == [8]


async def test_a_retry_that_fails_switches_it_off_again(step: Step, stage: Sometimes, clock: ManualClock) -> None:
    stage.broken = True
    for _ in range(FAILURES_TO_DISABLE):
        await step.run(context())
    clock.advance(RETRY_AFTER_S)
    assert not step.disabled
    await step.run(context())
    assert step.disabled


async def test_a_success_begins_the_count_anew(step: Step, stage: Sometimes) -> None:
    for broken in [*[True] * 9, False, *[True] * 9]:
        stage.broken = broken
        await step.run(context())
    assert not step.disabled


class Remembers(Sometimes):
    """Rests by saying so, but for what it cannot even rest at."""

    def rest(self, ctx: Context) -> None:
        if ctx.frame.seq == 9:
            raise KeyError("nothing to rest on")
        ctx.draw.text((0, 0), "resting")


async def test_one_that_is_off_may_keep_what_it_knew(clock: ManualClock) -> None:
    stage = Remembers()
    step = Step("remembers", stage, clock, ThreadPoolExecutor(1))
    stage.broken = True
    for seq in range(FAILURES_TO_DISABLE):
        await step.run(context(seq))
    resting, not_even = context(8), context(9)
    assert not await step.run(resting)
    assert [mark.text for mark in resting.draw.marks] == ["resting"]
    assert not await step.run(not_even)
    assert step.last_error == "KeyError: 'nothing to rest on'"


class Stuck:
    """Keeps its thread until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def process(self, ctx: Context) -> None:
        self.let_go.wait(60)


async def test_one_that_hangs_is_off_until_its_thread_comes_back(clock: ManualClock) -> None:
    stage = Stuck()
    with ThreadPoolExecutor(1) as pool:
        step = Step("stuck", stage, clock, pool, longest_s=0.05)
        assert not await step.run(context(1))
        assert step.last_error == "TimeoutError: no answer within 0.05 s"
        assert _is_off(step)
        assert not await step.run(context(2))
        stage.let_go.set()
        pool.submit(int).result()
        assert not _is_off(step)
        assert await step.run(context(3))


async def test_one_that_waits_for_ever_fails(clock: ManualClock) -> None:
    class Waits:
        async def process(self, ctx: Context) -> None:
            await asyncio.Event().wait()

    with ThreadPoolExecutor(1) as pool:
        step = Step("waits", Waits(), clock, pool, longest_s=0.05)
        assert not await step.run(context())
    assert not step.disabled
    assert step.last_error == "TimeoutError: no answer within 0.05 s"


async def test_it_knows_whether_a_stage_says_what_is_there(clock: ManualClock) -> None:
    class Makes:
        def process(self, ctx: Context) -> None:
            if ctx.frame.seq:
                ctx.objects = []

    with ThreadPoolExecutor(1) as pool:
        step = Step("makes", Makes(), clock, pool)
        made = []
        for seq in (0, 1, 0):
            await step.run(context(seq))
            made.append(step.makes)
    assert made == [False, True, True]


def _is_off(step: Step) -> bool:
    return step.disabled


class Noting:
    """Notes its thread, and does what it is told to."""

    def __init__(self, name: str, seen: list[tuple[str, int]], then: Callable[[], None] = lambda: None) -> None:
        self.name = name
        self._seen = seen
        self.then = then

    def process(self, ctx: Context) -> None:
        self._seen.append((self.name, threading.get_ident()))
        self.then()


class Passing(Noting):
    """Waits for something where it has to."""

    async def process(self, ctx: Context) -> None:  # type: ignore[override]
        super().process(ctx)

    def passes(self, ctx: Context) -> bool:
        return ctx.frame.seq != 7


@pytest.fixture
def seen() -> list[tuple[str, int]]:
    return []


async def steps_of(*stages: Noting, clock: ManualClock, longest_s: float = 5.0) -> list[Step]:
    """Each has been done once, so that it is known how long it takes."""
    pool = ThreadPoolExecutor(2)
    steps = [Step(stage.name, stage, clock, pool, longest_s=longest_s) for stage in stages]
    for step in steps:
        assert await step.run(context())
    return steps


async def test_quick_stages_share_a_thread(clock: ManualClock, seen: list[tuple[str, int]]) -> None:
    first, *others = await steps_of(*(Noting(name, seen) for name in "abc"), clock=clock)
    seen.clear()
    assert await first.run_with(context(), others) == (3, True)
    assert [name for name, _ in seen] == ["a", "b", "c"]
    assert len({thread for _, thread in seen}) == 1


async def test_a_slow_stage_is_not_waited_for_by_the_next_frame(
    clock: ManualClock, seen: list[tuple[str, int]]
) -> None:
    first, slow, last = await steps_of(*(Noting(name, seen) for name in "abc"), clock=clock)
    slow.cost_ms = QUICK_MS
    assert await first.run_with(context(), [slow, last]) == (1, True)


async def test_a_stage_that_another_frame_is_in_is_not_waited_for(
    clock: ManualClock, seen: list[tuple[str, int]]
) -> None:
    going_on = threading.Event()
    stages = [Noting("a", seen), Noting("b", seen)]
    first, second = await steps_of(*stages, clock=clock)
    stages[1].then = lambda: _wait(going_on)
    ahead = asyncio.create_task(second.run(context(1)))
    await asyncio.sleep(0)
    assert await first.run_with(context(2), [second]) == (1, True)
    going_on.set()
    assert await ahead


async def test_a_stage_that_has_nothing_to_wait_for_is_passed_on_the_way(
    clock: ManualClock, seen: list[tuple[str, int]]
) -> None:
    first, passing, last = await steps_of(Noting("a", seen), Passing("b", seen), Noting("c", seen), clock=clock)
    seen.clear()
    assert await first.run_with(context(), [passing, last]) == (3, True)
    assert await first.run_with(context(7), [passing, last]) == (1, True)
    assert [name for name, _ in seen] == ["a", "c", "a"]


async def test_one_that_fails_on_the_way_is_the_one_that_failed(
    clock: ManualClock, seen: list[tuple[str, int]]
) -> None:
    stages = [Noting(name, seen) for name in "abc"]
    first, second, third = await steps_of(*stages, clock=clock)
    stages[1].then = _fail
    seen.clear()
    assert await first.run_with(context(), [second, third]) == (2, False)
    assert [step.last_error for step in (first, second, third)] == ["", "ValueError: on purpose", ""]
    assert [name for name, _ in seen] == ["a", "b"]
    assert await third.run(context())


async def test_one_that_hangs_on_the_way_keeps_only_itself(clock: ManualClock, seen: list[tuple[str, int]]) -> None:
    going_on = threading.Event()
    stages = [Noting(name, seen) for name in "abc"]
    first, second, third = await steps_of(*stages, clock=clock, longest_s=0.05)
    stages[1].then = lambda: _wait(going_on)
    seen.clear()
    assert await first.run_with(context(), [second, third]) == (2, False)
    assert [step.disabled for step in (first, second, third)] == [False, True, False]
    assert second.last_error == "TimeoutError: no answer within 0.05 s"
    assert await third.run(context())
    going_on.set()
    first._pool.shutdown()
    assert [name for name, _ in seen] == ["a", "b", "c"]


def _wait(event: threading.Event) -> None:
    assert event.wait(30)


def _fail() -> None:
    raise ValueError("on purpose")
