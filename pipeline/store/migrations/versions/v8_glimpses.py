"""What was seen but never believed."""

from alembic import op
from sqlalchemy import Column, Float, Integer, Text

from pipeline.store.migrations.types import Key

revision = "v8_glimpses"
down_revision = "v7_alerts"


def upgrade() -> None:
    op.create_table(
        "glimpses",
        Column("id", Key, primary_key=True),
        Column("camera", Key, nullable=False),
        Column("label", Key, nullable=False),
        Column("reason", Key, nullable=False),
        Column("first_seen_at", Float, nullable=False),
        Column("last_seen_at", Float, nullable=False),
        Column("hour", Integer, nullable=False),
        Column("looks", Integer, nullable=False),
        Column("document", Text, nullable=False),
    )
    op.create_index("glimpses_by_time", "glimpses", ["first_seen_at", "id"])
    op.create_index("glimpses_by_camera", "glimpses", ["camera", "reason", "first_seen_at", "id"])
    op.create_index("glimpses_by_hour", "glimpses", ["hour"])
