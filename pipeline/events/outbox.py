"""The outbox of the store, as what empties it sees it."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from pipeline.core.alerts import DeliveryState
from pipeline.core.clock import Clock
from pipeline.core.event import Alert
from pipeline.events import outbox_rows
from pipeline.events.alert_maker import with_all_of_a_burst
from pipeline.events.media import MediaFolder
from pipeline.events.outbox_rows import Parcel
from pipeline.events.schema import StoreError
from pipeline.events.store import EventStore

log = logging.getLogger(__name__)

AT_ONCE = 32
WRITE_AGAIN_S = 1.0
CameToNothing = Callable[[str], None]


class Outbox:
    """For one event loop's thread; what blocks is done elsewhere."""

    def __init__(
        self, store: EventStore, media: MediaFolder, clock: Clock, came_to_nothing: CameToNothing = lambda _: None
    ) -> None:
        """`came_to_nothing` gets the id of an alert that no sink has, nor will have."""
        self._store = store
        self._media = media
        self._clock = clock
        self._came_to_nothing = came_to_nothing
        self._unwritten: dict[int, Callable[[Connection], bool]] = {}
        """Outcomes that the store could not take, by the delivery: none of them is sent a second time meanwhile."""
        self._failing = False

    async def due(self, sink: str, hurried: Collection[str]) -> Sequence[Parcel]:
        await self._write_what_is_left()
        now = self._clock.time()
        limit = AT_ONCE + len(self._unwritten)
        found = await asyncio.to_thread(
            self._store.ask, lambda connection: outbox_rows.due(connection, sink, now, [*hurried], limit)
        )
        return [parcel for parcel in found if parcel.number not in self._unwritten]

    async def next_due(self, sink: str) -> float | None:
        found = await asyncio.to_thread(self._store.ask, lambda connection: outbox_rows.next_due(connection, sink))
        if found is None or not self._unwritten:
            return found
        return max(found, self._clock.time() + WRITE_AGAIN_S)  # it may be one of those that cannot be noted

    async def settled(self, sink: str, parcel: Parcel, state: DeliveryState, error: str | None) -> None:
        number = parcel.number
        if number is None:
            if state != "delivered":
                self._came_to_nothing(parcel.alert.id)
            return
        at = self._clock.time()
        self._unwritten[number] = lambda connection: outbox_rows.settle(connection, parcel, state, at, error)
        await self._write(number, parcel.alert.id)

    async def _write_what_is_left(self) -> None:
        for number in [*self._unwritten]:
            await self._write(number, "")

    async def _write(self, number: int, alert_id: str) -> None:
        write = self._unwritten[number]
        try:
            is_nothing = await asyncio.wrap_future(self._store.edit(write))
        except StoreError as error:
            self._say(error)
            return
        self._failing = False
        self._unwritten.pop(number, None)
        if is_nothing and alert_id:
            self._came_to_nothing(alert_id)

    async def put_off(self, sink: str, parcel: Parcel, until: float, error: str) -> None:
        await self._try(lambda connection: outbox_rows.put_off(connection, parcel, until, error))

    async def bring_forward(self, sink: str) -> None:
        now = self._clock.time()
        await self._try(lambda connection: outbox_rows.bring_forward(connection, sink, now))

    async def _try(self, write: Callable[[Connection], None]) -> None:
        try:
            await asyncio.wrap_future(self._store.edit(write))
        except StoreError as error:
            self._say(error)

    def _say(self, error: StoreError) -> None:
        if not self._failing:
            log.error("what became of alerts is not noted: %s", error)
        self._failing = True

    async def with_picture(self, alert: Alert) -> Alert:
        """As it is sent: with the best picture so far of its object, and all of a burst."""
        picture = await asyncio.to_thread(self._picture, alert)
        return replace(with_all_of_a_burst(alert), snapshot=picture)

    def _picture(self, alert: Alert) -> bytes | None:
        try:
            path = self._media.snapshot(alert.event.object_id or alert.event.id)
            return path.read_bytes() if path else None
        except OSError:  # gone since, or a disk that fails: an alert without its picture is better than none
            return None
