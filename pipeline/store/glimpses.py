"""The table of what was seen but never believed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Delete,
    Float,
    Index,
    Integer,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
)

from pipeline.core.glimpse import Glimpse, GlimpseQuery
from pipeline.store.migrations.types import Key
from pipeline.store.query import Page, decode_cursor, encode_cursor
from pipeline.store.schema import metadata

glimpses = Table(
    "glimpses",
    metadata,
    Column("id", Key, primary_key=True),
    Column("camera", Key, nullable=False),
    Column("label", Key, nullable=False),
    Column("reason", Key, nullable=False),
    Column("first_seen_at", Float, nullable=False),
    Column("last_seen_at", Float, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Index("glimpses_by_time", "first_seen_at", "id"),
    Index("glimpses_by_camera", "camera", "reason", "first_seen_at", "id"),
    Index("glimpses_by_hour", "hour"),
)
"""Rows are added, and taken out again; `hour` is that of `first_seen_at`, counted from 1970."""

_decoder = msgspec.json.Decoder(Glimpse)


def put(connection: Connection, seen: Sequence[Glimpse]) -> None:
    if seen:
        connection.execute(insert(glimpses), [_row(each) for each in seen])


def found(connection: Connection, query: GlimpseQuery, limit: int, cursor: str | None = None) -> Page[Glimpse]:
    """Newest first; raises CursorError for a cursor that is of no earlier page."""
    place = tuple_(glimpses.c.first_seen_at, glimpses.c.id)
    wanted = select(glimpses).where(*_conditions(query))
    if cursor is not None:
        at, last_id = decode_cursor(cursor)
        wanted = wanted.where(place < tuple_(literal(at, Float), literal(last_id, Text)))
    newest = wanted.order_by(glimpses.c.first_seen_at.desc(), glimpses.c.id.desc()).limit(limit + 1)
    rows = connection.execute(newest).all()
    more = encode_cursor((rows[limit - 1].first_seen_at, rows[limit - 1].id)) if len(rows) > limit else None
    return Page([_decoder.decode(row.document) for row in rows[:limit]], more)


@dataclass(frozen=True, slots=True)
class Room:
    """How many stay, of each camera and reason: at all, and of one hour."""

    at_all: int
    an_hour: int


def trim(connection: Connection, before: float, thinned_since: float, room: Room) -> int:
    """Takes out what is older than `before`, and what there is no room for; how many that were.

    Of an hour those stay that were seen in the most looks, so that a busy morning does not cost the night. Only
    hours from `thinned_since` on are looked at. Of all, the latest stay.
    """
    gone = connection.execute(delete(glimpses).where(glimpses.c.last_seen_at < before)).rowcount
    gone += connection.execute(_thinned(_hour(thinned_since), room.an_hour)).rowcount
    groups = select(glimpses.c.camera, glimpses.c.reason).group_by(glimpses.c.camera, glimpses.c.reason)
    for camera, reason in connection.execute(groups.having(func.count() > room.at_all)).all():
        gone += _keep_latest(connection, and_(glimpses.c.camera == camera, glimpses.c.reason == reason), room.at_all)
    return gone


def _thinned(since_hour: int, kept: int) -> Delete:
    group = glimpses.c.camera, glimpses.c.reason, glimpses.c.hour
    place = func.row_number().over(partition_by=group, order_by=(glimpses.c.looks.desc(), glimpses.c.id))
    ranked = select(glimpses.c.id, place.label("place")).where(glimpses.c.hour >= since_hour).subquery()
    return delete(glimpses).where(glimpses.c.id.in_(select(ranked.c.id).where(ranked.c.place > kept)))


def _keep_latest(connection: Connection, which: ColumnElement[bool], kept: int) -> int:
    place = glimpses.c.first_seen_at, glimpses.c.id
    newest = select(*place).where(which).order_by(*(column.desc() for column in place))
    first = connection.execute(newest.offset(kept).limit(1)).one()
    gone = tuple_(*place) <= tuple_(literal(first.first_seen_at, Float), literal(first.id, Text))
    return connection.execute(delete(glimpses).where(which, gone)).rowcount


def _hour(at: float) -> int:
    return int(at // 3600)


def _row(seen: Glimpse) -> dict[str, object]:
    return {
        "id": seen.id,
        "camera": seen.camera,
        "label": seen.label,
        "reason": seen.reason,
        "first_seen_at": seen.first_seen_at,
        "last_seen_at": seen.last_seen_at,
        "hour": _hour(seen.first_seen_at),
        "looks": seen.looks,
        "document": msgspec.json.encode(seen).decode(),
    }


def _conditions(query: GlimpseQuery) -> Iterator[ColumnElement[bool]]:
    for column, values in (
        (glimpses.c.camera, query.cameras),
        (glimpses.c.label, query.labels),
        (glimpses.c.reason, query.reasons),
    ):
        if values:
            yield column.in_(values)
    if query.after is not None:
        yield glimpses.c.last_seen_at >= query.after
    if query.before is not None:
        yield glimpses.c.first_seen_at < query.before
