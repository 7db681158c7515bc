"""The tables of the store: what is asked for often is a column with an index, the rest is one JSON document."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
    update,
)

from pipeline.core.errors import FramewatchError

VERSION = 3
metadata = MetaData()

store_state = Table(
    "store_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schema_version", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
)
"""One row. `last_seq` is kept here, not read off the events, so that it never falls when events are deleted."""

events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("camera", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("label", Text),
    Column("object_id", Text),
    Column("document", Text, nullable=False),
    Column("reviewed", Integer, nullable=False, server_default="0"),
    Index("events_by_time", "started_at", "id"),
    Index("events_by_camera", "camera", "started_at", "id"),
    Index("events_by_type", "type", "started_at", "id"),
    Index("events_by_severity", "severity", "started_at", "id"),
    Index("events_by_label", "label", "started_at", "id"),
    Index("events_by_object", "object_id", "started_at", "id"),
    Index("events_unfinished", "id", sqlite_where=text("ended_at IS NULL")),
    Index("events_by_review", "reviewed", "started_at", "id"),
)
"""One row for each event, as it is now; `seq` is the number of its last change. `reviewed` since version 3."""

event_zones = Table(
    "event_zones",
    metadata,
    Column("zone", Text, primary_key=True),
    Column("started_at", Float, primary_key=True),
    Column("event_id", Text, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Every zone that an event names or passed through; repeats the event's time so that newest first needs no sort."""


event_attributes = Table(
    "event_attributes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("started_at", Float, primary_key=True),
    Column("event_id", Text, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""What is known of an event's object now, but for numbers; since version 2."""

event_rules = Table(
    "event_rules",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("started_at", Float, primary_key=True),
    Column("event_id", Text, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""The alert rules that an event matched; since version 3."""

deleted_events = Table(
    "deleted_events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
    Column("swept", Integer, nullable=False, server_default="0"),
    Index("deleted_unswept", "id", sqlite_where=text("swept = 0")),
)
"""The latest events that somebody deleted, with the number of that change; since version 3.

One is `swept` once its picture is gone too: what a crash left undone is done at the next start.
"""


class StoreError(FramewatchError, OSError):
    """The store cannot be opened, read or written; says where and why."""


def prepare(engine: Engine, place: str) -> None:
    """Makes the tables, or checks that those which are there are ours and of this version; else StoreError."""
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # all tables or none, whoever else is starting
        tables = inspect(connection).get_table_names()
        if not tables:
            metadata.create_all(connection)
            connection.execute(insert(store_state).values(id=1, schema_version=VERSION, last_seq=0))
        else:
            _bring_up_to_date(connection, tables)
            check(connection, tables, place)
        connection.commit()


def _bring_up_to_date(connection: Connection, tables: list[str]) -> None:
    if store_state.name not in tables:
        return
    version: Any = connection.scalar(select(store_state.c.schema_version))
    while (step := _STEPS.get(version)) is not None:
        step(connection)
        version += 1
        connection.execute(update(store_state).values(schema_version=version))


def _with_attributes(connection: Connection) -> None:
    """Empty: no stage that came with version 1 found any out."""
    event_attributes.create(connection)


def _with_edits(connection: Connection) -> None:
    """What can be marked and deleted, and the rules as a table: they were in the documents alone."""
    connection.exec_driver_sql("ALTER TABLE events ADD COLUMN reviewed INTEGER DEFAULT 0 NOT NULL")
    for index in events.indexes:
        index.create(connection, checkfirst=True)
    event_rules.create(connection)
    connection.exec_driver_sql(
        "INSERT OR IGNORE INTO event_rules (rule, started_at, event_id) "
        "SELECT rules.value, events.started_at, events.id FROM events, json_each(events.document, '$.rules') AS rules"
    )
    deleted_events.create(connection)


_STEPS: dict[int, Callable[[Connection], None]] = {1: _with_attributes, 2: _with_edits}
"""What brings a store of a version to the next."""


def check(connection: Connection, tables: list[str], place: str) -> None:
    if store_state.name not in tables:
        raise StoreError(f"{place}: a database of something else ({', '.join(sorted(tables)[:3])}, …), not a store")
    version = connection.scalar(select(store_state.c.schema_version))
    if version != VERSION:
        raise StoreError(f"{place}: got schema version {version} ({_origin(version)}), wanted {VERSION}")


def _origin(version: object) -> str:
    if not isinstance(version, int):
        return "unknown"
    return "a newer Framewatch wrote it" if version > VERSION else "an older one wrote it; the next run brings it up"
