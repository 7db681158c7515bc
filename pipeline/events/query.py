"""What one may ask the store for, and the pages the answer comes in."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import ColumnElement, CompoundSelect, Float, Select, Text, func, literal, or_, select, tuple_

from pipeline.core.errors import FramewatchError
from pipeline.core.event_query import EventQuery
from pipeline.events.filters import Filter, filters_of, within
from pipeline.events.schema import events

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


def newest_first(
    query: EventQuery, limit: int, behind: Position | None = None, along: Filter | None = None
) -> Select[Any]:
    """Rows of (id, started_at, document, reviewed, pinned), newest first; read `along` one of the query's filters."""
    columns, started_at, event_id = _that_fit(
        query, select(events.c.id, events.c.started_at, events.c.document, events.c.reviewed, events.c.pinned), along
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


def _that_fit(
    query: EventQuery, columns: Select[Any], along: Filter | None = None
) -> tuple[Select[Any], ColumnElement[float], ColumnElement[str]]:
    """With the columns that stand for time and id: those of the table that leads."""
    filters = filters_of(query)
    if along is None:
        along = next((each for each in filters if each.may_lead), None)
    table = events if along is None else along.table
    event_id = events.c.id if table is events else table.c.event_id
    if table is not events:
        columns = columns.join(table, event_id == events.c.id)
    conditions = [_condition(each, along) for each in filters]
    bounds = within(table.c.started_at, query.after, query.before)
    return columns.where(*conditions, *bounds), table.c.started_at, event_id


def _condition(each: Filter, along: Filter | None) -> ColumnElement[bool]:
    leads = each.table is events if along is None else each.name == along.name
    return each.leads if leads else each.checks
