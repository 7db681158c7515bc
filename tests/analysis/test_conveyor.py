"""Several stages: which frame goes when, and on which thread."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from pipeline.analysis.step import QUICK_MS
from pipeline.core.context import Context
from tests.analysis.line import Line, line

Seen = list[tuple[str, int, int]]
"""Stage, frame, thread."""


class Noting:
    """Notes its thread, and does what it is told to."""

    def __init__(self, name: str, seen: Seen, then: Callable[[], None] = lambda: None) -> None:
        self.name = name
        self._seen = seen
        self.then = then

    def process(self, ctx: Context) -> None:
        self._seen.append((self.name, ctx.frame.seq, threading.get_ident()))
        self.then()


class Passing(Noting):
    """Waits for something where it has to."""

    async def process(self, ctx: Context) -> None:  # type: ignore[override]
        super().process(ctx)

    def passes(self, ctx: Context) -> bool:
        return ctx.frame.seq != 7


class Asking(Noting):
    """Asks somebody who answers when the test says so."""

    def __init__(self, name: str, seen: Seen) -> None:
        super().__init__(name, seen)
        self.asked: dict[int, Future[Any]] = {}

    async def process(self, ctx: Context) -> None:  # type: ignore[override]
        raise AssertionError("nobody should need this")

    def ask(self, ctx: Context) -> Future[Any]:
        super().process(ctx)
        self.asked[ctx.frame.seq] = Future()
        return self.asked[ctx.frame.seq]

    def take(self, ctx: Context, answer: Any) -> None:
        ctx.draw.text((0, 0), answer)

    def until_asked(self, seq: int) -> Future[Any]:
        _until(lambda: seq in self.asked)
        return self.asked[seq]


def known(running: Line, seen: Seen) -> None:
    """Each stage has been done once, so that it is known how long it takes."""
    running.go(0)
    seen.clear()


def names(seen: Seen) -> list[str]:
    return [name for name, _, _ in seen]


def threads(seen: Seen) -> int:
    return len({thread for _, _, thread in seen})


def test_quick_stages_share_a_thread() -> None:
    seen: Seen = []
    with line(*(Noting(name, seen) for name in "abc")) as running:
        known(running, seen)
        running.go(1)
    assert (names(seen), threads(seen)) == (["a", "b", "c"], 1)


def test_a_slow_stage_works_while_the_next_frame_is_in_the_one_before() -> None:
    seen: Seen = []
    going_on = threading.Event()
    slow = Noting("slow", seen)
    with line(Noting("a", seen), slow, Noting("c", seen)) as running:
        known(running, seen)
        running.steps[1].cost_ms = 10 * QUICK_MS
        slow.then = lambda: _wait(going_on)
        running.put(1, 2)
        _until(lambda: ("a", 2) in [each[:2] for each in seen])
        assert ("c", 1) not in [each[:2] for each in seen]
        going_on.set()
        running.until_idle()
    assert [each[:2] for each in seen if each[0] == "slow"] == [("slow", 1), ("slow", 2)]
    assert running.seqs == [0, 1, 2]


def test_a_stage_that_has_nothing_to_wait_for_is_passed_on_the_way() -> None:
    seen: Seen = []
    with line(Noting("a", seen), Passing("b", seen), Noting("c", seen)) as running:
        known(running, seen)
        running.go(1)
        assert (names(seen), threads(seen)) == (["a", "c"], 1)
        seen.clear()
        running.go(7)
        assert (names(seen), threads(seen)) == (["a", "b", "c"], 2)


def test_the_next_frame_is_asked_about_before_the_answer_is_worked_on() -> None:
    """Whoever answers shall not wait for the stages."""
    seen: Seen = []
    asking = Asking("model", seen)
    with line(asking, Noting("track", seen)) as running:
        running.put(1)
        asking.until_asked(1)
        running.put(2)
        assert names(seen) == ["model"], "one at a time"
        asking.asked[1].set_result("one")
        asking.until_asked(2).set_result("two")
        running.until_idle()
    assert [each[:2] for each in seen] == [("model", 1), ("model", 2), ("track", 1), ("track", 2)]
    assert [journey.ctx.draw.marks[0].text for journey in running.through] == ["one", "two"]


def test_an_answer_that_is_an_error_costs_that_frame_its_stage() -> None:
    seen: Seen = []
    asking = Asking("model", seen)
    with line(asking, Noting("track", seen)) as running:
        running.put(1)
        asking.until_asked(1).set_exception(ValueError("on purpose"))
        running.until_idle()
        assert [step.last_error for step in running.steps] == ["ValueError: on purpose", ""]
        assert not running.through[0].ctx.draw.marks


def test_an_answer_that_never_comes_is_taken_back() -> None:
    seen: Seen = []
    asking = Asking("model", seen)
    with line(asking, longest_s=0.05) as running:
        running.go(1)
        assert asking.asked[1].cancelled()
        assert running.steps[0].last_error == "TimeoutError: no answer within 0.05 s"
        assert not running.steps[0].disabled


def test_one_that_fails_on_the_way_is_the_one_that_failed() -> None:
    seen: Seen = []
    stages = [Noting(name, seen) for name in "abc"]
    with line(*stages) as running:
        known(running, seen)
        stages[1].then = _fail
        running.go(1)
        assert [step.last_error for step in running.steps] == ["", "ValueError: on purpose", ""]
    assert names(seen) == ["a", "b", "c"]
    assert running.seqs == [0, 1]


def test_one_that_hangs_on_the_way_keeps_only_itself() -> None:
    seen: Seen = []
    going_on = threading.Event()
    stages = [Noting(name, seen) for name in "abc"]
    with line(*stages, longest_s=0.05) as running:
        known(running, seen)
        stages[1].then = lambda: _wait(going_on)
        running.go(1, 2)
        assert [step.disabled for step in running.steps] == [False, True, False]
        assert running.steps[1].last_error == "TimeoutError: no answer within 0.05 s"
        going_on.set()
        _until(lambda: not running.steps[1].disabled)
        running.go(3)
    assert [each[:2] for each in seen if each[0] != "a"] == [("b", 1), ("c", 1), ("c", 2), ("b", 3), ("c", 3)]
    assert running.seqs == [0, 1, 2, 3]


def test_it_says_when_all_have_arrived() -> None:
    seen: Seen = []
    asking = Asking("model", seen)
    with line(asking) as running:
        running.put(1)
        running.conveyor.finish()
        asking.until_asked(1)
        assert not running.endings
        asking.asked[1].set_result("one")
        _until(lambda: running.endings == 1)
        assert running.seqs == [1]


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.002)


def _wait(event: threading.Event) -> None:
    assert event.wait(30)


def _fail() -> None:
    raise ValueError("on purpose")
