"""The tables of the alerts: what is to be delivered and what became of it, what was held back, what people chose."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from pipeline.events.migrations.types import Key, Seq, partial
from pipeline.events.schema import metadata

_WAITING = partial("state = 'waiting'")

deliveries = Table(
    "deliveries",
    metadata,
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
    Index("deliveries_due", "sink", "next_at", **_WAITING),
    Index("deliveries_in_order", "sink", "queue", "id", **_WAITING),
    Index("deliveries_by_state", "state", "id"),
    Index("deliveries_by_rule", "rule", "state", "done_at"),
    Index("deliveries_by_sink", "rule", "sink", "done_at"),
    sqlite_autoincrement=True,
)
"""One row for each alert and sink, written together with the event. What shares a `queue` keeps its order.

`event_id` is no foreign key: an alert that waits goes out although somebody deletes its event meanwhile.
"""

alert_events = Table(
    "alert_events",
    metadata,
    Column("event_id", Key, primary_key=True),
    Column("alert_id", Key, primary_key=True, index=True),
    Column("rule", Key, nullable=False),
    sqlite_with_rowid=False,
)
"""The events that an alert tells of: more than one where a rule groups them."""

held_back = Table(
    "alerts_held_back",
    metadata,
    Column("event_id", Key, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("rule", Key, primary_key=True),
    Column("reason", Key, nullable=False),
    Column("words", Text, nullable=False),
    Column("at", Float, nullable=False),
    sqlite_with_rowid=False,
)
"""Events that fitted a rule which kept still all the same: a cooldown, a snooze, a profile."""

alert_settings = Table(
    "alert_settings",
    metadata,
    Column("name", Key, primary_key=True),
    Column("value", Text, nullable=False),
)
"""What people switched while the system ran: the profile, who is snoozed."""
