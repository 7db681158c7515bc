"""Events that are to be kept, the ways that objects went, and who did what."""

from alembic import op
from sqlalchemy import Column, Float, ForeignKey, Integer, Text

from pipeline.events.migrations.types import Key, Seq, partial

revision = "v6_history"
down_revision = "v5_recordings"


def upgrade() -> None:
    op.add_column("events", Column("pinned", Integer, nullable=False, server_default="0"))
    op.create_index("events_pinned", "events", ["started_at", "id"], **partial("pinned = 1"))
    op.create_table(
        "event_paths",
        Column("event_id", Key, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
        Column("path", Text, nullable=False),
    )
    op.create_table(
        "audit",
        Column("id", Seq, primary_key=True),
        Column("at", Float, nullable=False),
        Column("who", Text, nullable=False),
        Column("action", Key, nullable=False),
        Column("subjects", Text, nullable=False),
    )
