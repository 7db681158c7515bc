"""Everybody who watches live: who may come in, what they share, and how many there are."""

import asyncio
import logging
from http import HTTPStatus
from typing import Literal, Protocol

from starlette.exceptions import HTTPException

from pipeline.core.errors import UnavailableError
from pipeline.core.metrics import Metrics
from pipeline.core.packet import StreamInfo
from pipeline.core.status import CameraStatus, InputStatus, LiveView, RunningSystem
from sinks.web.fanout import FanOut
from sinks.web.objects_feed import ObjectsFeed
from sinks.web.places import Places

View = Literal["overlay", "burned"]
Size = Literal["large", "small"]

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 1.5


class Watcher(Protocol):
    """One viewer, however it is sent its video."""

    @property
    def id(self) -> str: ...

    @property
    def camera(self) -> str: ...

    @property
    def view(self) -> LiveView: ...

    def tell_online(self, online: bool) -> None: ...

    def end(self) -> None:
        """Nothing more is sent; `Audience.left` is called, once."""
        ...

    async def closed(self) -> None:
        """Returns once the connection is gone."""
        ...


class Audience:
    """The viewers of a running system, over WebRTC and otherwise; used on the event loop.

    `close` ends every session within 2 s.
    """

    def __init__(self, system: RunningSystem, *, max_viewers: int, metrics: Metrics) -> None:
        self._system = system
        self.places = Places(max_viewers)
        self._metrics = metrics
        self._watchers: dict[str, Watcher] = {}
        self._fanouts: dict[tuple[str, LiveView], FanOut] = {}
        self._feeds: dict[tuple[str, LiveView], ObjectsFeed] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._closed = False
        system.gone.subscribe(self._camera_gone)

    def __contains__(self, watcher: Watcher) -> bool:
        return watcher.id in self._watchers

    async def close(self) -> None:
        self._closed = True
        self.end_all()
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=CLOSE_TIMEOUT_S)

    def end_all(self) -> None:
        """Sends every viewer away; those that still want to watch come back."""
        for watcher in list(self._watchers.values()):
            watcher.end()

    def status(self, name: str) -> CameraStatus:
        """Raises HTTPException where there is no such camera."""
        try:
            return self._system.camera(name)
        except KeyError:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no camera named {name}") from None

    def check_available(self, status: CameraStatus, view: LiveView) -> None:
        """Raises UnavailableError where nobody (more) can watch."""
        if self._closed:
            raise UnavailableError("the server is shutting down")
        needed = _input_behind(status, view)
        if needed.state != "online":
            why = f": {needed.reason}" if needed.reason else ""
            raise UnavailableError(f"camera {status.name} is {needed.state}{why}")
        self.places.check()

    def entered(self, watcher: Watcher) -> None:
        self._watchers[watcher.id] = watcher
        self.places.take()
        self._metrics.viewers.labels(watcher.camera, watcher.view).inc()

    def left(self, watcher: Watcher) -> None:
        name, view = watcher.camera, watcher.view
        del self._watchers[watcher.id]
        self.places.give_back()
        self._metrics.viewers.labels(name, view).dec()
        if not self._watching(name, view):
            self._fanouts.pop((name, view), None)
            self._feeds.pop((name, view), None)
        task = asyncio.get_running_loop().create_task(watcher.closed())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def fanout(self, name: str, view: LiveView) -> FanOut:
        if (name, view) not in self._fanouts:
            dropped = self._metrics.dropped.labels(name, "viewer")
            self._fanouts[name, view] = FanOut(
                self._system.stream(name, view),
                lost=dropped.inc,
                opened=lambda info: self._stream_opened(name, view, info),
                interrupted=lambda: self._tell_online(name, view, online=False),
            )
        return self._fanouts[name, view]

    def feed(self, name: str, view: LiveView) -> ObjectsFeed | None:
        """None where the objects are in the picture already."""
        if view == "burned":
            return None
        if (name, view) not in self._feeds:
            dropped = self._metrics.dropped.labels(name, "viewer_objects")
            self._feeds[name, view] = ObjectsFeed(self._system.results(name, view), lost=dropped.inc)
        return self._feeds[name, view]

    def _camera_gone(self, name: str) -> None:
        for watcher in [each for each in self._watchers.values() if each.camera == name]:
            watcher.end()

    def _stream_opened(self, name: str, view: LiveView, info: StreamInfo) -> None:
        """Viewers of a stream that came back as something no browser can play are sent away, to ask again."""
        if info.plays_in_some_browsers if view == "native" else info.plays_in_browsers:
            self._tell_online(name, view, online=True)
            return
        log.info("camera %s now sends %s, which cannot be passed on to browsers", name, info.codec)
        for watcher in self._watching(name, view):
            watcher.end()

    def _tell_online(self, name: str, view: LiveView, *, online: bool) -> None:
        for watcher in self._watching(name, view):
            watcher.tell_online(online)

    def _watching(self, name: str, view: LiveView) -> list[Watcher]:
        return [each for each in self._watchers.values() if (each.camera, each.view) == (name, view)]


def shown_view(status: CameraStatus, asked: View, size: Size, *, takes_h265: bool = False) -> LiveView:
    """A camera whose configuration asks for the burned view is sent so; not each has a small stream."""
    if status.live == "burned" or asked == "burned":
        return "burned"
    if size == "small" and status.has_small_stream:
        return "small"
    return "native" if takes_h265 and status.has_native_stream else "overlay"


def _input_behind(status: CameraStatus, view: LiveView) -> InputStatus:
    """A view that is encoded is made of what is analysed; a role that no input has falls to the first."""
    is_passed_on = view == "native" or (view == "overlay" and not status.live_reason)
    role = "live" if is_passed_on else "detect"
    return next((one for one in status.inputs if role in one.roles), status.inputs[0])
