"""The first tables: events, their zones, and the number of the last change."""

from alembic import op
from sqlalchemy import Column, Float, ForeignKey, Integer, Text

from pipeline.store.migrations.types import Key, Seq, partial

revision = "v1_events"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "store_state",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("schema_version", Integer, nullable=False),
        Column("last_seq", Seq, nullable=False),
    )
    op.execute("INSERT INTO store_state (id, schema_version, last_seq) VALUES (1, 1, 0)")
    op.create_table(
        "events",
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
    )
    op.create_index("events_by_time", "events", ["started_at", "id"])
    op.create_index("events_by_camera", "events", ["camera", "started_at", "id"])
    op.create_index("events_by_type", "events", ["type", "started_at", "id"])
    op.create_index("events_by_severity", "events", ["severity", "started_at", "id"])
    op.create_index("events_by_label", "events", ["label", "started_at", "id"])
    op.create_index("events_by_object", "events", ["object_id", "started_at", "id"])
    op.create_index("events_unfinished", "events", ["id"], **partial("ended_at IS NULL"))
    op.create_table(
        "event_zones",
        Column("zone", Key, primary_key=True),
        Column("started_at", Float, primary_key=True),
        Column("event_id", Key, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True),
        sqlite_with_rowid=False,
    )
