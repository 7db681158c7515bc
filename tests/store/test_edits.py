from collections.abc import Callable

import pytest
from msgspec.structs import replace

from pipeline.core.event import Deleted, Event
from pipeline.core.event_query import EventQuery
from pipeline.store import edits
from pipeline.store.store import EventStore, StoreError

MakeEvent = Callable[..., Event]


def save(store: EventStore, *events: Event) -> None:
    for done in [store.save(event) for event in events]:
        done.result(timeout=10)


def reviewed(store: EventStore, event_id: str) -> bool:
    event = store.get(event_id)
    assert event is not None
    return event.reviewed


def test_reviewing_is_for_known_events_and_can_be_taken_back(store: EventStore, make_event: MakeEvent) -> None:
    save(store, make_event(id="walker"))
    outcome = store.review(["walker", "nobody"], True).result(timeout=10)
    assert (outcome.done, outcome.left) == (["walker"], {"nobody": "unknown"})
    assert reviewed(store, "walker")
    store.review(["walker"], False).result(timeout=10)
    assert not reviewed(store, "walker")


def test_a_later_change_does_not_undo_the_review(store: EventStore, make_event: MakeEvent) -> None:
    walker = make_event(id="walker")
    save(store, walker)
    store.review(["walker"], True).result(timeout=10)
    save(store, replace(walker, state="end", ended_at=2_000.0))
    assert reviewed(store, "walker")
    assert [event.reviewed for event in store.list().items] == [True]


def test_what_is_pinned_is_found_and_can_be_let_go(store: EventStore, make_event: MakeEvent) -> None:
    walker, car = make_event(id="walker"), make_event(id="car")
    save(store, walker, car)
    outcome = store.pin(["walker", "nobody"], True).result(timeout=10)
    assert (outcome.done, outcome.left) == (["walker"], {"nobody": "unknown"})
    save(store, replace(walker, state="end", ended_at=2_000.0))
    kept = replace(walker, state="end", ended_at=2_000.0, pinned=True)
    assert store.list(EventQuery(pinned=True)).items == [kept] == [store.get("walker")]
    assert store.list(EventQuery(pinned=False)).items == [car]
    assert store.since(2) == [(5, kept)]
    store.pin(["walker"], False).result(timeout=10)
    assert store.list(EventQuery(pinned=True)).items == []


def test_deleting_takes_all_that_has_ended(store: EventStore, make_event: MakeEvent) -> None:
    gone = make_event(id="gone", ended_at=2_000.0, zones=["door"], rules=["night"], attributes={"colour": "red"})
    save(store, gone, make_event(id="here"), make_event(id="stays", ended_at=2_000.0))
    outcome = store.remove(["gone", "here", "nobody"]).result(timeout=10)
    assert (outcome.done, outcome.left) == (["gone"], {"here": "going on", "nobody": "unknown"})
    assert store.get("gone") is None
    assert [event.id for event in store.list().items] == ["stays", "here"]
    for query in (EventQuery(zone="door"), EventQuery(rule="night"), EventQuery(attributes=(("colour", "red"),))):
        assert store.count(query) == 0, query
    assert store.choices().zones == []


def test_numbers_of_changes_go_on_over_edits(store: EventStore, make_event: MakeEvent) -> None:
    save(store, make_event(id="a", ended_at=2_000.0), make_event(id="b", ended_at=2_000.0))
    store.remove(["a", "b"]).result(timeout=10)
    assert store.since(2) == [(3, Deleted("a")), (4, Deleted("b"))]
    assert store.save(make_event(id="c")).result(timeout=10) == 5


def test_what_is_deleted_is_unswept_until_its_picture_is_gone(store: EventStore, make_event: MakeEvent) -> None:
    save(store, make_event(id="a", ended_at=2_000.0), make_event(id="b", ended_at=2_000.0))
    store.remove(["a", "b"]).result(timeout=10)
    assert store.unswept() == ["a", "b"]
    store.swept(["a"]).result(timeout=10)
    assert store.unswept() == ["b"]


def test_deleted_events_are_not_remembered_for_ever(
    store: EventStore, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"e{number}" for number in range(12)]
    save(store, *(make_event(id=name, ended_at=2_000.0) for name in names))
    monkeypatch.setattr(edits, "_FORGOTTEN", edits.forgotten(kept=3))
    for name in names:
        store.remove([name]).result(timeout=10)
        if name != "e0":
            store.swept([name]).result(timeout=10)
    assert [change.id for _, change in store.since(12)] == ["e0", "e9", "e10", "e11"], "e0 has still to be swept"


def test_edits_and_changes_are_carried_out_in_the_order_of_the_calls(store: EventStore, make_event: MakeEvent) -> None:
    event = make_event(id="walker", ended_at=2_000.0)
    first, gone, again = store.save(event), store.remove(["walker"]), store.save(event)
    assert first.result(timeout=10) == 1
    assert gone.result(timeout=10).done == ["walker"]
    assert again.result(timeout=10) == 3
    assert store.get("walker") == event


def test_a_closed_store_refuses_edits(store: EventStore) -> None:
    store.close()
    with pytest.raises(StoreError, match="not open for writing"):
        store.remove(["a"]).result(timeout=10)
