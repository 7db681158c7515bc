from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.event import Event, State
from pipeline.events.inbox import Inbox


def event(name: str, state: State, number: int = 0) -> Event:
    return Event(id=name, type="object", camera="lobby", started_at=1.0, state=state, data={"number": number})


def names(events: list[Event]) -> list[str]:
    return [f"{each.id} {each.state} {each.data['number']}" for each in events]


def test_first_in_first_out() -> None:
    inbox = Inbox()
    for each in (event("a", "new"), event("b", "new"), event("a", "end")):
        assert inbox.put(each) is None
    assert names(inbox.take()) == ["a new 0", "b new 0", "a end 0"]
    assert inbox.take() == []


def test_a_newer_update_takes_the_place_of_the_waiting_one() -> None:
    inbox = Inbox(capacity=2)
    inbox.put(event("a", "update", 1))
    inbox.put(event("b", "update", 1))
    inbox.put(event("a", "update", 2))
    assert inbox.dropped == 0
    assert names(inbox.take()) == ["a update 2", "b update 1"]


def test_an_update_does_not_move_in_front_of_an_end() -> None:
    inbox = Inbox()
    inbox.put(event("a", "update", 1))
    inbox.put(event("a", "end", 2))
    inbox.put(event("a", "update", 3))
    assert names(inbox.take()) == ["a update 1", "a end 2", "a update 3"]


def test_updates_go_first_when_there_is_no_room() -> None:
    inbox = Inbox(capacity=3)
    inbox.put(event("a", "new"))
    inbox.put(event("a", "update"))
    inbox.put(event("b", "new"))
    victim = inbox.put(event("c", "new"))
    assert victim is not None and victim.state == "update"
    victim = inbox.put(event("d", "new"))
    assert victim is not None and (victim.id, victim.state) == ("a", "new"), "the oldest, and it is said"
    assert inbox.dropped == 2
    assert names(inbox.take()) == ["b new 0", "c new 0", "d new 0"]


Puts = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["new", "update", "end"])), max_size=40)


@given(puts=Puts, capacity=st.integers(1, 6))
def test_bounded_in_order_and_nothing_vanishes_uncounted(puts: list[tuple[str, State]], capacity: int) -> None:
    inbox, lost = Inbox(capacity), 0
    for number, (name, state) in enumerate(puts):
        lost += inbox.put(event(name, state, number)) is not None
        assert len(inbox) <= capacity
    taken = inbox.take()
    assert lost == inbox.dropped
    for name in "abc":
        numbers = [each.data["number"] for each in taken if each.id == name]
        assert numbers == sorted(numbers), "each event's changes keep their order"
    important = [number for number, (_, state) in enumerate(puts) if state != "update"]
    if len(important) + len({name for name, _ in puts}) <= capacity:
        assert [each.data["number"] for each in taken if each.state != "update"] == important
