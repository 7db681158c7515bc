"""What is known of an event's object. Empty at first: no stage that came with version 1 found any out."""

from alembic import op
from sqlalchemy import Column, Float, ForeignKey

from pipeline.store.migrations.types import Key

revision = "v2_attributes"
down_revision = "v1_events"


def upgrade() -> None:
    op.create_table(
        "event_attributes",
        Column("name", Key, primary_key=True),
        Column("value", Key, primary_key=True),
        Column("started_at", Float, primary_key=True),
        Column("event_id", Key, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True),
        sqlite_with_rowid=False,
    )
