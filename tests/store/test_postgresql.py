"""What only a server does: it goes away, asks for a password, holds what others made."""

import logging
import time
from collections.abc import Callable, Iterator

import pytest

from pipeline.core.event import Event
from pipeline.store import writer
from pipeline.store.store import EventStore, StoreError
from tests.events.world import Start, World, entered, rule, start
from tests.store.postgresql_server import PASSWORD, PostgreSQLServer

__all__ = ["start"]

MakeEvent = Callable[..., Event]


@pytest.fixture
def url(postgresql: PostgreSQLServer) -> str:
    return postgresql.new_store()


@pytest.fixture
def schema(url: str) -> str:
    return url.rpartition("%3D")[2]


@pytest.fixture
def running(url: str) -> Iterator[EventStore]:
    store = EventStore(url, capacity=300)
    store.start()
    yield store
    store.close()


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_server_that_goes_away_and_comes_back_costs_nothing_that_there_is_room_for(
    running: EventStore,
    postgresql: PostgreSQLServer,
    make_event: MakeEvent,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "LONGEST_WAIT_S", 0.2)
    known = make_event(id="known")
    running.save(known).result(timeout=10)
    assert running.get("known") == known
    postgresql.stop()
    try:
        first = running.save(make_event(id="waits"))
        until(lambda: running.trouble)
        assert "Connection refused" in running.trouble
        with pytest.raises(StoreError, match="Connection refused"):
            running.get("known")
        with pytest.raises(StoreError, match="Connection refused"):
            running.review(["known"], True).result(timeout=1)
        more = [running.save(make_event()) for _ in range(400)]
        refused = [done for done in more if done.done()]
        assert len(refused) == running.failed == 100
        assert "300 changes wait already" in str(refused[0].exception())
    finally:
        postgresql.start()
    seqs = [done.result(timeout=30) for done in [first, *more] if done not in refused]
    assert seqs == list(range(2, 303))
    assert running.get("known") == known
    assert running.review(["known"], True).result(timeout=10).done == ["known"]
    assert running.trouble == ""
    levels = [record.levelno for record in caplog.records if record.name == writer.__name__]
    assert levels == [logging.ERROR, logging.ERROR, logging.WARNING], "it waits, there is no more room, it is back"
    assert PASSWORD not in caplog.text


def test_what_has_waited_for_long_is_counted_and_let_go(
    running: EventStore, postgresql: PostgreSQLServer, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "PATIENCE_S", 0.3)
    postgresql.stop()
    try:
        for _ in range(2):
            with pytest.raises(StoreError, match="Connection refused"):
                running.save(make_event()).result(timeout=10)
        assert running.failed == 2
    finally:
        postgresql.start()
    after = make_event()
    running.save(after).result(timeout=10)
    assert (running.list().items, running.trouble) == ([after], "")


async def test_alerts_go_out_while_the_server_is_away(
    start: Start, url: str, postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "PATIENCE_S", 0.3)
    world: World = await start(rule("anybody"), url=url)
    world.service.on_event(entered("before"))
    await world.until(lambda: len(world.phone.alerts) == 1)
    postgresql.stop()
    try:
        world.service.on_event(entered("meanwhile"))
        await world.until(lambda: len(world.phone.alerts) == 2)
        assert world.metric("framewatch_dropped", camera="lobby", place="store") == 1
    finally:
        postgresql.start()
    world.service.on_event(entered("after"))
    await world.until(lambda: len(world.phone.alerts) == 3)
    await world.until(lambda: len(world.told) == 3)
    assert [event.id for event in world.told] == ["before", "after", "meanwhile"]
    assert {event.id for event in world.store.list().items} == {"before", "after", "meanwhile"}


def test_closing_does_not_wait_for_a_server_that_is_away(
    url: str, postgresql: PostgreSQLServer, make_event: MakeEvent
) -> None:
    store = EventStore(url)
    store.start()
    postgresql.stop()
    try:
        waits = store.save(make_event())
        until(lambda: store.trouble)
        store.close()
        assert isinstance(waits.exception(timeout=0), StoreError)
    finally:
        postgresql.start()


def test_a_wrong_password_is_told_without_it(postgresql: PostgreSQLServer) -> None:
    store = EventStore(postgresql.url(password="hush hush"))
    with pytest.raises(StoreError, match="password authentication failed") as refused:
        store.start()
    assert str(refused.value).startswith(f"postgresql://127.0.0.1:{postgresql.port}/postgres: ")
    assert "hush" not in str(refused.value)


def test_nobody_at_that_address(postgresql: PostgreSQLServer) -> None:
    with pytest.raises(StoreError, match="Connection refused") as refused:
        EventStore(postgresql.url(port=1)).start()
    assert PASSWORD not in str(refused.value)


def test_a_password_that_is_not_written_as_in_a_url_is_no_host() -> None:
    with pytest.raises(StoreError, match='wanted a password in which "@" is written as "%40"') as refused:
        EventStore("postgresql+psycopg://me:se@cret@host/db")
    assert "cret" not in str(refused.value)


def test_a_database_of_something_else(url: str, schema: str, postgresql: PostgreSQLServer) -> None:
    postgresql.sql("CREATE TABLE invoices (id int)", schema)
    for open_store in (EventStore(url).start, EventStore(url).start_reading):
        with pytest.raises(StoreError, match=r"a database of something else \(invoices, …\)"):
            open_store()


def test_a_store_of_a_newer_version(running: EventStore, url: str, schema: str, postgresql: PostgreSQLServer) -> None:
    postgresql.sql("INSERT INTO alembic_version VALUES ('v99_beside')", schema)
    for open_store in (EventStore(url).start, EventStore(url).start_reading):
        with pytest.raises(StoreError, match=r"v99_beside \(a newer Framewatch wrote it\), wanted v"):
            open_store()


def test_two_writers_number_their_changes_together(running: EventStore, url: str, make_event: MakeEvent) -> None:
    other = EventStore(url)
    other.start()
    waiting = [store.save(make_event()) for _ in range(50) for store in (running, other)]
    assert sorted(done.result(timeout=10) for done in waiting) == list(range(1, 101))
    other.close()
