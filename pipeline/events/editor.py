"""What people do to events while the system runs: mark them as seen to, delete them."""

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy import Connection

from pipeline.core.broadcast import Broadcast
from pipeline.core.event_edit import EditOutcome
from pipeline.events.edits import review
from pipeline.events.media import MediaError, MediaFolder
from pipeline.events.outbox_rows import acknowledge
from pipeline.events.service import EventService
from pipeline.events.store import EventStore

log = logging.getLogger(__name__)


class EventEditor:
    """Works between two turns of the service, so that nothing is told of an event while it goes.

    A deleted event is gone from the store first, then its picture from the disk, then that is noted: whatever comes
    in between, it is never listed without its picture, and the next start removes what is left. Used on the event
    loop; raises StoreError.
    """

    def __init__(self, service: EventService, store: EventStore, media: MediaFolder, edits: Broadcast[None]) -> None:
        self._service = service
        self._store = store
        self._media = media
        self._edits = edits

    async def start(self) -> None:
        """Before the service: removes the pictures that an earlier run did not come to. Raises StoreError."""
        unswept = await asyncio.to_thread(self._store.unswept)
        if unswept:
            await self._sweep(unswept)

    async def review(self, ids: Sequence[str], reviewed: bool) -> EditOutcome:
        """What is reviewed is acknowledged, too: nobody else is told of it."""
        now = self._service.clock.time()

        def change(connection: Connection) -> EditOutcome:
            outcome = review(connection, ids, reviewed)
            if reviewed:
                acknowledge(connection, outcome.done, now)
            return outcome

        outcome = await asyncio.wrap_future(self._store.edit(change))
        self._edits.publish(None)
        return outcome

    async def delete(self, ids: Sequence[str]) -> EditOutcome:
        """Those that have ended."""
        async with self._service.turn:
            outcome = await asyncio.wrap_future(self._store.remove(ids))
            self._service.forget(outcome.done)
            if outcome.done:
                await self._sweep(outcome.done)
        self._edits.publish(None)
        return outcome

    async def _sweep(self, ids: Sequence[str]) -> None:
        removed = await asyncio.to_thread(self._remove, ids)
        await asyncio.wrap_future(self._store.swept(removed))

    def _remove(self, ids: Sequence[str]) -> Sequence[str]:
        """What cannot be removed now stays noted for the next start."""
        removed = []
        for event_id in ids:
            try:
                self._media.remove_snapshot(event_id)
            except MediaError as error:
                log.error("the picture of a deleted event is still there: %s", error)
            else:
                removed.append(event_id)
        return removed
