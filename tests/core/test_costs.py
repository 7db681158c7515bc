import asyncio
from collections.abc import Coroutine
from threading import Thread
from time import thread_time
from typing import Any

import pytest

from pipeline.core import costs
from pipeline.core.clock import ManualClock
from pipeline.core.costs import awaited, measured, measuring


def spin(seconds: float) -> None:
    until = thread_time() + seconds
    while thread_time() < until:
        pass


def test_nothing_is_counted_for_nobody() -> None:
    with measured("lobby", "decode"):
        spin(0.001)
    with measuring() as found:
        pass
    assert found.of("lobby") == {}


def test_times_and_processor_of_each_step() -> None:
    with measuring() as found:
        for _ in range(2):
            with measured("lobby", "decode"):
                spin(0.01)
        costs.count("lobby", "infer", wall_s=2.0, cpu_s=3.0, times=4)
        with measured("yard", "decode"):
            pass
    lobby, yard = found.of("lobby"), found.of("yard")
    assert list(lobby) == ["decode", "infer"]
    assert lobby["decode"].times == 2
    assert lobby["decode"].wall_s >= lobby["decode"].cpu_s * 0.99 >= 0.0198
    assert lobby["infer"] == costs.Cost(4, 2.0, 3.0)
    assert yard["decode"].cpu_s < 0.01


def test_a_step_inside_another_is_part_of_it() -> None:
    with measuring() as found:
        with measured("lobby", "motion"), measured("lobby", "convert"):
            spin(0.005)
        with measured("lobby", "convert"):
            pass
    assert found.of("lobby")["motion"].cpu_s >= 0.005
    assert found.of("lobby")["convert"].times == 1
    assert found.of("lobby")["convert"].cpu_s < 0.005


def test_other_threads_have_steps_of_their_own() -> None:
    def convert() -> None:
        with measured("lobby", "convert"):
            pass

    with measuring() as found, measured("lobby", "motion"):
        thread = Thread(target=convert)
        thread.start()
        thread.join()
    assert found.of("lobby")["convert"].times == 1


async def test_a_coroutine_counts_what_it_does_not_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, device = ManualClock(), asyncio.Event()
    monkeypatch.setattr(costs, "perf_counter", clock.monotonic)

    async def stage() -> str:
        clock.advance(1)
        await device.wait()
        clock.advance(2)
        return "done"

    with measuring() as found:
        running = asyncio.create_task(_awaited(stage()))
        await asyncio.sleep(0)
        clock.advance(100)
        device.set()
        assert await running == "done"
    assert (found.of("lobby")["detect"].times, found.of("lobby")["detect"].wall_s) == (1, 3)


async def _awaited(work: Coroutine[Any, Any, str]) -> str:
    return await awaited("lobby", "detect", work)


async def test_errors_go_through_a_coroutine_both_ways() -> None:
    async def failing() -> None:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            raise ValueError("cancelled inside") from None

    async def run() -> None:
        await awaited("lobby", "detect", failing())

    with measuring():
        task = asyncio.create_task(run())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(ValueError, match="cancelled inside"):
            await task


def test_only_one_measures_at_a_time() -> None:
    with measuring(), pytest.raises(RuntimeError, match="already"), measuring():
        pass


def test_it_begins_anew() -> None:
    with measuring() as found:
        costs.count("lobby", "infer", wall_s=1.0)
        found.clear()
        assert found.of("lobby") == {}
