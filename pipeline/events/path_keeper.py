"""Where objects went, brought to the store now and then."""

import logging
from concurrent.futures import Future

from pipeline.core.clock import Clock
from pipeline.core.messages import FrameResult
from pipeline.store.paths import ObjectPaths, write_paths
from pipeline.store.store import EventStore

log = logging.getLogger(__name__)

EVERY_S = 5.0


class PathKeeper:
    """For the event loop's thread; never waits."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._paths = ObjectPaths()
        self._kept_at = clock.monotonic()
        self._is_failing = False

    def update(self, result: FrameResult) -> None:
        self._paths.update(result)

    def keep_what_is_due(self) -> None:
        if self._clock.monotonic() - self._kept_at >= EVERY_S:
            self.keep()

    def keep(self) -> None:
        self._kept_at = self._clock.monotonic()
        if paths := self._paths.take_all():
            self._store.edit(lambda connection: write_paths(connection, paths)).add_done_callback(self._kept)

    def _kept(self, done: Future[None]) -> None:
        """On the store's thread; says once that it fails."""
        error = done.exception()
        if error is not None and not self._is_failing:
            log.error("where objects went is not stored: %s", error)
        self._is_failing = error is not None
