"""Deliveries that ended long ago are forgotten."""

import asyncio
import logging

from sqlalchemy import Connection

from pipeline.alerts.alert_history import ended, forget
from pipeline.core.clock import Clock
from pipeline.events.rounds import Rounds
from pipeline.store.store import EventStore, StoreError

log = logging.getLogger(__name__)

KEPT_S = 30 * 86_400.0
EVERY_S = 3600.0
A_TIME = 500


class DeliveryRetention:
    """Looks every hour, in the background, a few at a time; for one event loop."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._rounds = Rounds("old deliveries", EVERY_S, self.run_once)

    def start(self) -> None:
        self._rounds.start()

    async def close(self) -> None:
        await self._rounds.close()

    async def run_once(self) -> None:
        before = self._clock.time() - KEPT_S
        try:
            while await asyncio.to_thread(self._store.ask, lambda connection: ended(connection, before, 1)):
                await asyncio.wrap_future(self._store.edit(lambda connection: _forget_some(connection, before)))
        except StoreError as error:
            log.error("old deliveries are still there: %s", error)


def _forget_some(connection: Connection, before: float) -> None:
    forget(connection, ended(connection, before, A_TIME))
