import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, delete, insert, select

from pipeline.core.event import Deleted, Event
from pipeline.store.query import CursorError, EventQuery
from pipeline.store.schema import deleted_events
from pipeline.store.store import EventStore, StoreError
from pipeline.store.writer import BATCH

MakeEvent = Callable[..., Event]


def save(store: EventStore, *events: Event) -> list[int]:
    return [done.result(timeout=10) for done in [store.save(event) for event in events]]


def ids(store: EventStore, **filters: Any) -> list[str]:
    return [event.id for event in store.list(EventQuery(**filters)).items]


def pages(store: EventStore, query: EventQuery, limit: int) -> list[Event]:
    found: list[Event] = []
    page = store.list(query, limit=limit)
    found.extend(page.items)
    while page.next_cursor:
        page = store.list(query, limit=limit, cursor=page.next_cursor)
        found.extend(page.items)
    return found


def test_an_event_comes_back_whole(store: EventStore, make_event: MakeEvent) -> None:
    event = make_event(
        label="car",
        score=0.83,
        box=(0.1, 0.2, 0.3, 0.4),
        zones=["yard"],
        attributes={"colour": "red", "parked": True},
        rules=["night"],
        severity="alert",
        data={"seconds": 3},
    )
    save(store, event)
    assert store.get(event.id) == event
    assert store.get("nobody") is None


def test_a_later_change_replaces_the_event_and_counts_on(store: EventStore, make_event: MakeEvent) -> None:
    event = make_event()
    first = save(store, event)
    event.state, event.ended_at = "end", 2_000.0
    assert save(store, event) == [first[0] + 1]
    assert store.get(event.id) == event
    assert len(store.list().items) == 1


def test_how_much_is_in_it(store: EventStore, make_event: MakeEvent) -> None:
    save(store, make_event(), make_event())
    status = store.status()
    assert status.schema_version.startswith("v")
    assert status.events == 2
    assert status.bytes > 0


def test_the_event_is_stored_as_it_was_when_it_was_handed_over(store: EventStore, make_event: MakeEvent) -> None:
    event = make_event(score=0.5)
    done = store.save(event)
    event.score = 0.9
    done.result(timeout=10)
    stored = store.get(event.id)
    assert stored is not None and stored.score == 0.5


def test_what_belongs_to_a_change_is_stored_with_it_or_not_at_all(store: EventStore, make_event: MakeEvent) -> None:
    def note(connection: Connection) -> None:
        connection.execute(insert(deleted_events).values(id="along", seq=99))

    def fail(connection: Connection) -> None:
        note(connection)
        raise ValueError("it cannot be")

    refused, kept = store.save(make_event(id="refused"), fail), store.save(make_event(id="kept"), note)
    with pytest.raises(StoreError, match="it cannot be"):
        refused.result(timeout=10)
    kept.result(timeout=10)
    assert ids(store) == ["kept"]
    assert store.ask(lambda connection: connection.scalar(select(deleted_events.c.seq))) == 99
    store.edit(lambda connection: connection.execute(delete(deleted_events))).result(timeout=10)
    assert store.unswept() == []


async def test_save_can_be_awaited(store: EventStore, make_event: MakeEvent) -> None:
    assert await asyncio.wrap_future(store.save(make_event())) == 1


def test_everything_saved_before_close_is_there_afterwards(store_url: str, make_event: MakeEvent) -> None:
    store = EventStore(store_url)
    store.start()
    futures = [store.save(make_event()) for _ in range(1_000)]
    store.close()
    store.close()
    assert [done.result(timeout=0) for done in futures] == list(range(1, 1_001))

    again = EventStore(store_url)
    again.start()
    assert len(pages(again, EventQuery(), 400)) == 1_000
    assert save(again, make_event()) == [1_001], "numbers go on where they stopped"
    again.close()


def test_a_closed_store_says_so(store: EventStore, make_event: MakeEvent) -> None:
    store.close()
    with pytest.raises(StoreError, match="not open for writing"):
        store.save(make_event()).result(timeout=1)
    assert store.failed == 1


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param({}, ["f", "e", "d", "c", "b", "a"], id="no filter: all, newest first"),
        pytest.param({"cameras": ("lobby",)}, ["f", "c", "b", "a"], id="one camera"),
        pytest.param({"cameras": ("yard", "gate")}, ["e", "d"], id="two cameras"),
        pytest.param({"types": ("zone_enter",)}, ["f", "b"], id="a type"),
        pytest.param({"labels": ("car", "dog")}, ["e", "c"], id="two labels"),
        pytest.param({"zone": "door"}, ["b", "a"], id="a zone: its events, and objects that passed through"),
        pytest.param({"zone": "door", "types": ("object",)}, ["a"], id="a zone and a type"),
        pytest.param({"severity": "alert"}, ["c", "b"], id="alerts"),
        pytest.param({"object_id": "a"}, ["b"], id="what an object did"),
        pytest.param({"attributes": (("colour", "red"),)}, ["c", "a"], id="an attribute"),
        pytest.param({"attributes": (("colour", "red"), ("colour", "blue"))}, ["e", "c", "a"], id="one of two values"),
        pytest.param({"attributes": (("colour", "red"), ("parked", "true"))}, ["c"], id="two attributes"),
        pytest.param({"attributes": (("colour", "red"),), "zone": "door"}, ["a"], id="an attribute and a zone"),
        pytest.param({"attributes": (("colour", "red"),), "after": 2.0}, ["c"], id="an attribute since a time"),
        pytest.param({"attributes": (("colour_score", "0.9"),)}, [], id="numbers are not looked for"),
        pytest.param({"after": 3.0, "before": 5.0}, ["d", "c"], id="from a time up to, not including, another"),
        pytest.param({"cameras": ("lobby",), "after": 2.5}, ["f", "c"], id="a camera since a time"),
        pytest.param({"labels": ("cat",)}, [], id="nothing fits"),
    ],
)
def test_filters(store: EventStore, filters: dict[str, Any], expected: list[str]) -> None:
    save(
        store,
        replace(
            Event(id="a", type="object", camera="lobby", started_at=1.0, label="person", zones=["hall", "door"]),
            attributes={"colour": "red", "colour_score": 0.9},
        ),
        Event(id="b", type="zone_enter", camera="lobby", started_at=2.0, object_id="a", zone="door", severity="alert"),
        replace(
            Event(id="c", type="object", camera="lobby", started_at=3.0, label="car", severity="alert"),
            attributes={"colour": "red", "parked": True},
        ),
        Event(id="d", type="camera_offline", camera="yard", started_at=4.0),
        Event(id="e", type="object", camera="gate", started_at=5.0, label="dog", attributes={"colour": "blue"}),
        Event(id="f", type="zone_enter", camera="lobby", started_at=6.0, label="person", zone="hall"),
    )
    assert ids(store, **filters) == expected


def test_an_attribute_is_found_as_it_is_now(store: EventStore, make_event: MakeEvent) -> None:
    car = make_event(id="car", attributes={"colour": "red"})
    save(store, car, replace(car, attributes={"colour": "red", "make": "kite"}))
    save(store, replace(car, attributes={"colour": "blue"}), make_event(id="other", attributes={"colour": "red"}))
    assert ids(store, attributes=(("colour", "red"),)) == ["other"]
    assert ids(store, attributes=(("colour", "blue"),)) == ["car"]
    assert ids(store, attributes=(("make", "kite"),)) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=st.lists(st.sampled_from([1.0, 2.0, 2.5, 1e9 + 0.1]), min_size=1, max_size=12), limit=st.integers(1, 5))
def test_pages_show_every_event_once_while_new_ones_come_in(
    tmp_path_factory: pytest.TempPathFactory, times: list[float], limit: int
) -> None:
    store = EventStore(f"sqlite:///{tmp_path_factory.mktemp('pages')}/events.db")
    store.start()
    known = [Event(id=f"{at}-{n}", type="object", camera="lobby", started_at=at) for n, at in enumerate(times)]
    save(store, *known)

    seen: list[str] = []
    page = store.list(limit=limit)
    while True:
        seen.extend(event.id for event in page.items)
        if not page.next_cursor:
            break
        save(store, Event(id=f"late-{len(seen)}", type="object", camera="lobby", started_at=2e9))
        save(store, known[0])  # a change of a known one must not move it
        page = store.list(limit=limit, cursor=page.next_cursor)
    store.close()

    assert seen == [event.id for event in sorted(known, key=lambda event: (event.started_at, event.id), reverse=True)]


@pytest.mark.parametrize("cursor", ["", "nonsense", "W10", "eyJhIjoxfQ", "ünicode"])
def test_a_foreign_cursor_is_refused(store: EventStore, cursor: str) -> None:
    with pytest.raises(CursorError, match="wanted one of an earlier page"):
        store.list(cursor=cursor)


def test_since_gives_the_latest_state_of_what_changed(store: EventStore, make_event: MakeEvent) -> None:
    walker, car = make_event(id="walker"), make_event(id="car")
    save(store, walker)
    seen = store.last_seq()
    walker.state, walker.score = "update", 0.7
    save(store, car, walker)
    walker.state = "end"
    save(store, walker)

    assert store.since(seen) == [(2, car), (4, walker)]
    assert store.since(seen, limit=1) == [(2, car)]
    assert store.since(store.last_seq()) == []


def test_since_tells_what_was_reviewed_and_deleted(store: EventStore, make_event: MakeEvent) -> None:
    walker, car, dog = (make_event(id=name, ended_at=2_000.0) for name in ("walker", "car", "dog"))
    save(store, walker, car, dog)
    store.remove(["walker"]).result(timeout=10)
    store.review(["car"], True).result(timeout=10)
    save(store, dog)
    assert store.since(3) == [(4, Deleted("walker")), (5, replace(car, reviewed=True)), (6, dog)]
    assert store.since(3, limit=1) == [(4, Deleted("walker"))]
    assert store.since(4) == [(5, replace(car, reviewed=True)), (6, dog)]


def test_the_same_event_twice_in_one_transaction_keeps_the_last(store: EventStore, make_event: MakeEvent) -> None:
    event, futures = make_event(), []
    for number in range(50):
        event.data = {"number": number}
        futures.append(store.save(event))
    assert [done.result(timeout=10) for done in futures] == list(range(1, 51))
    assert store.since(0) == [(50, event)]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@host/db",
        "postgresql+psycopg2://me:secret@host/db?password=secret",
        "postgresql+psycopg://me:secret@host",
        "postgresql+psycopg://me:secret@host:port/db",
        "mysql://me:secret@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "no url",
    ],
)
def test_other_urls_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(StoreError, match=r"wanted sqlite:///path/to/file or postgresql\+psycopg://user") as refused:
        EventStore(url)
    assert "secret" not in str(refused.value)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"data/events\.db: File exists"):
        EventStore(f"sqlite:///{tmp_path}/data/events.db").start()


def test_a_path_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "events.db").mkdir()
    with pytest.raises(StoreError, match=r"events\.db: unable to open database file"):
        EventStore(f"sqlite:///{tmp_path}/events.db").start()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "events.db").write_text("not a database at all, " * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        EventStore(f"sqlite:///{tmp_path}/events.db").start()


def test_reading_needs_a_store_and_makes_none(store_url: str, tmp_path: Path, make_event: MakeEvent) -> None:
    reader = EventStore(store_url)
    with pytest.raises(StoreError, match="no store there"):
        reader.start_reading()
    assert not list(tmp_path.iterdir())

    running = EventStore(store_url)
    running.start()
    save(running, make_event(id="seen"))
    reader.start_reading()
    assert ids(reader) == ["seen"]
    reader.close()
    running.close()


def test_a_locked_database_costs_changes_but_not_the_store(
    tmp_path: Path, make_event: MakeEvent, caplog: pytest.LogCaptureFixture
) -> None:
    store = EventStore(f"sqlite:///{tmp_path}/events.db", busy_timeout_s=0.05)
    store.start()
    other = sqlite3.connect(tmp_path / "events.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for _ in range(3):
        with pytest.raises(StoreError, match="database is locked"):
            store.save(make_event()).result(timeout=10)
    other.execute("ROLLBACK")
    other.close()
    save(store, make_event(id="after"))

    assert ids(store) == ["after"]
    assert store.failed == 3
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"], "one line a burst"
    store.close()


def test_a_full_queue_refuses_at_once(tmp_path: Path, make_event: MakeEvent) -> None:
    store = EventStore(f"sqlite:///{tmp_path}/events.db", busy_timeout_s=30, capacity=2)
    store.start()
    other = sqlite3.connect(tmp_path / "events.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    futures = [store.save(make_event()) for _ in range(BATCH + 100)]
    refused = [done for done in futures if done.done()]
    other.execute("ROLLBACK")
    other.close()
    store.close()

    assert len(refused) >= 98, "two wait, and at most one batch is being written"
    assert all("2 changes wait already" in str(done.exception()) for done in refused)
    assert all(done.result(timeout=0) for done in futures if done not in refused)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"data": {"thing": object()}}, id="no JSON form"),
        pytest.param({"label": "\ud800"}, id="not writable as UTF-8"),
        pytest.param({"camera": ["a", "list"]}, id="wrong type"),
        pytest.param({"camera": None}, id="missing"),
    ],
)
def test_one_bad_event_takes_no_other_along(store: EventStore, make_event: MakeEvent, bad: dict[str, Any]) -> None:
    futures = [store.save(make_event()), store.save(make_event(**bad)), store.save(make_event())]
    assert futures[1].exception(timeout=10) is not None
    futures[0].result(timeout=10)
    futures[2].result(timeout=10)
    assert len(store.list().items) == 2


@pytest.mark.parametrize(
    "bad",
    [{"box": (float("nan"), 0.0, 1.0, 1.0)}, {"attributes": {"speed": float("inf")}}, {"started_at": float("inf")}],
    ids=str,
)
def test_what_could_not_be_read_again_is_not_stored(
    store: EventStore, make_event: MakeEvent, bad: dict[str, Any]
) -> None:
    refused = store.save(make_event(**bad))
    good = make_event()
    save(store, good)
    with pytest.raises(StoreError, match="cannot be kept"):
        refused.result(timeout=10)
    assert [event.id for event in store.list().items] == [good.id]
    assert [event.id for _, event in store.since(0)] == [good.id]
