"""Which events go when: by their days, and the oldest ones first where the disk has no room."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, or_, select

from pipeline.core.clock import Clock
from pipeline.core.retain import Days, Events, Retain
from pipeline.events.editor import EventEditor
from pipeline.events.rounds import Rounds
from pipeline.store.choices import cameras
from pipeline.store.media import MediaFolder
from pipeline.store.schema import StoreError, events
from pipeline.store.store import EventStore

log = logging.getLogger(__name__)

A_TIME = 100
"""Events that go in one transaction: a few ms, which others wait."""
EVERY_S = 300.0
REST_S = 0.05
_DAY_S = 86_400.0


class EventRetention:
    """Removes events that are older than they are kept; a Reclaimable, too. For one event loop."""

    def __init__(
        self,
        store: EventStore,
        editor: EventEditor,
        media: MediaFolder,
        clock: Clock,
        kept: Callable[[str], Events],
    ) -> None:
        """`kept` says how long the events of a camera are, also of one that is none any more."""
        self._store = store
        self._editor = editor
        self._media = media
        self._clock = clock
        self._kept = kept
        self._failing = False
        self._rounds = Rounds("retention", EVERY_S, self.run_once)

    def start(self) -> None:
        self._rounds.start()

    async def close(self) -> None:
        await self._rounds.close()

    async def run_once(self) -> None:
        try:
            gone = await self.sweep()
        except StoreError as error:
            if not self._failing:
                log.error("old events could not be removed: %s", error)
            self._failing = True
            return
        self._failing = False
        if gone:
            log.info("%d events are removed: they were as old as events get", gone)

    async def sweep(self) -> int:
        """Returns how many events went; raises StoreError."""
        return sum([await self._sweep(camera) for camera in await asyncio.to_thread(self._store.ask, cameras)])

    async def _sweep(self, camera: str) -> int:
        kept = self._kept(camera)
        wanted = _expired(camera, kept, self._clock.time())
        gone = 0
        while ids := await asyncio.to_thread(self._store.ask, _ids(wanted, A_TIME)):
            gone += (await self._editor.expire(ids)).events
            if len(ids) < A_TIME:
                break
            await asyncio.sleep(REST_S)
        return gone

    async def size_bytes(self) -> int:
        return await asyncio.to_thread(self._media.size_bytes)

    async def oldest_at(self) -> float | None:
        oldest = await asyncio.to_thread(self._store.ask, lambda connection: self._oldest(connection, 1))
        return oldest[0][1] if oldest else None

    async def free(self, wanted_bytes: int) -> int:
        """Until something was freed: a picture may be missing."""
        while oldest := await asyncio.to_thread(self._store.ask, lambda connection: self._oldest(connection, A_TIME)):
            freed = (await self._editor.expire([event_id for event_id, _ in oldest], wanted_bytes)).bytes
            if freed:
                return freed
            await asyncio.sleep(REST_S)
        return 0

    def _oldest(self, connection: Connection, limit: int) -> list[tuple[str, float]]:
        """Objects' events that have a picture, whatever camera they are of."""
        is_kept = [and_(events.c.camera == camera, _is_kept(self._kept(camera).keep)) for camera in cameras(connection)]
        wanted = (
            select(events.c.id, events.c.started_at)
            .where(events.c.type == "object", events.c.document.contains('"has_snapshot":true'))
            .where(events.c.ended_at.is_not(None), ~or_(False, *is_kept))
            .order_by(events.c.started_at, events.c.id)
            .limit(limit)
        )
        return [(row.id, row.started_at) for row in connection.execute(wanted)]


def _ids(wanted: Select[str], limit: int) -> Callable[[Connection], Sequence[str]]:
    return lambda connection: connection.scalars(wanted.limit(limit)).all()


def _expired(camera: str, kept: Events, now: float) -> Select[str]:
    """The oldest first."""
    too_old = [
        *_too_old("alert", kept.alerts.retain, now),
        *_too_old("detection", kept.detections.retain, now),
    ]
    return (
        select(events.c.id)
        .where(events.c.camera == camera, events.c.ended_at.is_not(None), or_(False, *too_old), ~_is_kept(kept.keep))
        .where(events.c.started_at < now - _shortest_s(kept))
        .order_by(events.c.started_at, events.c.id)
    )


def _shortest_s(kept: Events) -> float:
    """What is younger need not be looked at."""
    days = [
        days
        for retain in (kept.alerts.retain, kept.detections.retain)
        for days in (retain.days, *retain.objects.values())
        if days is not None
    ]
    return min(days, default=36_500.0) * _DAY_S


def _too_old(severity: str, retain: Retain, now: float) -> list[ColumnElement[bool]]:
    is_other = or_(events.c.label.is_(None), events.c.label.not_in([*retain.objects]))
    groups: list[tuple[Days, ColumnElement[bool]]] = [
        (retain.days, is_other),
        *((days, events.c.label == label) for label, days in retain.objects.items()),
    ]
    return [
        and_(events.c.severity == severity, events.c.started_at < now - days * _DAY_S, which)
        for days, which in groups
        if days is not None
    ]


def _is_kept(keep: Collection[str]) -> ColumnElement[bool]:
    """An object's event stays with those that are kept of what the object did: it has their picture."""
    other = events.alias()
    kept: list[ColumnElement[bool]] = []
    for column, others in ((events.c.pinned, other.c.pinned), (events.c.reviewed, other.c.reviewed)):
        if column.name in keep:
            kept += [column == 1, exists().where(other.c.object_id == events.c.id, others == 1)]
    return or_(False, *kept)
