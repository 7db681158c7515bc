import pytest

from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.events import unstored as module
from pipeline.events.unstored import AGAIN_S, Unstored


def event(name: str, score: float = 0.5) -> Event:
    return Event(id=name, type="object", camera="lobby", started_at=1.0, score=score)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def names(unstored: Unstored) -> list[str]:
    return [refused.event.id for refused in unstored.to_try()]


def test_one_is_tried_now_and_then_until_the_store_takes_something_and_then_all(clock: ManualClock) -> None:
    unstored = Unstored(clock)
    for name in "abc":
        unstored.refused(event(name), is_first=True)
    assert names(unstored) == []
    clock.advance(AGAIN_S)
    assert names(unstored) == ["a"]
    assert unstored.stored(event("a"))
    assert names(unstored) == ["b", "c"]
    unstored.refused(event("b"), is_first=True)
    assert names(unstored) == []


def test_each_is_kept_as_it_was_last(clock: ManualClock) -> None:
    unstored = Unstored(clock)
    unstored.refused(event("a", 0.5), is_first=True)
    unstored.refused(event("a", 0.9), is_first=False)
    clock.advance(AGAIN_S)
    ((last, is_first),) = unstored.to_try()
    assert (last.score, is_first) == (0.9, True)
    assert unstored.stored(last), "the store had known nothing of it"
    assert not unstored.stored(last)
    assert len(unstored) == 0


def test_there_is_room_for_so_many(clock: ManualClock) -> None:
    unstored = Unstored(clock)
    for number in range(module.MOST + 2):
        unstored.refused(event(str(number)), is_first=True)
    clock.advance(AGAIN_S)
    assert (len(unstored), names(unstored)) == (module.MOST, ["2"])
    unstored.stored(event("2"))
    assert len(unstored.to_try()) == module.A_TIME
