"""What is recorded, and which events wait for their clip."""

from alembic import op
from sqlalchemy import Column, Float, Integer, Text

from pipeline.events.migrations.types import Key, Seq, partial

revision = "v5_recordings"
down_revision = "v4_alembic"


def upgrade() -> None:
    op.create_table(
        "recordings",
        Column("id", Key, primary_key=True),
        Column("camera", Key, nullable=False),
        Column("started_at", Float, nullable=False),
        Column("ended_at", Float, nullable=False),
        Column("path", Text, nullable=False),
        Column("bytes", Seq, nullable=False),
        Column("kinds", Integer, nullable=False),
    )
    op.create_index("recordings_by_camera", "recordings", ["camera", "started_at"])
    op.create_index("recordings_by_end", "recordings", ["camera", "kinds", "ended_at"])
    op.create_index("recordings_by_time", "recordings", ["started_at"])
    op.add_column("events", Column("clip", Key))
    op.create_index("events_clip_ready", "events", ["camera", "started_at"], **partial("clip = 'ready'"))
    op.create_index("events_clip_pending", "events", ["id"], **partial("clip = 'pending'"))
