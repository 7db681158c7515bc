"""The table of what was seen but never believed."""

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
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
    Column("document", Text, nullable=False),
    Index("glimpses_by_time", "first_seen_at", "id"),
    Index("glimpses_by_camera", "camera", "reason", "first_seen_at", "id"),
)
"""Rows are added, and taken out once they are old."""

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


def trim(connection: Connection, before: float, kept: int) -> int:
    """Takes out what is older than `before`, and all but the `kept` latest of each camera and reason; how many."""
    gone = connection.execute(delete(glimpses).where(glimpses.c.last_seen_at < before)).rowcount
    groups = select(glimpses.c.camera, glimpses.c.reason).group_by(glimpses.c.camera, glimpses.c.reason)
    for camera, reason in connection.execute(groups.having(func.count() > kept)).all():
        its = and_(glimpses.c.camera == camera, glimpses.c.reason == reason)
        latest = select(glimpses.c.id).where(its).order_by(glimpses.c.first_seen_at.desc(), glimpses.c.id.desc())
        gone += connection.execute(delete(glimpses).where(its, glimpses.c.id.not_in(latest.limit(kept)))).rowcount
    return gone


def _row(seen: Glimpse) -> dict[str, object]:
    return {
        "id": seen.id,
        "camera": seen.camera,
        "label": seen.label,
        "reason": seen.reason,
        "first_seen_at": seen.first_seen_at,
        "last_seen_at": seen.last_seen_at,
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
