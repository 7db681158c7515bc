"""What was seen but never believed goes into the store, and out of it once it is old."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future

from pipeline.core.clock import Clock
from pipeline.core.glimpse import Glimpse
from pipeline.core.messages import FrameResult
from pipeline.core.metrics import Metrics
from pipeline.events.glimpses import Glimpses
from pipeline.events.rounds import Rounds
from pipeline.store.glimpses import Room, put, trim
from pipeline.store.store import EventStore, StoreError

log = logging.getLogger(__name__)

WRITE_EVERY_S = 2.0
TRIM_EVERY_S = 600.0
KEPT_S = 30 * 86_400.0
ROOM = Room(at_all=10_000, an_hour=60)
THINNED_WITHIN_S = 3 * 3600.0
"""Hours before that have been thinned."""
MOST_WAITING = 1000


class GlimpseKeeper:
    """For one event loop. Its owner hands it every result, and says which cameras have gone."""

    def __init__(self, store: EventStore, clock: Clock, metrics: Metrics) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._glimpses = Glimpses(clock)
        self._waiting: deque[Glimpse] = deque()
        self._failing = False
        self._writing = Rounds("glimpses", WRITE_EVERY_S, self.write)
        self._trimming = Rounds("old glimpses", TRIM_EVERY_S, self.trim)

    def on_result(self, result: FrameResult) -> None:
        left_out = self._glimpses.left_out
        self._put(self._glimpses.update(result))
        if more := self._glimpses.left_out - left_out:
            self._count_drop(result.camera, more)

    def on_gone(self, camera: str) -> None:
        self._put(self._glimpses.lost(camera))

    def start(self) -> None:
        self._writing.start()
        self._trimming.start()

    async def close(self) -> None:
        """What is followed is over; the store takes it with what else waits for it."""
        await self._trimming.close()
        await self._writing.close()
        self._put(self._glimpses.close())
        self._write()

    async def write(self) -> None:
        self._put(self._glimpses.silent())
        self._write()

    async def trim(self) -> None:
        now = self._clock.time()
        before, since = now - KEPT_S, now - THINNED_WITHIN_S
        try:
            await asyncio.wrap_future(self._store.edit(lambda connection: trim(connection, before, since, ROOM)))
        except StoreError as error:
            log.error("old glimpses are still there: %s", error)

    def _put(self, seen: Iterable[Glimpse]) -> None:
        self._waiting.extend(seen)
        while len(self._waiting) > MOST_WAITING:
            self._count_drop(self._waiting.popleft().camera)

    def _write(self) -> None:
        """All in one go; never waits."""
        if batch := [*self._waiting]:
            self._waiting.clear()
            self._store.edit(lambda connection: put(connection, batch)).add_done_callback(self._written)

    def _written(self, done: Future[None]) -> None:
        """On the store's thread."""
        error = done.exception()
        if error is not None and not self._failing:
            log.error("what was seen but not believed is not stored: %s", error)
        self._failing = error is not None

    def _count_drop(self, camera: str, count: int = 1) -> None:
        self._metrics.dropped.labels(camera=camera, place="glimpses").inc(count)
