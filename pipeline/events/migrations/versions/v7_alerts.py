"""The outbox of the alerts, what rules held back, and what people switched."""

from alembic import op
from sqlalchemy import Column, Float, ForeignKey, Integer, Text, UniqueConstraint

from pipeline.events.migrations.types import Key, Seq, partial

revision = "v7_alerts"
down_revision = "v6_history"


def upgrade() -> None:
    op.create_table(
        "deliveries",
        Column("id", Seq, primary_key=True, autoincrement=True),
        Column("alert_id", Key, nullable=False),
        Column("sink", Key, nullable=False),
        Column("rule", Key, nullable=False),
        Column("event_id", Key, nullable=False),
        Column("camera", Key, nullable=False),
        Column("object_id", Key),
        Column("queue", Key, nullable=False),
        Column("is_escalation", Integer, nullable=False),
        Column("state", Key, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("created_at", Float, nullable=False),
        Column("next_at", Float, nullable=False),
        Column("expires_at", Float),
        Column("done_at", Float),
        Column("error", Text),
        Column("document", Text, nullable=False),
        UniqueConstraint("alert_id", "sink"),
        sqlite_autoincrement=True,
    )
    waiting = partial("state = 'waiting'")
    op.create_index("deliveries_due", "deliveries", ["sink", "next_at"], **waiting)
    op.create_index("deliveries_in_order", "deliveries", ["sink", "queue", "id"], **waiting)
    op.create_index("deliveries_by_state", "deliveries", ["state", "id"])
    op.create_index("deliveries_by_rule", "deliveries", ["rule", "state", "done_at"])
    op.create_index("deliveries_by_sink", "deliveries", ["rule", "sink", "done_at"])
    op.create_table(
        "alert_events",
        Column("event_id", Key, primary_key=True),
        Column("alert_id", Key, primary_key=True, index=True),
        Column("rule", Key, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alerts_held_back",
        Column("event_id", Key, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
        Column("rule", Key, primary_key=True),
        Column("reason", Key, nullable=False),
        Column("words", Text, nullable=False),
        Column("at", Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alert_settings",
        Column("name", Key, primary_key=True),
        Column("value", Text, nullable=False),
    )
