import pytest

from pipeline.alerts.alert_memory import RECENT, AlertMemory, DayCounter
from pipeline.core.clock import ManualClock
from pipeline.core.event import Event

HOUR = 3_600.0


def event(name: str = "e1") -> Event:
    return Event(id=name, type="zone_enter", camera="lobby", started_at=1.0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_000 * HOUR)


@pytest.fixture
def memory(clock: ManualClock) -> AlertMemory:
    return AlertMemory(["night", "day"], clock)


def test_a_counter_forgets_after_a_day_and_stays_small() -> None:
    counter = DayCounter()
    for hour in range(100):
        counter.add(hour * HOUR)
    assert counter.count(99 * HOUR) == 24
    assert counter.count(101 * HOUR) == 22
    assert counter.count(200 * HOUR) == 0
    assert len(counter._hours) == 24


def test_what_was_left_out_is_counted_once_by_reason(memory: AlertMemory, clock: ManualClock) -> None:
    for name in ("a", "b", "b", "c"):
        memory.left_out("night", "cooldown", event(name))
    memory.left_out("night", "schedule", event("d"))
    found = [(each.reason, each.events, each.last_event) for each in memory.what_was_left_out("night")]
    assert found == [("cooldown", 3, "c"), ("schedule", 1, "d")]
    assert memory.what_was_left_out("day") == []
    clock.advance(25 * HOUR)
    assert memory.what_was_left_out("night") == []


def test_an_event_that_comes_to_match_was_not_left_out(memory: AlertMemory) -> None:
    memory.left_out("night", "attributes", event("a"))
    memory.left_out("night", "attributes", event("b"))
    memory.matched("night", event("a"))
    memory.matched("night", event("never seen"))
    assert [each.events for each in memory.what_was_left_out("night")] == [1]


def test_it_is_bounded(memory: AlertMemory) -> None:
    for number in range(3 * RECENT):
        memory.left_out("night", "zone", event(str(number)))
    assert len(memory._rules["night"].seen) == RECENT
    assert memory.what_was_left_out("night")[0].events == 3 * RECENT
