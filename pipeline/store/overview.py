"""From single events to what a timeline of them can show."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from pipeline.core.overview import CameraOverview, Kind, Mark, Span

_STARTED_AT = 4


@dataclass(slots=True)
class _Stretch:
    """Events of one kind that follow each other closely; a mark, which has no length, where `until` is its start."""

    start: float
    end: float | None
    kind: Kind
    id: str | None
    until: float
    """What begins by then belongs to it."""
    events: int = 1


@dataclass(slots=True)
class _Camera:
    events: int = 0
    alerts: int = 0
    spans: list[_Stretch] = field(default_factory=list)
    marks: list[_Stretch] = field(default_factory=list)
    latest: dict[tuple[Kind, bool], _Stretch] = field(default_factory=dict)
    """The last stretch of each sort, which the next event may belong to."""


def overview(rows: Iterable[Any], step_s: float) -> list[CameraOverview]:
    """Events of one camera and kind that are no more than `step_s` apart become one span, or one mark.

    Rows are (id, camera, type, severity, started_at, ended_at).
    """
    cameras: dict[str, _Camera] = {}
    for event_id, name, event_type, severity, start, end in sorted(rows, key=itemgetter(_STARTED_AT)):
        if (camera := cameras.get(name)) is None:
            camera = cameras[name] = _Camera()
        camera.events += 1
        camera.alerts += severity == "alert"
        is_span = event_type == "object" or end != start
        kind = _kind(event_type, severity)
        latest = camera.latest.get((kind, is_span))
        if latest is None or start > latest.until:
            latest = camera.latest[kind, is_span] = _Stretch(start, end, kind, event_id, start + step_s)
            (camera.spans if is_span else camera.marks).append(latest)
        else:
            latest.events, latest.id = latest.events + 1, None
        if is_span:
            _stretch(latest, end, step_s)
    return [_told(name, camera) for name, camera in sorted(cameras.items())]


def _stretch(span: _Stretch, end: float | None, step_s: float) -> None:
    """What has not ended takes all that follows."""
    if end is None or span.end is None:
        span.end, span.until = None, float("inf")
    elif end >= span.end:
        span.end, span.until = end, end + step_s


def _kind(event_type: str, severity: str) -> Kind:
    if severity == "alert":
        return "alert"
    return "camera" if event_type.startswith("camera_") else "detection"


def _told(name: str, camera: _Camera) -> CameraOverview:
    return CameraOverview(
        name,
        camera.events,
        camera.alerts,
        [Span(each.start, each.end, each.kind, each.events, each.id) for each in camera.spans],
        [Mark(each.start, each.kind, each.events, each.id) for each in camera.marks],
    )
