"""What comes from the analysis plane, and to whom it goes."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Semaphore

from pipeline.app.camera import LiveCamera
from pipeline.app.line_counts import LineCounts
from pipeline.core.about import AnalysisStatus
from pipeline.core.broadcast import Broadcast
from pipeline.core.errors import ModelError, UnavailableError
from pipeline.core.messages import (
    Changed,
    EventOut,
    Failed,
    FrameResult,
    Health,
    Ready,
    Snapshot,
    Still,
    Up,
    ViewInfo,
    ViewJpeg,
    ViewPacket,
)
from pipeline.core.metrics import Metrics
from pipeline.core.status import AnalysisState
from pipeline.events.service import EventService

log = logging.getLogger(__name__)

_MOST_WAITING = 256
"""Messages of the analysis plane that wait for the event loop; then the receiving thread waits."""


class Receiver:
    """Knows how the plane is, too. `received` and `changed` are for the thread that brings what it says, all else for
    the event loop's.

    `failed` is done when the analysis cannot work at all as configured (a model that is not there).
    """

    def __init__(
        self,
        cameras: Mapping[str, LiveCamera],
        events: EventService,
        looks: Broadcast[FrameResult],
        line_counts: LineCounts,
        metrics: Metrics,
    ) -> None:
        self.state: AnalysisState = "starting"
        self.models: Mapping[str, str] = {}
        """What runs each, by its name."""
        self._reason = ""
        self._restarts = 0
        self._has_worked = False
        self._cameras = cameras
        self._events = events
        self._looks = looks
        self._line_counts = line_counts
        self._metrics = metrics
        self._room = Semaphore(_MOST_WAITING)

    def start(self) -> None:
        """On the event loop that hears of everything."""
        self._loop = asyncio.get_running_loop()
        self.failed: asyncio.Future[ModelError] = self._loop.create_future()

    def status(self) -> AnalysisStatus:
        return AnalysisStatus(self.state, self._reason, self._restarts)

    def trouble(self) -> str:
        """Empty while it runs."""
        return "" if self.state == "running" else f"{self.state} {self._reason}".strip()

    def require_running(self) -> None:
        if trouble := self.trouble():
            raise UnavailableError(f"the analysis is {trouble}")

    def received(self, message: Up) -> None:
        """Video goes straight to its hub, the rest to the event loop."""
        if isinstance(message, ViewInfo | ViewPacket):
            if camera := self._cameras.get(message.camera):
                camera.got_view(message)
            return
        if isinstance(message, Changed) and (camera := self._cameras.get(message.camera)):
            camera.lost_views()
        self._room.acquire()
        self.on_loop(self._handle, message)

    def changed(self, state: AnalysisState, reason: str) -> None:
        if state == "restarting":
            for camera in self._cameras.values():
                camera.lost_views()
        self.on_loop(self._on_state, state, reason)

    def on_loop(self, call: Callable[..., None], *arguments: object) -> None:
        """From any thread."""
        with suppress(RuntimeError):  # the loop has ended, and nobody is left to be told
            self._loop.call_soon_threadsafe(call, *arguments)

    def _handle(self, message: Up) -> None:
        self._room.release()
        match message:
            case FrameResult():
                self._on_result(message)
            case ViewJpeg():
                self._on_jpeg(message)
            case EventOut(event=event):
                self._line_counts.hear(event)
                self._events.on_event(event)
            case Snapshot():
                self._events.on_snapshot(message)
            case Still():
                any(camera.stills.answered(message) for camera in self._cameras.values())
            case Health():
                self._on_health(message)
            case Changed(camera=name, error=error):
                self._on_changed(name, error)
            case Ready(models=models):
                self._has_worked, self.models = True, models
                log.info("the analysis runs: %s", ", ".join(f"{name}: {what}" for name, what in models.items()))
            case Failed(error=error):
                self._on_failed(error)

    def _on_result(self, result: FrameResult) -> None:
        camera = self._cameras.get(result.camera)
        if camera is None:
            return  # it went while this was on its way
        camera.got_result(result)
        self._events.on_result(result)
        self._looks.publish(result)

    def _on_jpeg(self, picture: ViewJpeg) -> None:
        if camera := self._cameras.get(picture.camera):
            camera.stills.came(picture)

    def _on_health(self, health: Health) -> None:
        self.models = health.models
        for name in health.cameras.keys() & self._cameras.keys():
            self._cameras[name].got_health(health.cameras[name])

    def _on_changed(self, name: str, error: str) -> None:
        self._line_counts.forget(name)
        self._events.on_change(name)
        if camera := self._cameras.get(name):
            camera.got_change(error)
        if error:
            log.error("camera %s is not analysed: %s", name, error)

    def _on_failed(self, error: str) -> None:
        """What has worked before is tried again: recording and live pictures go on meanwhile."""
        if self._has_worked:
            log.error("the analysis cannot go on for now: %s", error)
        elif not self.failed.done():
            self.failed.set_result(ModelError(error))

    def _on_state(self, state: AnalysisState, reason: str) -> None:
        self.state, self._reason = state, reason
        if state != "running":
            self.models = {}
            self._line_counts.forget_all()
        if state == "restarting":
            for name in self._cameras:
                self._events.on_change(name)
            self._restarts += 1
            self._metrics.analysis_restarts.inc()
