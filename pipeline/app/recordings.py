"""Recording of the whole system: its files, their index, and what looks after both."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from pipeline.config import Config
from pipeline.core.clock import Clock
from pipeline.core.event import Event
from pipeline.core.footage import Clip, Segment, Span, in_order
from pipeline.core.record import Record
from pipeline.core.retain import Keep
from pipeline.core.room import Reclaimable
from pipeline.events.recordings import Recordings as Index
from pipeline.events.store import EventStore
from pipeline.recording.clips import Clips
from pipeline.recording.desk import RecordingDesk
from pipeline.recording.retention import RecordingRetention
from pipeline.recording.shelf import Shelf
from pipeline.recording.sweeping import sweep

log = logging.getLogger(__name__)

_LOOK_AFTER_S = 30.0
_JOINED_S = 0.5
"""What is nearer together than this has no gap that anybody would see."""


class Recordings:
    """Used on the event loop, but for `shelf` and `index`."""

    def __init__(self, config: Config, store: EventStore, clock: Clock) -> None:
        media = Path(config.store.media)
        self.index: Index = store.recordings
        self.shelf = Shelf(media)
        self.desk = RecordingDesk(self.index, clock)
        self.config = config
        self._clips = Clips(media, self.index)
        self._store = store
        self._retention = RecordingRetention(self.index, self.shelf, clock, self._record_of, self._keep_of, self._gone)
        self._task: asyncio.Task[None] | None = None

    @property
    def parts(self) -> Sequence[Reclaimable]:
        """What takes room on the disk."""
        return [self._clips, self._retention]

    async def start(self) -> None:
        """Makes files and index agree again; the media folder must be there. Raises StoreError or OSError."""
        await asyncio.to_thread(self._prepare)
        self._task = asyncio.create_task(self._look_after(), name="recordings")

    async def resume(self) -> None:
        """Once no event of an earlier run is open any more."""
        self.desk.resume(await asyncio.to_thread(self._store.awaiting_clips))

    async def close(self) -> None:
        task, self._task = self._task, None
        if task:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def spans(self, camera: str | None, after: float, before: float) -> list[Span]:
        """What there is of a time, each camera by itself, the oldest first."""
        return _joined(await asyncio.to_thread(self.index.between, camera, after, before))

    async def clip(self, camera: str, after: float, before: float) -> Clip | None:
        """None where nothing of that time is kept; raises UnavailableError where it cannot be made now."""
        return await self._clips.clip(camera, after, before)

    async def clip_of(self, event: Event) -> Clip | None:
        return await self.clip(event.camera, *self.desk.span(event))

    def _prepare(self) -> None:
        sweep(self.shelf, self.index)
        self._clips.prepare()

    async def _look_after(self) -> None:
        while True:
            try:
                await self._retention.sweep()
                await asyncio.to_thread(self._clips.sweep)
            except OSError as error:
                log.error("old recordings could not be removed: %s", error)
            await asyncio.sleep(_LOOK_AFTER_S)

    def _gone(self, camera: str, begin: float, end: float) -> None:
        """Events whose recording was of that time have none any more."""
        for event in self.index.without_clip(camera, begin, end):
            self._store.save(msgspec.structs.replace(event, clip="none")).result()

    def _record_of(self, camera: str) -> Record:
        """Of a camera that is none any more the defaults hold."""
        config = self.config.cameras.get(camera)
        return config.record if config else Record()

    def _keep_of(self, camera: str) -> Collection[Keep]:
        config = self.config.cameras.get(camera)
        return (config.events if config else self.config.events).keep


def _joined(segments: list[Segment]) -> list[Span]:
    joined: list[Span] = []
    newest: dict[str, int] = {}
    for segment in segments:
        kinds, place = in_order(segment.kinds), newest.get(segment.camera)
        before = None if place is None else joined[place]
        if before and before.kinds == kinds and segment.started_at - before.ended_at < _JOINED_S:
            end, size = max(before.ended_at, segment.ended_at), before.bytes + segment.bytes
            joined[newest[segment.camera]] = Span(segment.camera, before.started_at, end, kinds, size)
        else:
            newest[segment.camera] = len(joined)
            joined.append(Span(segment.camera, segment.started_at, segment.ended_at, kinds, segment.bytes))
    return joined
