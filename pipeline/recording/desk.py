"""What of all cameras is recorded, for which events, and which of them have their clip."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.core.clock import Clock
from pipeline.core.event import ClipState, Event
from pipeline.core.footage import Kind, Segment
from pipeline.core.messages import FrameResult
from pipeline.core.objects import TrackedObject
from pipeline.core.record import Around, Mode, Record

log = logging.getLogger(__name__)

LATE_S = 90.0
"""After so long nobody waits any more for the end of an event's recording."""
MOTION_S = 5.0
"""So long before and after something moved is kept, too."""
_NOT_SEEN = ("camera_offline", "camera_online")
"""Events of which there can be no picture."""


class Recorder(Protocol):
    def keep(self, kind: Kind, begin: float, end: float) -> None: ...

    def settled(self, at: float) -> bool: ...


class Index(Protocol):
    """Methods block."""

    def between(self, camera: str | None, begin: float, end: float) -> Sequence[Segment]: ...

    def alert_between(self, camera: str, begin: float, end: float) -> None:
        """What was kept as a detection is kept as an alert, too."""
        ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An event that has ended, and the time that its clip is of (UTC seconds)."""

    event: Event
    kind: Kind | None
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class _Camera:
    record: Record
    recorder: Recorder


class RecordingDesk:
    """Used on the event loop; says what recorders shall keep.

    Of an object that is at rest nothing is kept for as long as it rests, where `retain.mode` does not ask for it: its
    clip leaves that out.
    """

    def __init__(self, index: Index, clock: Clock) -> None:
        self._index = index
        self._clock = clock
        self._cameras: dict[str, _Camera] = {}
        self._open: dict[str, Kind] = {}
        """Objects that are in view and whose life is recorded."""
        self._waiting: dict[str, _Waiting] = {}
        self._is_failing = False

    def add(self, camera: str, record: Record, recorder: Recorder) -> None:
        self._cameras[camera] = _Camera(record, recorder)

    def remove(self, camera: str) -> None:
        self._cameras.pop(camera, None)

    def on_result(self, result: FrameResult) -> None:
        camera = self._cameras.get(result.camera)
        if camera is None:
            return
        at = result.captured_at
        if result.moving and camera.record.motion.days:
            camera.recorder.keep("motion", at - MOTION_S, at + MOTION_S)
        for seen in result.objects:
            kind = self._open.get(seen.id)
            if kind is None:
                continue
            around = _around(camera.record, kind)
            if _is_kept(around.retain.mode, seen, result.moving):
                camera.recorder.keep(kind, at - around.pre_capture, at + around.post_capture)

    def clip_of(self, event: Event, known: ClipState) -> ClipState:
        """What is to be said of the clip of an event that changes; `known` is what was said of it last."""
        if event.state == "end":
            self._open.pop(event.id, None)
            if known in ("ready", "failed"):
                return known
        camera = self._cameras.get(event.camera)
        if camera is None or event.type in _NOT_SEEN:
            return known
        kind = _kind(camera.record, event)
        if kind is None and not (camera.record.continuous.days or camera.record.motion.days):
            return known
        begin, end = self.span(event)
        if kind:
            self._keep(camera, event, kind, begin, end)
        if event.state == "end":
            self._waiting[event.id] = _Waiting(event, kind, begin, end)
        return "pending"

    def _keep(self, camera: _Camera, event: Event, kind: Kind, begin: float, end: float) -> None:
        """Of an object only its beginning; what it does then its results tell."""
        if event.type != "object":
            camera.recorder.keep(kind, begin, end)
        elif event.state != "end" and self._open.get(event.id) != kind:
            self._open[event.id] = kind
            camera.recorder.keep(kind, begin, event.started_at + _around(camera.record, kind).post_capture)

    def span(self, event: Event) -> tuple[float, float]:
        """The time that its clip is of: from before it began until after it ended (or now)."""
        camera = self._cameras.get(event.camera)
        around = _around(camera.record if camera else Record(), _severity(event))
        ended_at = self._clock.time() if event.ended_at is None else event.ended_at
        return event.started_at - around.pre_capture, ended_at + around.post_capture

    def resume(self, events: Sequence[Event]) -> None:
        """Events whose recording an earlier run did not come to the end of."""
        for event in events:
            self._waiting[event.id] = _Waiting(event, _severity(event), *self.span(event))

    async def settled(self) -> dict[str, ClipState]:
        """By the id of the event, what has become known of clips since this was asked last.

        While the index cannot be asked nothing does: that is told once.
        """
        over = [waiting for waiting in self._waiting.values() if self._is_over(waiting)]
        try:
            states = await asyncio.to_thread(lambda: [self._state(waiting) for waiting in over]) if over else []
        except OSError as error:
            if not self._is_failing:
                log.error("which events have their clip is not known for now: %s", error)
            self._is_failing = True
            return {}
        self._is_failing = False
        for waiting in over:
            if self._waiting.get(waiting.event.id) is waiting:
                del self._waiting[waiting.event.id]
        return {waiting.event.id: state for waiting, state in zip(over, states, strict=True)}

    def _is_over(self, waiting: _Waiting) -> bool:
        camera = self._cameras.get(waiting.event.camera)
        return camera is None or self._clock.time() > waiting.end + LATE_S or camera.recorder.settled(waiting.end)

    def _state(self, waiting: _Waiting) -> ClipState:
        event = waiting.event
        segments = self._index.between(event.camera, waiting.begin, waiting.end)
        if segments and waiting.kind == "alert":
            self._index.alert_between(event.camera, waiting.begin, waiting.end)
        if segments:
            return "ready"
        return "failed" if waiting.kind else "none"


def _is_kept(mode: Mode, seen: TrackedObject, moving: bool) -> bool:
    match mode:
        case "all":
            return True
        case "motion":
            return moving
        case "active_objects":
            return seen.measured and not seen.stationary


def _around(record: Record, kind: Kind) -> Around:
    return record.alerts if kind == "alert" else record.detections


def _kind(record: Record, event: Event) -> Kind | None:
    """What an event is recorded as; None where nothing is kept for its sake."""
    kind = _severity(event)
    return kind if _around(record, kind).retain.days else None


def _severity(event: Event) -> Kind:
    return "alert" if event.severity == "alert" else "detection"
