"""Alerts that are to be delivered, in the store: each is there before anybody is told, until it has arrived."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, insert, or_, select, update

from pipeline.alerts.alert_tables import alert_events, deliveries
from pipeline.core.alerts import Delivery, DeliveryState
from pipeline.core.event import Alert, Event

_alert_of = msgspec.json.Decoder(Alert)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An alert that is to go to these sinks, not before `send_at` and not after `expires_at` (UTC seconds)."""

    alert: Alert
    sinks: Sequence[str]
    created_at: float
    send_at: float
    expires_at: float | None = None
    queue: str
    """What is of one queue arrives in order."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One alert for one sink, as it lies in the table; what could not be stored has no `number`."""

    number: int | None
    alert: Alert
    attempts: int
    created_at: float
    expires_at: float | None


def put(connection: Connection, drafts: Iterable[Draft]) -> None:
    """An alert that is there already stays as it is: it is told once."""
    for draft in drafts:
        known = set(connection.scalars(select(deliveries.c.sink).where(deliveries.c.alert_id == draft.alert.id)))
        rows = [_row(draft, sink) for sink in dict.fromkeys(draft.sinks) if sink not in known]
        if rows:
            connection.execute(insert(deliveries), rows)
        for event in draft.alert.events or [draft.alert.event]:
            _note_event(connection, draft.alert, event.id)


def extend(connection: Connection, draft: Draft, event: Event) -> None:
    """Adds an event to an alert that still waits; for a sink that has it already, the event gets one of its own."""
    rows = connection.execute(_waiting(deliveries.c.alert_id == draft.alert.id)).all()
    for row in rows:
        alert = _alert_of.decode(row.document)
        grown = replace(alert, events=[*(alert.events or [alert.event]), event])
        values = {"document": msgspec.json.encode(grown).decode()}
        connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(values))
        _note_event(connection, alert, event.id)
    if draft.alert.escalation:
        return
    if gone := [sink for sink in draft.sinks if sink not in {row.sink for row in rows}]:
        put(connection, [alone(draft, event, gone)])


def alone(draft: Draft, event: Event, sinks: Sequence[str]) -> Draft:
    alert = replace(draft.alert, id=f"{draft.alert.id}/{event.id}", event=event, events=[])
    return Draft(
        alert=alert,
        sinks=sinks,
        created_at=draft.created_at,
        send_at=draft.created_at,
        expires_at=draft.expires_at,
        queue=draft.queue,
    )


def _note_event(connection: Connection, alert: Alert, event_id: str) -> None:
    key = {"event_id": event_id, "alert_id": alert.id}
    known = select(alert_events.c.rule).where(alert_events.c.event_id == event_id, alert_events.c.alert_id == alert.id)
    if connection.execute(known).first() is None:
        connection.execute(insert(alert_events), {**key, "rule": alert.rule})


def _row(draft: Draft, sink: str) -> dict[str, Any]:
    alert = draft.alert
    return {
        "alert_id": alert.id,
        "sink": sink,
        "rule": alert.rule,
        "event_id": alert.event.id,
        "camera": alert.event.camera,
        "object_id": alert.event.object_id,
        "queue": draft.queue,
        "is_escalation": int(alert.escalation),
        "state": "waiting",
        "attempts": 0,
        "created_at": draft.created_at,
        "next_at": draft.send_at,
        "expires_at": draft.expires_at,
        "document": msgspec.json.encode(replace(alert, snapshot=None)).decode(),
    }


_earlier = deliveries.alias()
_IS_FIRST = ~exists().where(
    _earlier.c.state == "waiting",
    _earlier.c.sink == deliveries.c.sink,
    _earlier.c.queue == deliveries.c.queue,
    _earlier.c.id < deliveries.c.id,
)


def _waiting(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(deliveries).where(deliveries.c.state == "waiting", *conditions)


def due(connection: Connection, sink: str, now: float, hurried: Collection[str], limit: int) -> list[Parcel]:
    """The first of each queue that may go now, or is `hurried` and was never tried; what waits longest comes first."""
    is_time = deliveries.c.next_at <= now
    if hurried:
        is_time = or_(is_time, and_(deliveries.c.queue.in_(hurried), deliveries.c.attempts == 0))
    rows = _waiting(deliveries.c.sink == sink, is_time, _IS_FIRST)
    rows = rows.order_by(deliveries.c.next_at, deliveries.c.id).limit(limit)
    return [_parcel(row) for row in connection.execute(rows)]


def next_due(connection: Connection, sink: str) -> float | None:
    """When the earliest of what waits may go."""
    earliest = select(func.min(deliveries.c.next_at)).where(
        deliveries.c.state == "waiting", deliveries.c.sink == sink, _IS_FIRST
    )
    found: float | None = connection.scalar(earliest)
    return found


def _parcel(row: Row[Any]) -> Parcel:
    return Parcel(row.id, _alert_of.decode(row.document), row.attempts, row.created_at, row.expires_at)


def settle(connection: Connection, parcel: Parcel, state: DeliveryState, at: float, error: str | None) -> bool:
    """Notes how it ended; returns whether all that the alert tells of has come to nothing, at every sink.

    What was added to a group while it was under way becomes an alert of its own.
    """
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == parcel.number, deliveries.c.state == "waiting")
        .values(state=state, done_at=at, error=error, attempts=parcel.attempts)
    )
    if state == "delivered" and parcel.alert.events:
        _send_what_came_late(connection, parcel, at)
    alive = select(func.count()).where(
        deliveries.c.alert_id == parcel.alert.id, deliveries.c.state.in_(["waiting", "delivered"])
    )
    return connection.scalar(alive) == 0


def _send_what_came_late(connection: Connection, parcel: Parcel, at: float) -> None:
    row = connection.execute(select(deliveries).where(deliveries.c.id == parcel.number)).one()
    late = _alert_of.decode(row.document).events[len(parcel.alert.events) :]
    if late:
        alert = replace(parcel.alert, id=f"{parcel.alert.id}/{late[0].id}", event=late[0], events=late)
        put(
            connection,
            [Draft(alert=alert, sinks=[row.sink], created_at=at, send_at=at, expires_at=None, queue=row.queue)],
        )


def put_off(connection: Connection, parcel: Parcel, until: float, error: str) -> None:
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == parcel.number, deliveries.c.state == "waiting")
        .values(next_at=until, attempts=parcel.attempts, error=error)
    )


def bring_forward(connection: Connection, sink: str, now: float) -> None:
    """What failed while a receiver was down need not wait any longer."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.state == "waiting", deliveries.c.sink == sink)
        .where(deliveries.c.attempts > 0, deliveries.c.next_at > now)
        .values(next_at=now)
    )


def give_up_on_others(connection: Connection, sinks: Collection[str], at: float) -> int:
    """What waits for sinks that the configuration has no longer; returns how many alerts that are."""
    lost = update(deliveries).where(deliveries.c.state == "waiting", deliveries.c.sink.not_in(sinks))
    error = "the sink is not in the configuration, or no rule sends to it"
    return connection.execute(lost.values(state="dead", done_at=at, error=error)).rowcount


def send_again(connection: Connection, now: float, ids: Collection[int] | None, sink: str | None) -> list[str]:
    """Dead and dropped ones, by id or all of a sink; returns the sink of each."""
    chosen = select(deliveries.c.id, deliveries.c.sink).where(deliveries.c.state.in_(["dead", "dropped"]))
    if ids is not None:
        chosen = chosen.where(deliveries.c.id.in_(ids))
    if sink is not None:
        chosen = chosen.where(deliveries.c.sink == sink)
    found = [*connection.execute(chosen)]
    again = {"state": "waiting", "attempts": 0, "created_at": now, "next_at": now, "expires_at": None}
    if found:
        rows = update(deliveries).where(deliveries.c.id.in_([row.id for row in found]))
        connection.execute(rows.values(**again, done_at=None))
    return [row.sink for row in found]


def acknowledge(connection: Connection, event_ids: Collection[str], at: float) -> None:
    """Escalations that wait are needed no longer."""
    alerts = select(alert_events.c.alert_id).where(alert_events.c.event_id.in_(event_ids))
    connection.execute(
        update(deliveries)
        .where(deliveries.c.state == "waiting", deliveries.c.is_escalation == 1, deliveries.c.alert_id.in_(alerts))
        .values(state="acknowledged", done_at=at)
    )


def told(row: Row[Any]) -> Delivery:
    """A row as people see it."""
    return Delivery(
        id=row.id,
        alert=row.alert_id,
        rule=row.rule,
        sink=row.sink,
        event=row.event_id,
        camera=row.camera,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.next_at,
        done_at=row.done_at,
        error=row.error,
        escalation=bool(row.is_escalation),
    )
