"""The tables of the store: what is asked for often is a column with an index, the rest is one JSON document."""

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
)

from pipeline.core.errors import FramewatchError

VERSION = 1
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
    Index("events_by_time", "started_at", "id"),
    Index("events_by_camera", "camera", "started_at", "id"),
    Index("events_by_type", "type", "started_at", "id"),
    Index("events_by_severity", "severity", "started_at", "id"),
    Index("events_by_label", "label", "started_at", "id"),
    Index("events_by_object", "object_id", "started_at", "id"),
    Index("events_unfinished", "id", sqlite_where=text("ended_at IS NULL")),
)
"""One row for each event, as it is now; `seq` is the number of its last change."""

event_zones = Table(
    "event_zones",
    metadata,
    Column("zone", Text, primary_key=True),
    Column("started_at", Float, primary_key=True),
    Column("event_id", Text, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Every zone that an event names or passed through; repeats the event's time so that newest first needs no sort."""


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
            check(connection, tables, place)
        connection.commit()


def check(connection: Connection, tables: list[str], place: str) -> None:
    if store_state.name not in tables:
        raise StoreError(f"{place}: a database of something else ({', '.join(sorted(tables)[:3])}, …), not a store")
    version = connection.scalar(select(store_state.c.schema_version))
    if version != VERSION:
        newer = "a newer Framewatch wrote it" if isinstance(version, int) and version > VERSION else "unknown"
        raise StoreError(f"{place}: got schema version {version} ({newer}), wanted {VERSION}")
