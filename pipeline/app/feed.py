"""The running system as a sink hears of it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from pipeline.config import Config
from pipeline.core.acting import ACTOR
from pipeline.core.broadcast import Broadcast
from pipeline.core.event import Event
from pipeline.core.feed import FeedCamera
from pipeline.core.line_count import LineCount
from pipeline.core.messages import FrameResult
from pipeline.core.metrics import Metrics
from pipeline.core.profiles import Profiles
from pipeline.core.status import CameraStatus
from pipeline.store.audit import AuditLog
from pipeline.store.media import MediaFolder
from pipeline.version import __version__


class Fed(Protocol):
    """What a feed is made of."""

    config: Config
    events: Broadcast[Event]
    edits: Broadcast[None]
    looks: Broadcast[FrameResult]
    media: MediaFolder
    metrics: Metrics
    audit: AuditLog

    def cameras(self) -> list[CameraStatus]: ...

    def lines(self, name: str) -> Mapping[str, LineCount]: ...

    async def switch(self, name: str, on: bool) -> None: ...


class SwitchedBy:
    """The Profiles of the system, which a sink may switch: that is noted."""

    def __init__(self, sink: str, profiles: Profiles, audit: AuditLog) -> None:
        self._sink = sink
        self._profiles = profiles
        self._audit = audit

    @property
    def profiles(self) -> Sequence[str]:
        return self._profiles.profiles

    @property
    def profile(self) -> str | None:
        return self._profiles.profile

    async def set_profile(self, name: str) -> None:
        ACTOR.set(f"sink {self._sink}")
        await self._profiles.set_profile(name)
        await self._audit.note("alerts.profile", [name])

    def subscribe(self, told: Callable[[str], None]) -> Callable[[], None]:
        return self._profiles.subscribe(told)


class Feed:
    """A SystemFeed for the sink of that name."""

    version = __version__

    def __init__(self, sink: str, system: Fed, profiles: Profiles) -> None:
        self.events = system.events
        self.edits = system.edits
        self.results = system.looks
        self.profiles = SwitchedBy(sink, profiles, system.audit) if profiles.profiles else None
        self.page = system.config.server.external_url
        self._sink = sink
        self._system = system
        self._lost = system.metrics.left_out.labels(sink)

    def cameras(self) -> Sequence[FeedCamera]:
        running = {status.name: status for status in self._system.cameras()}
        cameras = self._system.config.cameras.items()
        return [FeedCamera(each.camera, running.get(name), self._system.lines(name)) for name, each in cameras]

    async def picture(self, event: Event) -> bytes | None:
        return await asyncio.to_thread(_picture, self._system.media, event)

    async def switch(self, camera: str, on: bool) -> None:
        ACTOR.set(f"sink {self._sink}")
        await self._system.switch(camera, on)
        await self._system.audit.note("camera.on" if on else "camera.off", [camera])

    def lost(self, count: int) -> None:
        self._lost.inc(count)


def _picture(media: MediaFolder, event: Event) -> bytes | None:
    try:
        path = media.snapshot(event.object_id or event.id)
        return path.read_bytes() if path else None
    except OSError:  # gone since, or a disk that fails: whoever asked goes on without it
        return None
