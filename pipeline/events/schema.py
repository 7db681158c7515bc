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
    update,
)

from pipeline.core.errors import FramewatchError

VERSION = 2
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
    """From version 1, which had no table of attributes: no stage that came with it found any out."""
    if store_state.name in tables and connection.scalar(select(store_state.c.schema_version)) == 1:
        event_attributes.create(connection)
        connection.execute(update(store_state).values(schema_version=VERSION))


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
