"""What one may ask the store for, and the pages the answer comes in."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Float,
    Select,
    Table,
    Text,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)

from pipeline.core.errors import FramewatchError
from pipeline.core.event_query import EventQuery
from pipeline.events.schema import event_attributes, event_rules, event_zones, events

__all__ = [
    "CursorError",
    "EventQuery",
    "Page",
    "Position",
    "decode_cursor",
    "encode_cursor",
    "going_on",
    "how_many",
    "newest_first",
]

T = TypeVar("T")
LONGEST_S = 86_400.0
"""What began longer than this before a stretch of time, and has ended in it, is not looked for."""


class CursorError(FramewatchError, ValueError):
    """A cursor that the store never handed out."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next_cursor` continues behind the last item; None at the end."""

    items: Sequence[T]
    next_cursor: str | None = None


Position = tuple[float, str]
"""(started_at, id): where an event stands; neither ever changes, so pages hold still while events come in."""


def encode_cursor(position: Position) -> str:
    return urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode_cursor(cursor: str) -> Position:
    try:
        document = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(document, type=tuple[float, str])
    except (binascii.Error, ValueError) as error:
        raise CursorError(f"got cursor {cursor!r}, wanted one of an earlier page") from error


def newest_first(query: EventQuery, limit: int, behind: Position | None = None) -> Select[Any]:
    """Rows of (id, started_at, document, reviewed, pinned), newest first."""
    columns, started_at, event_id = _that_fit(
        query, select(events.c.id, events.c.started_at, events.c.document, events.c.reviewed, events.c.pinned)
    )
    if behind is not None:
        columns = columns.where(
            tuple_(started_at, event_id) < tuple_(literal(behind[0], Float), literal(behind[1], Text))
        )
    return columns.order_by(started_at.desc(), event_id.desc()).limit(limit)


def how_many(query: EventQuery) -> Select[Any]:
    columns, _, _ = _that_fit(query, select(func.count()).select_from(events))
    return columns


def going_on(query: EventQuery, after: float, before: float) -> CompoundSelect[Any]:
    """Rows of (id, camera, type, severity, started_at, ended_at) of what began or went on in between.

    Other than of `query`, `after` and `before` are when it was; what has not ended is found however long ago it began.
    """
    columns = select(
        *(events.c.id, events.c.camera, events.c.type, events.c.severity, events.c.started_at, events.c.ended_at)
    )
    within, started_at, _ = _that_fit(replace(query, after=after - LONGEST_S, before=before), columns)
    within = within.where(or_(started_at >= after, events.c.ended_at.is_(None), events.c.ended_at >= after))
    older, _, _ = _that_fit(replace(query, after=None, before=after - LONGEST_S), columns)
    each = events.alias()
    unfinished = select(each.c.id).where(each.c.ended_at.is_(None))
    return within.union_all(older.where(events.c.id.in_(unfinished)))


def _that_fit(query: EventQuery, columns: Select[Any]) -> tuple[Select[Any], ColumnElement[float], ColumnElement[str]]:
    """With the columns that stand for time and id: those of the table that leads."""
    started_at: ColumnElement[float] = events.c.started_at
    event_id: ColumnElement[str] = events.c.id
    attributes = _values_by_name(query.attributes)
    if (leading := _leading(query, attributes)) is not None:  # it has the order in its key
        table, condition = leading
        columns = columns.join(table, table.c.event_id == events.c.id).where(condition)
        started_at, event_id = table.c.started_at, table.c.event_id
        if query.rule is not None and table is not event_rules:
            columns = columns.where(_has_matched(query.rule))
    return columns.where(*_conditions(query, started_at), *map(_is_known, attributes.items())), started_at, event_id


def _leading(query: EventQuery, attributes: dict[str, tuple[str, ...]]) -> tuple[Table, ColumnElement[bool]] | None:
    """The table that a list is read along, where one has what is asked for; takes what it answers off `attributes`."""
    if query.zone is not None:
        return event_zones, event_zones.c.zone == query.zone
    if query.rule is not None:
        return event_rules, event_rules.c.rule == query.rule
    name = next((name for name, values in attributes.items() if len(values) == 1), None)
    if name is None:
        return None
    (value,) = attributes.pop(name)
    return event_attributes, (event_attributes.c.name == name) & (event_attributes.c.value == value)


def _values_by_name(attributes: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for name, value in dict.fromkeys(attributes):
        values[name] = (*values.get(name, ()), value)
    return values


def _is_known(attribute: tuple[str, tuple[str, ...]]) -> ColumnElement[bool]:
    name, values = attribute
    known = event_attributes.alias()
    return exists().where(known.c.event_id == events.c.id, known.c.name == name, _is_any(known.c.value, values))


def _has_matched(rule: str) -> ColumnElement[bool]:
    return exists().where(event_rules.c.event_id == events.c.id, event_rules.c.rule == rule)


def _conditions(query: EventQuery, started_at: ColumnElement[float]) -> Iterable[ColumnElement[bool]]:
    named = [
        (column, values)
        for column, values in (
            (events.c.id, query.ids),
            (events.c.camera, query.cameras),
            (events.c.type, query.types),
            (events.c.label, query.labels),
            (events.c.severity, _one(query.severity)),
            (events.c.object_id, _one(query.object_id)),
        )
        if values
    ]
    for column, values in named:
        yield _is_any(column, values)
    if query.after is not None:
        yield started_at >= query.after
    if query.before is not None:
        yield started_at < query.before
    if query.reviewed is not None:
        reviewed = events.c.reviewed + 0 if named else events.c.reviewed  # nearly all are alike: no index to begin with
        yield reviewed == int(query.reviewed)
    if query.pinned is not None:
        yield events.c.pinned == literal_column(str(int(query.pinned)))  # seen by who looks for an index of some rows


def _one(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _is_any(column: ColumnElement[Any], values: tuple[str, ...]) -> ColumnElement[bool]:
    """Equality where one will do: an index then also gives the order."""
    return column == values[0] if len(values) == 1 else column.in_(values)
