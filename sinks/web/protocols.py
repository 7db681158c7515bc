"""What the web server needs of the rest, beside the running system."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, Protocol

from pipeline.core.about import LogLevel, LogLine, SystemStatus
from pipeline.core.alerts import (
    AlertStatus,
    AlertSwitches,
    Delivery,
    DeliveryCounts,
    DeliveryState,
    SinkOutcome,
    Why,
)
from pipeline.core.audit import AuditEntry
from pipeline.core.errors import Problem
from pipeline.core.event import Deleted, Event
from pipeline.core.event_edit import EditOutcome
from pipeline.core.event_path import PathPoint
from pipeline.core.event_query import EventQuery
from pipeline.core.footage import Clip, Span
from pipeline.core.found import FoundCamera, FoundStreams, Look
from pipeline.core.glimpse import Glimpse, GlimpseQuery
from pipeline.core.overview import CameraOverview, EventChoices


class EventPage(Protocol):
    @property
    def items(self) -> Sequence[Event]: ...

    @property
    def next_cursor(self) -> str | None: ...


class EventReader(Protocol):
    """The past. All methods may block for a few ms and are called from worker threads."""

    def get(self, event_id: str) -> Event | None: ...

    def list(self, query: EventQuery | None = None, *, limit: int = 50, cursor: str | None = None) -> EventPage:
        """Newest first; raises ValueError for a cursor that it never handed out."""
        ...

    def since(self, seq: int, limit: int = 100) -> Sequence[tuple[int, Event | Deleted]]:
        """The latest state of every event that changed after change `seq`, in the order of those changes."""
        ...

    def last_seq(self) -> int: ...

    def overview(self, query: EventQuery, *, after: float, before: float, step_s: float) -> Sequence[CameraOverview]:
        """What of `query` went on between two times, as coarse as `step_s`."""
        ...

    def choices(self) -> EventChoices: ...


class EventEditor(Protocol):
    """Used on the event loop."""

    async def review(self, ids: Sequence[str], reviewed: bool) -> EditOutcome: ...

    async def pin(self, ids: Sequence[str], pinned: bool) -> EditOutcome: ...

    async def delete(self, ids: Sequence[str]) -> EditOutcome:
        """Leaves what goes on."""
        ...


class Recordings(Protocol):
    """Video of the past. Used on the event loop; clips are files that may go once nobody has asked for an hour."""

    async def spans(self, camera: str | None, after: float, before: float) -> Sequence[Span]: ...

    async def clip(self, camera: str, after: float, before: float) -> Clip | None:
        """None where nothing of that time is kept; raises UnavailableError where it cannot be made now."""
        ...

    async def clip_of(self, event: Event) -> Clip | None: ...

    async def burned_clip_of(self, event: Event) -> Clip | None:
        """With its object's box in the pictures, which may take a while; raises UnavailableError."""
        ...


class PathReader(Protocol):
    """Both block for a few ms."""

    def get(self, event_id: str) -> Event | None: ...

    def path(self, event_id: str) -> Sequence[PathPoint]: ...


class AuditPage(Protocol):
    @property
    def items(self) -> Sequence[AuditEntry]: ...

    @property
    def next_cursor(self) -> str | None: ...


class AuditReader(Protocol):
    def list(self, *, limit: int = 50, cursor: int | None = None) -> AuditPage:
        """Newest first; blocks for a few ms."""
        ...


class AlertDesk(Protocol):
    """Used on the event loop; tells no secrets."""

    @property
    def since(self) -> float: ...

    async def status(self) -> Sequence[AlertStatus]: ...

    async def test(self, name: str) -> Sequence[SinkOutcome]:
        """Raises KeyError where there is no such rule."""
        ...


class DeliveryDesk(Protocol):
    """Used on the event loop; tells no secrets."""

    async def deliveries(
        self,
        *,
        states: Collection[DeliveryState] = (),
        sink: str | None = None,
        rule: str | None = None,
        limit: int = 50,
        before: int | None = None,
    ) -> Sequence[Delivery]:
        """Newest first; `before` is the id of an earlier page's last."""
        ...

    async def counts(self) -> Sequence[DeliveryCounts]: ...

    async def send_again(self, *, ids: Collection[int] | None = None, sink: str | None = None) -> int:
        """Dead and dropped ones; returns how many."""
        ...

    async def acknowledge(self, alert: str) -> EditOutcome:
        """Raises KeyError for an alert that nobody knows."""
        ...

    async def why(self, event_id: str, rule: str | None = None) -> Why:
        """Raises KeyError, with the name, for an event or a rule that is not there."""
        ...


class GlimpsePage(Protocol):
    @property
    def items(self) -> Sequence[Glimpse]: ...

    @property
    def next_cursor(self) -> str | None: ...


class GlimpseDesk(Protocol):
    """Used on the event loop."""

    async def glimpses(self, query: GlimpseQuery, *, limit: int, cursor: str | None = None) -> GlimpsePage:
        """Newest first; raises ValueError for a cursor that it never handed out."""
        ...


class AlertSwitch(Protocol):
    """Used on the event loop. Names that nobody knows are KeyErrors."""

    def switches(self) -> AlertSwitches: ...

    async def set_profile(self, name: str) -> None: ...

    async def snooze(self, kind: Literal["rule", "camera"], name: str, until: float | None) -> None:
        """Until a time (UTC seconds); None ends it."""
        ...


class SystemReader(Protocol):
    """The whole installation; asked on the event loop, but for `config_problems`."""

    async def status(self) -> SystemStatus: ...

    def log(self, lines: int, level: LogLevel) -> Sequence[LogLine]:
        """The latest of this level and above, oldest first."""
        ...

    @property
    def config_path(self) -> str | None: ...

    def config_problems(self) -> Sequence[Problem]:
        """What a restart would say; reads the file again and blocks."""
        ...


class ConfigWriter(Protocol):
    """The configuration's file, and what runs of it; all but `areas` are called on the event loop.

    What is written is checked as at a start. Where anything is wrong with it, or the file cannot be written,
    ConfigError says all of it and nothing has changed. Once a coroutine returns, the running system has taken the
    change over.
    """

    @property
    def not_writable(self) -> str:
        """Why nothing can be saved, in words for a person; empty where it can."""
        ...

    def areas(self, camera: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Zones and lines as they are written, nothing filled in; reads the file and blocks."""
        ...

    async def set_areas(
        self, camera: str, zones: Mapping[str, Mapping[str, Any]], lines: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """These zones and lines, by name, and no others; keys and values as in the configuration, no others.

        What is written already and means the same stays as it is, comments and all.
        """
        ...

    def areas_snippet(
        self, camera: str, zones: Mapping[str, Mapping[str, Any]], lines: Mapping[str, Mapping[str, Any]]
    ) -> str:
        """The same as YAML, to be copied by hand; nothing is checked."""
        ...

    async def add_camera(self, name: str, camera: Mapping[str, Any]) -> None: ...

    def camera_snippet(self, name: str, camera: Mapping[str, Any]) -> str: ...


class CameraFinder(Protocol):
    """Cameras that are not in the configuration yet.

    Only so many searches and looks go on at once: one too many is an UnavailableError. SourceError says why a camera
    cannot be seen; no address with a password is in it, nor in the log.
    """

    async def look(self, address: str) -> Look:
        """Opens the address for some seconds."""
        ...

    async def discover(self) -> list[FoundCamera]:
        """Who answers on the networks of this machine within some seconds."""
        ...

    async def streams(self, service: str, user: str, password: str) -> FoundStreams:
        """What a device that was found says it sends."""
        ...
