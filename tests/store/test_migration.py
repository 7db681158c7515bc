"""New stores, those of earlier versions, and what is none of ours."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pipeline.alerts import alert_tables
from pipeline.core.event import Event
from pipeline.store import glimpses
from pipeline.store.query import EventQuery
from pipeline.store.schema import metadata
from pipeline.store.store import EventStore, StoreError
from tests.store.older_stores import VERSIONS, older_store

TABLES = (alert_tables.deliveries, glimpses.glimpses)
"""One of each module beside the schema: it is known where that is imported."""
MakeEvent = Callable[..., Event]


def differences(store: EventStore) -> list[Any]:
    """Between the tables that are there and those that the program believes in."""
    with store.engine.connect() as connection:
        return [*compare_metadata(MigrationContext.configure(connection), metadata)]


def names(path: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT type, name FROM sqlite_master ORDER BY type, name").fetchall()
    connection.close()
    return found


def opened(url: str) -> EventStore:
    store = EventStore(url)
    store.start()
    return store


def test_the_steps_lead_to_the_tables(store: EventStore) -> None:
    assert differences(store) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_store_is_taken_over_without_loss(tmp_path: Path, make_event: MakeEvent, version: int) -> None:
    alert = make_event(id="alert", rules=["night", "any"], zones=["door"], ended_at=2.0)
    quiet = make_event(id="quiet")
    url = older_store(tmp_path / "events.db", version, alert, quiet)
    with pytest.raises(StoreError, match=rf"got schema version v{version}_\w+ \(an older one wrote it; the next run"):
        EventStore(url).start_reading()

    store = opened(url)
    assert store.list().items == [quiet, alert]
    assert store.last_seq() == 2
    assert store.list(EventQuery(zone="door")).items == [alert]
    for rule in ("night", "any"):
        assert store.list(EventQuery(rule=rule)).items == [alert]
    assert differences(store) == []
    assert store.review(["quiet"], True).result(timeout=10).done == ["quiet"]
    assert store.remove(["alert"]).result(timeout=10).done == ["alert"]
    blue = make_event(id="blue", attributes={"colour": "blue"})
    assert store.save(blue).result(timeout=10) == 5
    assert store.list(EventQuery(attributes=(("colour", "blue"),))).items == [blue]
    store.close()

    opened(f"sqlite:///{tmp_path}/new.db").close()
    assert names(tmp_path / "events.db") == names(tmp_path / "new.db")
    opened(url).close()


def test_a_program_before_alembic_would_refuse_it(tmp_path: Path) -> None:
    opened(f"sqlite:///{tmp_path}/events.db").close()
    with sqlite3.connect(tmp_path / "events.db") as connection:
        (version,) = connection.execute("SELECT schema_version FROM store_state").fetchone()
    connection.close()
    assert version not in VERSIONS


@pytest.mark.parametrize(
    ("change", "got"),
    [
        ("DROP TABLE alembic_version; UPDATE store_state SET schema_version = 99", "99"),
        ("DELETE FROM alembic_version; INSERT INTO alembic_version VALUES ('v99_more')", "v99_more"),
        ("INSERT INTO alembic_version VALUES ('v99_beside')", r"(v\d+_\w+, )+v99_beside"),
    ],
)
def test_a_store_of_a_newer_version(tmp_path: Path, change: str, got: str) -> None:
    url = f"sqlite:///{tmp_path}/events.db"
    opened(url).close()
    with sqlite3.connect(tmp_path / "events.db") as newer:
        newer.executescript(change)
    newer.close()
    for open_store in (EventStore(url).start, EventStore(url).start_reading):
        with pytest.raises(StoreError, match=rf"got schema version {got} \(a newer Framewatch wrote it\), wanted v"):
            open_store()


@pytest.mark.parametrize("table", ["invoices", "alembic_version"])
def test_a_database_of_something_else(tmp_path: Path, table: str) -> None:
    with sqlite3.connect(tmp_path / "events.db") as other:
        other.execute(f"CREATE TABLE {table} (version_num)")
    other.close()
    url = f"sqlite:///{tmp_path}/events.db"
    for open_store in (EventStore(url).start, EventStore(url).start_reading):
        with pytest.raises(StoreError, match="a database of something else"):
            open_store()
    assert names(tmp_path / "events.db") == [("table", table)]


def test_a_step_that_fails_leaves_the_store_as_it_was(tmp_path: Path, make_event: MakeEvent) -> None:
    url = older_store(tmp_path / "events.db", 1, make_event())
    with sqlite3.connect(tmp_path / "events.db") as connection:
        connection.execute("CREATE TABLE event_rules (in_the_way)")
    connection.close()
    before = names(tmp_path / "events.db")
    with pytest.raises(StoreError, match=r"events\.db: table event_rules already exists"):
        EventStore(url).start()
    assert names(tmp_path / "events.db") == before


def test_two_that_start_at_once_both_find_it_made(store_url: str, tmp_path: Path, make_event: MakeEvent) -> None:
    is_sqlite = store_url.startswith("sqlite")
    url = older_store(tmp_path / "events.db", 1, make_event()) if is_sqlite else store_url
    code = f"from pipeline.store.store import EventStore\ninput()\nEventStore({url!r}).start()"
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [each.communicate("\n", timeout=60)[1] for each in both] == ["", ""]
    store = opened(url)
    assert (len(store.list().items), differences(store)) == (int(is_sqlite), [])
    store.close()
