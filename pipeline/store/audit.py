"""What people did, in the store: lines are added, none is ever changed or taken out."""

import asyncio
import logging
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, insert, select

from pipeline.core.acting import ACTOR
from pipeline.core.audit import AuditAction, AuditEntry
from pipeline.core.clock import Clock
from pipeline.store.query import Page
from pipeline.store.schema import audit
from pipeline.store.store import EventStore, StoreError

log = logging.getLogger(__name__)


def note(connection: Connection, at: float, who: str, action: AuditAction, subjects: Sequence[str]) -> None:
    row = {"at": at, "who": who, "action": action, "subjects": msgspec.json.encode([*subjects]).decode()}
    connection.execute(insert(audit).values(row))


class AuditLog:
    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, action: AuditAction, subjects: Sequence[str]) -> None:
        """For what is done already: that it could not be noted is logged."""
        at, who = self._clock.time(), ACTOR.get()
        try:
            await asyncio.wrap_future(self._store.edit(lambda connection: note(connection, at, who, action, subjects)))
        except StoreError as error:
            log.error("not noted that %s did %s of %s: %s", who, action, ", ".join(subjects), error)

    def list(self, *, limit: int = 50, cursor: int | None = None) -> Page[AuditEntry]:
        """Newest first; `cursor` is an earlier page's `next_cursor`. Blocks; raises StoreError."""
        wanted = select(audit).order_by(audit.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            wanted = wanted.where(audit.c.id < cursor)
        rows = self._store.ask(lambda connection: connection.execute(wanted).all())
        entries = [
            AuditEntry(row.id, row.at, row.who, row.action, msgspec.json.decode(row.subjects, type=list[str]))
            for row in rows
        ]
        page = entries[:limit]
        return Page(page, str(page[-1].id) if len(entries) > limit else None)
