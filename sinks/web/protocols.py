"""What the web server needs of the rest, beside the running system."""

from collections.abc import Sequence
from typing import Protocol

from pipeline.core.about import LogLevel, LogLine, SystemStatus
from pipeline.core.alerts import AlertStatus, SinkOutcome
from pipeline.core.errors import Problem
from pipeline.core.event import Deleted, Event
from pipeline.core.event_edit import EditOutcome
from pipeline.core.event_query import EventQuery
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

    async def delete(self, ids: Sequence[str]) -> EditOutcome:
        """Leaves what goes on."""
        ...


class AlertDesk(Protocol):
    """Used on the event loop; tells no secrets."""

    @property
    def since(self) -> float: ...

    async def status(self) -> Sequence[AlertStatus]: ...

    async def test(self, name: str) -> Sequence[SinkOutcome]:
        """Raises KeyError where there is no such rule."""
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
