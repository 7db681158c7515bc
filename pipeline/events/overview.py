"""From single events to what a timeline of them can show."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipeline.core.overview import CameraOverview, Kind, Mark, Span


class EventRow(Protocol):
    id: Any
    camera: Any
    type: Any
    severity: Any
    started_at: Any
    ended_at: Any


@dataclass(slots=True)
class _Stretch:
    start: float
    end: float | None
    kind: Kind
    events: int
    id: str | None

    def add(self, row: EventRow) -> None:
        self.end = None if self.end is None or row.ended_at is None else max(self.end, row.ended_at)
        self.events, self.id = self.events + 1, None


@dataclass(slots=True)
class _Camera:
    events: int = 0
    alerts: int = 0
    spans: list[_Stretch] = field(default_factory=list)
    marks: list[_Stretch] = field(default_factory=list)
    latest: dict[tuple[Kind, bool], _Stretch] = field(default_factory=dict)
    """The last stretch of each sort, which the next event may belong to."""

    def add(self, row: EventRow, step_s: float) -> None:
        self.events += 1
        self.alerts += row.severity == "alert"
        kind, is_span = _kind(row), row.type == "object" or row.ended_at != row.started_at
        latest = self.latest.get((kind, is_span))
        if latest is not None and _is_close(row, latest, is_span, step_s):
            latest.add(row)
            return
        made = self.latest[kind, is_span] = _Stretch(row.started_at, row.ended_at, kind, 1, row.id)
        (self.spans if is_span else self.marks).append(made)


def overview(rows: Iterable[EventRow], step_s: float) -> list[CameraOverview]:
    """Events of one camera and kind that are no more than `step_s` apart become one span, or one mark."""
    cameras: dict[str, _Camera] = {}
    for row in sorted(rows, key=lambda row: row.started_at):
        cameras.setdefault(row.camera, _Camera()).add(row, step_s)
    return [
        CameraOverview(
            name,
            camera.events,
            camera.alerts,
            [Span(each.start, each.end, each.kind, each.events, each.id) for each in camera.spans],
            [Mark(each.start, each.kind, each.events, each.id) for each in camera.marks],
        )
        for name, camera in sorted(cameras.items())
    ]


def _is_close(row: EventRow, latest: _Stretch, is_span: bool, step_s: float) -> bool:
    """Whether there is no room to be seen between the two; a mark does not grow."""
    until = latest.end if is_span else latest.start
    return until is None or bool(row.started_at <= until + step_s)


def _kind(row: EventRow) -> Kind:
    if row.severity == "alert":
        return "alert"
    return "camera" if row.type.startswith("camera_") else "detection"
