import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from pipeline.events.rounds import Rounds

Begin = Callable[[Callable[[], Awaitable[None]]], Rounds]


@pytest_asyncio.fixture
async def begin() -> AsyncIterator[Begin]:
    begun: list[Rounds] = []

    def begin(once: Callable[[], Awaitable[None]]) -> Rounds:
        begun.append(Rounds("sweeping", 0.001, once))
        begun[-1].start()
        return begun[-1]

    yield begin
    for rounds in begun:
        await rounds.close()


async def test_what_a_round_did_not_expect_costs_that_round_alone(
    begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    """Faults in the first two and the fourth: each is told where it is news."""
    number, over = 0, asyncio.Event()

    async def once() -> None:
        nonlocal number
        number += 1
        if number == 6:
            over.set()
        if number in (1, 2, 4):
            raise ZeroDivisionError(f"in round {number}")

    begin(once)
    await asyncio.wait_for(over.wait(), 30)
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in told] == ["sweeping: this round failed; the next is in 0.001 s"] * 2
    assert [str(record.exc_info and record.exc_info[1]) for record in told] == ["in round 1", "in round 4"]


async def test_it_ends_in_the_middle_of_a_round(begin: Begin, caplog: pytest.LogCaptureFixture) -> None:
    at_work, was_cancelled = asyncio.Event(), False

    async def once() -> None:
        nonlocal was_cancelled
        at_work.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cancelled = True
            raise

    rounds = begin(once)
    await asyncio.wait_for(at_work.wait(), 30)
    await rounds.close()
    assert was_cancelled
    assert caplog.records == []


async def test_it_can_be_closed_before_it_was_started() -> None:
    async def once() -> None:
        raise AssertionError("it was never started")

    await Rounds("sweeping", 0.0, once).close()
