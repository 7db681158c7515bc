"""What a sink that tells more than alerts is given of the running system."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from pipeline.core.broadcast import Broadcast
from pipeline.core.camera import Camera
from pipeline.core.contracts import AlertSink
from pipeline.core.event import Event
from pipeline.core.line_count import LineCount
from pipeline.core.messages import FrameResult
from pipeline.core.profiles import Profiles
from pipeline.core.status import CameraStatus


class FeedCamera(msgspec.Struct, frozen=True):
    """A camera of the configuration: what it watches, and how it does."""

    plan: Camera
    status: CameraStatus | None
    """None while it is switched off."""
    lines: Mapping[str, LineCount] = msgspec.field(default_factory=dict)
    """How many have crossed each of its lines."""


class SystemFeed(Protocol):
    """Used on the media plane's event loop. Listeners must not block: what waits does so in the sink, bounded."""

    version: str
    page: str | None
    """The address that people see; None where it is not configured."""
    events: Broadcast[Event]
    """Every stored change of an event, in order."""
    edits: Broadcast[None]
    """Told after somebody marked or deleted events."""
    results: Broadcast[FrameResult]
    """What each analysed frame of every camera holds."""

    @property
    def profiles(self) -> Profiles | None:
        """None where the configuration has none."""
        ...

    def cameras(self) -> Sequence[FeedCamera]:
        """Every camera as it is now, in the order of the configuration, those that are switched off, too."""
        ...

    async def picture(self, event: Event) -> bytes | None:
        """The best picture of its object so far as JPEG, with its box; None where there is none."""
        ...

    async def switch(self, camera: str, on: bool) -> None:
        """Until the next start, whatever the configuration says; raises KeyError where there is no such camera."""
        ...

    def lost(self, count: int) -> None:
        """So many things were left out, as nobody took them in time: for the metrics."""
        ...


class FeedSink(AlertSink, Protocol):
    """An alert sink that also wants to know what happens: it is opened even where no alert rule names it."""

    def attach(self, feed: SystemFeed) -> None:
        """Called once on the event loop, before the first alert; returns at once."""
        ...
