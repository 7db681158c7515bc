"""Recording of the whole system: its files, their index, and what looks after both."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from pipeline.config import Config
from pipeline.core.clock import Clock
from pipeline.core.event import Event
from pipeline.core.event_path import PathPoint
from pipeline.core.footage import Clip, Span
from pipeline.core.record import Record
from pipeline.core.retain import Keep
from pipeline.core.room import Reclaimable
from pipeline.events.rounds import Rounds
from pipeline.recording.burn import Task, burned
from pipeline.recording.clips import Clips
from pipeline.recording.desk import RecordingDesk
from pipeline.recording.retention import RecordingRetention
from pipeline.recording.shelf import Shelf
from pipeline.recording.sweeping import sweep
from pipeline.store.recordings import Recordings as Index
from pipeline.store.store import EventStore

log = logging.getLogger(__name__)

_LOOK_AFTER_S = 300.0


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
        self._drawing = asyncio.Lock()
        """Held for one at a time: it takes a core."""
        self._retention = RecordingRetention(self.index, self.shelf, clock, self._record_of, self._keep_of, self._gone)
        self._rounds = Rounds("recordings", _LOOK_AFTER_S, self._look_after)

    @property
    def parts(self) -> Sequence[Reclaimable]:
        """What takes room on the disk."""
        return [self._clips, self._retention]

    async def start(self) -> None:
        """Makes files and index agree again; the media folder must be there. Raises StoreError or OSError."""
        await asyncio.to_thread(self._prepare)
        self._rounds.start()

    async def resume(self) -> None:
        """Once no event of an earlier run is open any more."""
        self.desk.resume(await asyncio.to_thread(self._store.awaiting_clips))

    async def close(self) -> None:
        await self._rounds.close()

    async def spans(self, camera: str | None, after: float, before: float) -> list[Span]:
        """What there is of a time, each camera by itself, the oldest first."""
        return await asyncio.to_thread(self.index.spans, camera, after, before)

    async def clip(self, camera: str, after: float, before: float) -> Clip | None:
        """None where nothing of that time is kept; raises UnavailableError where it cannot be made now."""
        return await self._clips.clip(camera, after, before)

    async def clip_of(self, event: Event) -> Clip | None:
        return await self.clip(event.camera, *self.desk.span(event))

    async def burned_clip_of(self, event: Event) -> Clip | None:
        """With its object's box in the pictures; as it is where nobody knows where that was."""
        clip = await self.clip_of(event)
        path, thing = await asyncio.to_thread(self._path_of, event) if event.label else ([], None)
        if clip is None or not path:
            return clip
        drawn = sha256(f"{clip.path.stem} {event.object_id or event.id} {len(path)}".encode()).hexdigest()[:32]
        target = clip.path.with_name(f"{drawn}.mp4")
        async with self._drawing:
            if not target.exists():
                task = Task(
                    source=str(clip.path),
                    target=str(target),
                    started_at=clip.started_at,
                    ended_at=clip.ended_at,
                    label=event.label or "",
                    score=event.score or 0.0,
                    attributes=event.attributes,
                    path=path,
                    until=thing.ended_at if thing else None,
                )
                await burned(task)
        return msgspec.structs.replace(clip, path=target)

    def _path_of(self, event: Event) -> tuple[list[PathPoint], Event | None]:
        object_id = event.object_id or event.id
        return self._store.path(object_id), self._store.get(object_id)

    def _prepare(self) -> None:
        sweep(self.shelf, self.index)
        self._clips.prepare()

    async def _look_after(self) -> None:
        try:
            await self._retention.sweep()
            await asyncio.to_thread(self._clips.sweep)
        except OSError as error:
            log.error("old recordings could not be removed: %s", error)

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
