"""What people do to events that are stored: mark them, delete them. Each is one transaction of the writer's."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Delete, bindparam, delete, select, update
from sqlalchemy.sql.dml import Update

from pipeline.core.event_edit import EditOutcome, WhyLeft
from pipeline.store.database import insert_into
from pipeline.store.schema import deleted_events, events, store_state

KEPT = 10_000
"""Deleted events that are remembered, so that pages that were away for a while are told of them."""

_COUNTED = (
    update(store_state).values(last_seq=store_state.c.last_seq + bindparam("more")).returning(store_state.c.last_seq)
)
Mark = Literal["reviewed", "pinned"]


@cache
def _remembered(dialect: str) -> Any:
    insert = insert_into(deleted_events, dialect)
    return insert.on_conflict_do_update(
        index_elements=[deleted_events.c.id], set_={"seq": insert.excluded.seq, "swept": 0}
    )


def forgotten(kept: int) -> Delete:
    """Removes all but the latest, and what has still to be swept."""
    each = deleted_events.alias()
    latest = select(each.c.seq).order_by(each.c.seq.desc())
    oldest_kept = latest.limit(1).offset(kept - 1).scalar_subquery()
    return delete(deleted_events).where(deleted_events.c.seq < oldest_kept, deleted_events.c.swept == 1)


_FORGOTTEN = forgotten(KEPT)


def counted_on(connection: Connection, more: int) -> int:
    """The first of `more` new numbers of changes; to be called first, so that no read lock has to be raised."""
    return int(connection.execute(_COUNTED, {"more": more}).scalar_one()) - more + 1


@cache
def _marked(how: Mark) -> Update:
    return (
        update(events)
        .where(events.c.id == bindparam("event"))
        .values({"seq": bindparam("number"), how: bindparam("is_so")})
    )


def mark(connection: Connection, ids: Sequence[str], how: Mark, is_so: bool) -> EditOutcome:
    first_seq = counted_on(connection, len(ids))
    known = set(connection.scalars(select(events.c.id).where(events.c.id.in_(ids))))
    done = [event_id for event_id in ids if event_id in known]
    rows = [{"event": event_id, "number": seq, "is_so": int(is_so)} for seq, event_id in enumerate(done, first_seq)]
    if rows:
        connection.execute(_marked(how), rows)
    return EditOutcome(done, {event_id: "unknown" for event_id in ids if event_id not in known})


def remove(connection: Connection, ids: Sequence[str]) -> EditOutcome:
    """Those that have ended; what goes on would come back with its next change."""
    first_seq = counted_on(connection, len(ids))
    found = connection.execute(select(events.c.id, events.c.ended_at).where(events.c.id.in_(ids)))
    ended_at = {row.id: row.ended_at for row in found}
    done = [event_id for event_id in ids if ended_at.get(event_id) is not None]
    left: dict[str, WhyLeft] = {
        event_id: "going on" if event_id in ended_at else "unknown"
        for event_id in ids
        if ended_at.get(event_id) is None
    }
    if done:
        connection.execute(delete(events).where(events.c.id.in_(done)))
        gone = [{"id": event_id, "seq": seq} for seq, event_id in enumerate(done, first_seq)]
        connection.execute(_remembered(connection.dialect.name), gone)
    connection.execute(_FORGOTTEN)
    return EditOutcome(done, left)


def mark_swept(connection: Connection, ids: Sequence[str]) -> None:
    connection.execute(update(deleted_events).where(deleted_events.c.id.in_(ids)).values(swept=1))
