"""What the outbox remembers: deliveries that wait, ended, or came to nothing."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, or_, select

from pipeline.core.alerts import Delivery, DeliveryCounts, DeliveryState, LastDelivery
from pipeline.events.alert_tables import alert_events, deliveries
from pipeline.events.cooldowns import Spoke
from pipeline.events.outbox_rows import told

DAY_S = 86_400.0
LATE_S = 10.0
"""What waits for its time, a group or an escalation, is not late; what should have gone so long ago is."""
_ENDED = ("delivered", "dead", "dropped", "acknowledged")


def last_spoken(connection: Connection, after: float) -> list[Spoke]:
    """Alerts since then that have reached somebody, or still may; oldest first."""
    rows = connection.execute(
        select(
            *(deliveries.c.rule, deliveries.c.camera, deliveries.c.object_id, deliveries.c.event_id),
            *(deliveries.c.alert_id, func.min(deliveries.c.created_at).label("at")),
        )
        .where(deliveries.c.created_at > after, deliveries.c.is_escalation == 0)
        .where(deliveries.c.state.in_(["waiting", "delivered"]))
        .group_by(
            *(deliveries.c.rule, deliveries.c.camera, deliveries.c.object_id, deliveries.c.event_id),
            deliveries.c.alert_id,
        )
        .order_by("at")
    )
    return [Spoke(row.rule, row.camera, row.object_id, row.event_id, row.alert_id, row.at) for row in rows]


def prune(connection: Connection, before: float) -> None:
    """Forgets what ended before that."""
    old = and_(deliveries.c.state.in_(_ENDED), deliveries.c.done_at < before)
    connection.execute(delete(deliveries).where(old))
    kept = select(deliveries.c.alert_id)
    connection.execute(delete(alert_events).where(alert_events.c.alert_id.not_in(kept)))


def found(
    connection: Connection,
    *,
    states: Collection[DeliveryState] = (),
    sink: str | None = None,
    rule: str | None = None,
    limit: int,
    before: int | None = None,
) -> list[Delivery]:
    """Newest first; `before` is the id of an earlier page's last."""
    rows: Select[Any] = select(deliveries)
    if states:
        rows = rows.where(deliveries.c.state.in_(states))
    if sink is not None:
        rows = rows.where(deliveries.c.sink == sink)
    if rule is not None:
        rows = rows.where(deliveries.c.rule == rule)
    if before is not None:
        rows = rows.where(deliveries.c.id < before)
    return [told(row) for row in connection.execute(rows.order_by(deliveries.c.id.desc()).limit(limit))]


def of_event(connection: Connection, event_id: str) -> list[Delivery]:
    """All that told, or tells, of an event, oldest first."""
    alerts = select(alert_events.c.alert_id).where(alert_events.c.event_id == event_id)
    rows = connection.execute(select(deliveries).where(deliveries.c.alert_id.in_(alerts)).order_by(deliveries.c.id))
    return [told(row) for row in rows]


def events_of(connection: Connection, alert_id: str) -> Sequence[str]:
    return [*connection.scalars(select(alert_events.c.event_id).where(alert_events.c.alert_id == alert_id))]


def counts(connection: Connection, sinks: Collection[str], now: float) -> list[DeliveryCounts]:
    """Of these sinks, and of others that something is left of."""
    is_late = or_(deliveries.c.attempts > 0, deliveries.c.next_at < now - LATE_S)
    rows = connection.execute(
        select(deliveries.c.sink, deliveries.c.state, func.count().label("count"))
        .where(or_(deliveries.c.state == "dead", and_(deliveries.c.state == "waiting", is_late)))
        .group_by(deliveries.c.sink, deliveries.c.state)
    ).all()
    dropped = connection.execute(
        select(deliveries.c.sink, func.count().label("count"))
        .where(deliveries.c.state == "dropped", deliveries.c.done_at > now - DAY_S)
        .group_by(deliveries.c.sink)
    ).all()
    found = {(row.sink, row.state): int(row[2]) for row in rows} | {
        (row.sink, "dropped"): int(row[1]) for row in dropped
    }
    names = dict.fromkeys([*sinks, *(sink for sink, _ in found)])
    return [
        DeliveryCounts(name, *(found.get((name, state), 0) for state in ("waiting", "dead", "dropped")))
        for name in names
    ]


def delivered(connection: Connection, rule: str, day_ago: float) -> tuple[int, float | None, str | None]:
    """How many alerts of a rule arrived in the last day, when the last did, and of which event."""
    arrived = and_(deliveries.c.rule == rule, deliveries.c.state == "delivered")
    count = select(func.count(deliveries.c.alert_id.distinct())).where(arrived, deliveries.c.done_at > day_ago)
    last = select(deliveries.c.done_at, deliveries.c.event_id).where(arrived)
    latest = connection.execute(last.order_by(deliveries.c.done_at.desc()).limit(1)).first()
    number = int(connection.execute(count).scalar_one())
    return (number, None, None) if latest is None else (number, latest.done_at, latest.event_id)


def last_of(connection: Connection, rule: str, sinks: Collection[str]) -> list[LastDelivery]:
    """How the latest alert of a rule to each sink went, where one has ended."""
    latest = []
    for sink in sinks:
        ended = select(deliveries).where(deliveries.c.rule == rule, deliveries.c.sink == sink)
        ended = ended.where(deliveries.c.done_at.is_not(None), deliveries.c.state.in_(["delivered", "dead", "dropped"]))
        row = connection.execute(ended.order_by(deliveries.c.done_at.desc()).limit(1)).first()
        if row is not None:
            error = None if row.state == "delivered" else row.error
            latest.append(LastDelivery(sink, row.done_at, row.event_id, error))
    return latest
