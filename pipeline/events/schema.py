"""The tables of the store as they are now: what is asked for often is a column with an index, the rest is JSON.

A change of a table needs a migration as well: `pipeline.events.migrations` tells how.
"""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text

from pipeline.core.errors import FramewatchError
from pipeline.events.migrations.types import Key, Seq, partial

metadata = MetaData()

store_state = Table(
    "store_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
    Column("last_seq", Seq, nullable=False),
)
"""One row. `last_seq` is kept here, not read off the events, so that it never falls when events are deleted.

`schema_version` tells programs that are older than Alembic's `alembic_version` that the store is too new for them.
"""

events = Table(
    "events",
    metadata,
    Column("id", Key, primary_key=True),
    Column("seq", Seq, nullable=False, unique=True),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("camera", Key, nullable=False),
    Column("type", Key, nullable=False),
    Column("severity", Key, nullable=False),
    Column("label", Key),
    Column("object_id", Key),
    Column("document", Text, nullable=False),
    Column("reviewed", Integer, nullable=False, server_default="0"),
    Column("clip", Key),
    Column("pinned", Integer, nullable=False, server_default="0"),
    Index("events_by_time", "started_at", "id"),
    Index("events_by_camera", "camera", "started_at", "id"),
    Index("events_by_type", "type", "started_at", "id"),
    Index("events_by_severity", "severity", "started_at", "id"),
    Index("events_by_label", "label", "started_at", "id"),
    Index("events_by_object", "object_id", "started_at", "id"),
    Index("events_unfinished", "id", **partial("ended_at IS NULL")),
    Index("events_by_review", "reviewed", "started_at", "id"),
    Index("events_clip_ready", "camera", "started_at", **partial("clip = 'ready'")),
    Index("events_clip_pending", "id", **partial("clip = 'pending'")),
    Index("events_pinned", "started_at", "id", **partial("pinned = 1")),
)
"""One row for each event, as it is now; `seq` is the number of its last change.

`clip` says of what the recording has not come to its end yet; null in rows that are older than it.
"""

event_zones = Table(
    "event_zones",
    metadata,
    Column("zone", Key, primary_key=True),
    Column("started_at", Float, primary_key=True),
    Column("event_id", Key, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Every zone that an event names or passed through; repeats the event's time so that newest first needs no sort."""


event_attributes = Table(
    "event_attributes",
    metadata,
    Column("name", Key, primary_key=True),
    Column("value", Key, primary_key=True),
    Column("started_at", Float, primary_key=True),
    Column("event_id", Key, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""What is known of an event's object now, but for numbers."""

event_rules = Table(
    "event_rules",
    metadata,
    Column("rule", Key, primary_key=True),
    Column("started_at", Float, primary_key=True),
    Column("event_id", Key, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""The alert rules that an event matched."""

deleted_events = Table(
    "deleted_events",
    metadata,
    Column("id", Key, primary_key=True),
    Column("seq", Seq, nullable=False, unique=True),
    Column("swept", Integer, nullable=False, server_default="0"),
    Index("deleted_unswept", "id", **partial("swept = 0")),
)
"""The latest events that somebody deleted, with the number of that change.

One is `swept` once its picture is gone too: what a crash left undone is done at the next start.
"""

event_paths = Table(
    "event_paths",
    metadata,
    Column("event_id", Key, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("path", Text, nullable=False),
)
"""Where an object went: a JSON list of [UTC seconds, x, y]."""

audit = Table(
    "audit",
    metadata,
    Column("id", Seq, primary_key=True),
    Column("at", Float, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Key, nullable=False),
    Column("subjects", Text, nullable=False),
)
"""What people did, and to what (a JSON list). Lines are only ever added."""


class StoreError(FramewatchError, OSError):
    """The store cannot be opened, read or written; says where and why."""
