"""The outbox's rows, in each of the databases."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from pipeline.core.event import Alert, Event
from pipeline.events import alert_history, held_back, outbox_rows
from pipeline.events.alert_tables import alert_events, deliveries
from pipeline.events.held_back import HeldBack
from pipeline.events.outbox_rows import Draft, Parcel
from pipeline.events.store import EventStore
from tests.events.outbox import alert

T = TypeVar("T")


def draft(one: Alert, sinks: Sequence[str] = ("phone",), at: float = 100.0, **given: Any) -> Draft:
    plain: dict[str, Any] = {"created_at": at, "send_at": at, "queue": one.event.object_id or one.event.id}
    return Draft(alert=one, sinks=sinks, **(plain | given))


def do(store: EventStore, write: Callable[[Connection], T]) -> T:
    return store.edit(write).result(timeout=10)


def put(store: EventStore, *drafts: Draft) -> None:
    do(store, lambda connection: outbox_rows.put(connection, drafts))


def due(store: EventStore, now: float, *hurried: str, sink: str = "phone") -> list[Parcel]:
    return store.ask(lambda connection: outbox_rows.due(connection, sink, now, hurried, 10))


def due_events(store: EventStore, now: float, *hurried: str) -> list[str]:
    return [parcel.alert.event.id for parcel in due(store, now, *hurried)]


def test_what_is_of_one_queue_comes_one_by_one_and_the_rest_as_it_waits(store: EventStore) -> None:
    put(store, draft(alert("w1", object_id="w")), draft(alert("w2", object_id="w")))
    put(store, draft(alert("car", object_id="c"), send_at=100.5))
    assert due_events(store, 100) == ["w1"]
    assert due_events(store, 101) == ["w1", "car"]
    assert due_events(store, 100, "c") == ["w1", "car"], "its picture is there"
    (first,) = due(store, 100)
    tried = Parcel(first.number, first.alert, 1, first.created_at, first.expires_at)
    do(store, lambda connection: outbox_rows.put_off(connection, tried, 110, "down"))
    assert due_events(store, 101) == ["car"], "w2 does not overtake w1"
    assert store.ask(lambda connection: outbox_rows.next_due(connection, "phone")) == 100.5
    assert due_events(store, 100, "w") == [], "that was no wait for a picture"
    do(store, lambda connection: outbox_rows.bring_forward(connection, "phone", 105))
    assert due_events(store, 105) == ["car", "w1"]
    do(store, lambda connection: outbox_rows.settle(connection, tried, "delivered", 106, None))
    assert due_events(store, 106) == ["w2", "car"]


def test_a_burst_grows_while_it_waits_and_late_ones_are_not_lost(store: EventStore) -> None:
    first = replace(alert("a"), events=[alert("a").event])
    group = draft(first, ["phone", "home"])
    put(store, group)
    do(store, lambda connection: outbox_rows.extend(connection, group, alert("b").event))
    (taken,) = due(store, 100)
    assert [event.id for event in taken.alert.events] == ["a", "b"]
    do(store, lambda connection: outbox_rows.extend(connection, group, alert("c").event))
    do(store, lambda connection: outbox_rows.settle(connection, taken, "delivered", 101, None))
    (late,) = due(store, 101)
    assert ([event.id for event in late.alert.events], late.alert.event.id) == (["c"], "c")
    assert late.alert.id != taken.alert.id
    do(store, lambda connection: outbox_rows.extend(connection, group, alert("d").event))
    do(store, lambda connection: outbox_rows.settle(connection, late, "delivered", 102, None))
    assert due_events(store, 102) == ["d"]
    (home,) = due(store, 101, sink="home")
    assert [event.id for event in home.alert.events] == ["a", "b", "c", "d"]


def test_an_alert_has_come_to_nothing_when_no_sink_is_left(store: EventStore) -> None:
    put(store, draft(alert("a"), ["phone", "home"]))
    (phone,), (home,) = due(store, 100), due(store, 100, sink="home")
    assert not do(store, lambda connection: outbox_rows.settle(connection, phone, "dead", 101, "refused"))
    assert do(store, lambda connection: outbox_rows.settle(connection, home, "dropped", 101, "too old"))
    sinks = do(store, lambda connection: outbox_rows.send_again(connection, 200, None, None))
    assert sorted(sinks) == ["home", "phone"]
    (again,) = due(store, 200)
    assert (again.alert.id, again.attempts, again.created_at) == ("key-a", 0, 200)


def test_acknowledging_ends_what_waits_to_be_escalated_and_nothing_else(store: EventStore) -> None:
    later = replace(alert("a"), id="later", escalation=True)
    put(store, draft(alert("a")), draft(later, ["boss"]), draft(replace(alert("b"), id="later b", escalation=True)))
    do(store, lambda connection: outbox_rows.acknowledge(connection, ["a", "nobody"], 150))
    found = store.ask(lambda connection: alert_history.found(connection, limit=10))
    assert {each.alert: each.state for each in found} == {
        "key-a": "waiting",
        "later": "acknowledged",
        "later b": "waiting",
    }
    assert store.ask(lambda connection: alert_history.events_of(connection, "later")) == ["a"]


def test_what_was_spoken_of_late(store: EventStore) -> None:
    put(store, draft(alert("old"), at=10.0), draft(alert("new", object_id="w"), ["phone", "home"]))
    put(store, draft(alert("dead"), at=150.0), draft(replace(alert("e"), escalation=True), at=160.0))
    (dead,) = [parcel for parcel in due(store, 200) if parcel.alert.event.id == "dead"]
    do(store, lambda connection: outbox_rows.settle(connection, dead, "dead", 200, "refused"))
    spoken = store.ask(lambda connection: alert_history.last_spoken(connection, 50.0))
    assert [(each.rule, each.object_id, each.alert_id, each.at) for each in spoken] == [
        ("night", "w", "key-new", 100.0)
    ]


def test_the_history_comes_in_pages_and_is_forgotten(store: EventStore) -> None:
    put(store, *(draft(alert(name)) for name in "abc"))
    first, second, _ = due(store, 100)
    for parcel, at in ((first, 200.0), (second, 300.0)):
        do(store, lambda connection, parcel=parcel, at=at: outbox_rows.settle(connection, parcel, "dead", at, "no"))  # type: ignore[misc]
    page = store.ask(lambda connection: alert_history.found(connection, states=["dead"], sink="phone", limit=1))
    assert [(each.event, each.error) for each in page] == [("b", "no")]
    rest = store.ask(lambda connection: alert_history.found(connection, rule="night", before=page[0].id, limit=9))
    assert [each.event for each in rest] == ["a"]
    (phone, home) = store.ask(lambda connection: alert_history.counts(connection, ["phone", "home"], 400.0))
    assert ((phone.waiting, phone.dead, phone.dropped_24h), home.waiting) == ((1, 2, 0), 0)
    (phone,) = store.ask(lambda connection: alert_history.counts(connection, ["phone"], 105.0))
    assert phone.waiting == 0, "it may go at once, and will"
    do(store, lambda connection: alert_history.prune(connection, 250.0))
    assert [each.event for each in store.ask(lambda connection: alert_history.found(connection, limit=9))] == ["c", "b"]
    assert store.ask(lambda connection: connection.scalar(select(func.count()).select_from(alert_events))) == 2


def test_what_was_held_back_goes_with_its_event(store: EventStore) -> None:
    event = Event(id="a", type="zone_enter", camera="lobby", started_at=1.0, ended_at=1.0, state="end")
    for words in ("12 s left", "11 s left"):
        held = [HeldBack("night", "cooldown", words, 5.0)]
        store.save(event, lambda connection, held=held: held_back.note(connection, "a", held)).result(timeout=10)  # type: ignore[misc]
    assert store.ask(lambda connection: held_back.of_event(connection, "a"))["night"].words == "11 s left"
    store.remove(["a"]).result(timeout=10)
    assert store.ask(lambda connection: held_back.of_event(connection, "a")) == {}


def test_an_event_that_cannot_be_stored_leaves_no_delivery(store: EventStore) -> None:
    event = Event(id="a", type="zone_enter", camera="lobby", started_at=1.0, ended_at=1.0, state="end")

    def along(connection: Connection) -> None:
        outbox_rows.put(connection, [draft(alert("a"))])
        raise ValueError("something is wrong with it")

    assert store.save(event, along).exception(timeout=10) is not None
    assert store.get("a") is None
    assert store.ask(lambda connection: connection.scalar(select(func.count()).select_from(deliveries))) == 0
