"""Pictures that no event owns: what a run that was killed left behind."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from sqlalchemy import func, select

from pipeline.core.clock import Clock
from pipeline.store.media import MediaError, MediaFolder
from pipeline.store.schema import events
from pipeline.store.store import EventStore, StoreError

log = logging.getLogger(__name__)

A_TIME = 200
REST_S = 0.05
"""Between two batches, so that others get at disk and store."""


class Orphans:
    """Looks through the media folder once, in the background; for one event loop.

    Left alone is what this run wrote, and what is older than all that the store knows: that of another store.
    """

    def __init__(self, store: EventStore, media: MediaFolder, clock: Clock) -> None:
        self._store = store
        self._media = media
        self._began_at = clock.time()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="orphaned pictures")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        try:
            await self.sweep()
        except Exception:  # what nobody has thought of waits for the next start
            log.exception("pictures without an event could not be removed")

    async def sweep(self) -> None:
        removed = 0
        try:
            found = await asyncio.to_thread(self._found)
            while batch := await asyncio.to_thread(lambda: [*islice(found, A_TIME)]):
                removed += await asyncio.to_thread(self._remove, batch)
                await asyncio.sleep(REST_S)
        except (StoreError, MediaError, OSError) as error:
            log.error("pictures without an event could not be removed: %s", error)
        if removed:
            log.info("%d pictures that an earlier run left without an event are removed", removed)

    def _found(self) -> Iterator[Path]:
        earliest = self._store.ask(lambda connection: connection.scalar(select(func.min(events.c.started_at))))
        return self._media.written(float("inf") if earliest is None else earliest, self._began_at)

    def _remove(self, paths: Sequence[Path]) -> int:
        """Those of no event, and those that were never finished."""
        ids = [path.stem for path in paths]
        known = self._store.known(ids)
        orphans = [path for path in paths if path.stem not in known]
        for path in orphans:
            self._media.remove(path)
        return len(orphans)
