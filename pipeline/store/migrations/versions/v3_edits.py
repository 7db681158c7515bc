"""What can be marked and deleted, and the rules as a table: they were in the documents alone."""

from alembic import op
from sqlalchemy import Column, Float, ForeignKey, Integer

from pipeline.store.migrations.types import Key, Seq, partial

revision = "v3_edits"
down_revision = "v2_attributes"


def upgrade() -> None:
    op.add_column("events", Column("reviewed", Integer, nullable=False, server_default="0"))
    op.create_index("events_by_review", "events", ["reviewed", "started_at", "id"])
    op.create_table(
        "event_rules",
        Column("rule", Key, primary_key=True),
        Column("started_at", Float, primary_key=True),
        Column("event_id", Key, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True),
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == "sqlite":  # no other database had events then
        op.execute(
            "INSERT OR IGNORE INTO event_rules (rule, started_at, event_id) SELECT rules.value, events.started_at, "
            "events.id FROM events, json_each(events.document, '$.rules') AS rules"
        )
    op.create_table(
        "deleted_events",
        Column("id", Key, primary_key=True),
        Column("seq", Seq, nullable=False, unique=True),
        Column("swept", Integer, nullable=False, server_default="0"),
    )
    op.create_index("deleted_unswept", "deleted_events", ["id"], **partial("swept = 0"))
