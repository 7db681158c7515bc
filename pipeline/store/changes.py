"""From an event to its rows."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete
from sqlalchemy import insert as plain_insert

from pipeline.core.attributes import as_text
from pipeline.core.event import Event
from pipeline.store.database import insert_into
from pipeline.store.document import to_document
from pipeline.store.edits import counted_on
from pipeline.store.schema import event_attributes, event_rules, event_zones, events


@dataclass(frozen=True, slots=True)
class Change:
    """An event as it was when it was handed over; `done` gets the change's number once it is committed."""

    row: dict[str, Any]
    zones: set[str]
    rules: set[str]
    attributes: dict[str, str]
    along: Callable[[Connection], None] | None
    """Writes what belongs to it, in the same transaction; it may be called again where that had to be."""
    done: Future[int]


def change_of(event: Event, along: Callable[[Connection], None] | None, done: Future[int]) -> Change:
    """Raises ValueError for what could not be read again."""
    zones = {*event.zones, event.zone} if event.zone else {*event.zones}
    attributes = {name: text for name, value in event.attributes.items() if (text := as_text(value)) is not None}
    return Change(_row(event), zones, {*event.rules}, attributes, along, done)


def _row(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "started_at": event.started_at,
        "ended_at": event.ended_at,
        "camera": event.camera,
        "type": event.type,
        "severity": event.severity,
        "label": event.label,
        "object_id": event.object_id,
        "document": to_document(event),
        "clip": event.clip,
    }


@dataclass(frozen=True, slots=True)
class _Statements:
    """Of one kind of database; making a statement costs more than carrying it out."""

    events: Any
    zones: Any
    rules: Any


@cache
def _statements(dialect: str) -> _Statements:
    zones, rules = (insert_into(table, dialect).on_conflict_do_nothing() for table in (event_zones, event_rules))
    return _Statements(_replacing(events, dialect), zones, rules)


def _replacing(table: Table, dialect: str) -> Any:
    """An insert that changes the row where there is one, but for what is written otherwise.

    Never REPLACE, which would drop what refers to it.
    """
    statement = insert_into(table, dialect)
    kept = {column.name for column in table.columns if column.primary_key or column.server_default is not None}
    changed = {name: statement.excluded[name] for name in table.columns.keys() if name not in kept}  # noqa: SIM118
    return statement.on_conflict_do_update(index_elements=[table.c.id], set_=changed)


_NO_ATTRIBUTES = delete(event_attributes).where(event_attributes.c.event_id == bindparam("id"))
_ATTRIBUTES = plain_insert(event_attributes)


def write(connection: Connection, batch: Sequence[Change]) -> int:
    """Returns the first change's number. The first statement writes, so that no read lock has to be raised."""
    first_seq = counted_on(connection, len(batch))
    statements = _statements(connection.dialect.name)
    latest = {change.row["id"]: change.row | {"seq": seq} for seq, change in enumerate(batch, first_seq)}
    connection.execute(statements.events, list(latest.values()))
    zones = [{"zone": zone, **_key(change)} for change in batch for zone in change.zones]
    if zones:
        connection.execute(statements.zones, zones)
    rules = [{"rule": rule, **_key(change)} for change in batch for rule in change.rules]
    if rules:
        connection.execute(statements.rules, rules)
    _write_attributes(connection, {change.row["id"]: change for change in batch}.values())
    for change in batch:
        if change.along is not None:
            change.along(connection)
    return first_seq


def _key(change: Change) -> dict[str, Any]:
    return {"started_at": change.row["started_at"], "event_id": change.row["id"]}


def _write_attributes(connection: Connection, changes: Collection[Change]) -> None:
    """A car that was taken for a red one is found as what it is now."""
    connection.execute(_NO_ATTRIBUTES, [{"id": change.row["id"]} for change in changes])
    rows = [
        {"name": name, "value": value, **_key(change)}
        for change in changes
        for name, value in change.attributes.items()
    ]
    if rows:
        connection.execute(_ATTRIBUTES, rows)
