"""What people do to events while the system runs: mark them as seen to, delete them."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from pipeline.core.acting import ACTOR
from pipeline.core.audit import AuditAction
from pipeline.core.broadcast import Broadcast
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.event_edit import EditOutcome
from pipeline.events.audit import note
from pipeline.events.edits import Mark, mark, remove
from pipeline.events.media import MediaError, MediaFolder
from pipeline.events.outbox_rows import acknowledge
from pipeline.events.service import EventService
from pipeline.events.store import EventStore

log = logging.getLogger(__name__)

_SEEN_TO: tuple[AuditAction, ...] = ("events.reviewed", "events.deleted")
"""Nobody else need be told of these events."""


class Expired(NamedTuple):
    events: int
    bytes: int
    """That their pictures had."""


class EventEditor:
    """Works between two turns of the service, so that nothing is told of an event while it goes.

    A deleted event is gone from the store first, then its picture from the disk, then that is noted: whatever comes
    in between, it is never listed without its picture, and the next start removes what is left. Used on the event
    loop; raises StoreError.
    """

    def __init__(
        self,
        service: EventService,
        store: EventStore,
        media: MediaFolder,
        edits: Broadcast[None],
        clock: Clock | None = None,
    ) -> None:
        self._service = service
        self._store = store
        self._media = media
        self._edits = edits
        self._clock = clock or SystemClock()

    async def start(self) -> None:
        """Before the service: removes the pictures that an earlier run did not come to. Raises StoreError."""
        unswept = await asyncio.to_thread(self._store.unswept)
        if unswept:
            await self._sweep(unswept)

    async def review(self, ids: Sequence[str], reviewed: bool) -> EditOutcome:
        return await self._mark(ids, "reviewed", reviewed, "events.reviewed" if reviewed else "events.unreviewed")

    async def pin(self, ids: Sequence[str], pinned: bool) -> EditOutcome:
        return await self._mark(ids, "pinned", pinned, "events.pinned" if pinned else "events.unpinned")

    async def _mark(self, ids: Sequence[str], how: Mark, is_so: bool, action: AuditAction) -> EditOutcome:
        outcome = await self._edit(lambda connection: mark(connection, ids, how, is_so), action)
        self._edits.publish(None)
        return outcome

    async def delete(self, ids: Sequence[str]) -> EditOutcome:
        """Those that have ended."""
        async with self._service.turn:
            outcome = await self._edit(lambda connection: remove(connection, ids), "events.deleted")
            self._service.forget(outcome.done)
            if outcome.done:
                await self._sweep(outcome.done)
        self._edits.publish(None)
        return outcome

    async def expire(self, ids: Sequence[str], wanted_bytes: int | None = None) -> Expired:
        """As `delete`, for what has grown too old; with `wanted_bytes` no more of the first than free so much.

        Events go on meanwhile as soon as these are out of the store.
        """
        if wanted_bytes is not None:
            ids = await asyncio.to_thread(self._as_many, ids, wanted_bytes)
        async with self._service.turn:
            outcome = await asyncio.wrap_future(self._store.remove(ids))
            self._service.forget(outcome.done)
        freed = await self._sweep(outcome.done)
        self._edits.publish(None)
        return Expired(len(outcome.done), freed)

    def _as_many(self, ids: Sequence[str], wanted_bytes: int) -> Sequence[str]:
        """The first of them whose pictures have so many bytes together."""
        size = 0
        for count, event_id in enumerate(ids, 1):
            size += self._media.snapshot_bytes(event_id)
            if size >= wanted_bytes:
                return ids[:count]
        return ids

    async def _edit(self, edit: Callable[[Connection], EditOutcome], action: AuditAction) -> EditOutcome:
        """With the note of who did it, or not at all."""
        at, who = self._clock.time(), ACTOR.get()

        def noted(connection: Connection) -> EditOutcome:
            outcome = edit(connection)
            if outcome.done:
                note(connection, at, who, action, outcome.done)
            if outcome.done and action in _SEEN_TO:
                acknowledge(connection, outcome.done, at)
            return outcome

        return await asyncio.wrap_future(self._store.edit(noted))

    async def _sweep(self, ids: Sequence[str]) -> int:
        """Returns how many bytes were freed."""
        removed = await asyncio.to_thread(self._remove, ids)
        await asyncio.wrap_future(self._store.swept([*removed]))
        return sum(removed.values())

    def _remove(self, ids: Sequence[str]) -> dict[str, int]:
        """Bytes by id. What cannot be removed now stays noted for the next start."""
        removed = {}
        for event_id in ids:
            try:
                removed[event_id] = self._media.remove_snapshot(event_id)
            except MediaError as error:
                log.error("the picture of a deleted event is still there: %s", error)
        return removed
