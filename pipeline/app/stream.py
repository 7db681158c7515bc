"""A camera or a file as an iterator, both planes in this process: `for result in framewatch.stream(url)`."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pipeline import registry
from pipeline.analysis.feed import Feed
from pipeline.analysis.link import memory_link
from pipeline.analysis.plan import AnalysisPlan
from pipeline.analysis.plane import AnalysisPlane
from pipeline.app.plan import camera_plan, model_plans
from pipeline.config import CameraConfig, Config
from pipeline.core.channels import Closed, Mailbox
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.context import Mark
from pipeline.core.contracts import Source
from pipeline.core.errors import ConfigError, FramewatchError, ModelError, Problem
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.messages import Configure, Failed, Finished, FrameResult
from pipeline.core.metrics import Metrics
from pipeline.core.objects import TrackedObject
from pipeline.core.packet import StreamInfo
from pipeline.core.status import InputStatus
from pipeline.events.lifecycle import ObjectLifecycle
from pipeline.media import Capture, Hub

_MOST_UNREAD = 2
_LONGEST_END_S = 5.0


@dataclass(frozen=True, slots=True)
class Result:
    """One analysed frame: what is in it and what happened. Boxes are relative, 0..1."""

    frame: Frame
    objects: list[TrackedObject]
    events: list[Event]
    marks: list[Mark]


class Stream:
    """Iterates over one camera's results; also a context manager.

    A live stream reconnects for ever and shows the newest frame to a caller who is slow; a file at `pace: max`
    loses nothing and ends. No event is lost either way. Iterate on one thread; `close` is safe from any.
    """

    def __init__(self, config: Config, camera: CameraConfig, *, every_frame: bool = False) -> None:
        self._camera = camera
        self._clock: Clock = SystemClock()
        self._source = camera.input("detect") or camera.inputs[0]
        kind = registry.load("sources", self._source.type)
        self._make_source: Callable[[], Source] = lambda: kind(self._source.options)
        self.info: StreamInfo | None = None
        self.realtime: bool = self._make_source().realtime
        self._plan = AnalysisPlan(
            models=model_plans(config),
            cameras={
                camera.name: camera_plan(camera).model_copy(
                    update={"realtime": self.realtime, "every_frame": every_frame, "snapshots": False}
                )
            },
        )
        self._lifecycle = ObjectLifecycle(self._clock)
        self._results: Mailbox[Result] = Mailbox(_MOST_UNREAD, wait=True)
        self._error: FramewatchError | None = None
        self._near, self._far = memory_link()
        self._hub = Hub()
        self._feed = Feed(camera.name, self._near.send)
        self._capture = Capture(
            camera.name,
            "detect",
            self._source.url,
            self._source.roles,
            self._make_source,
            self._hub,
            self._clock,
            Metrics(),
            on_change=self._input_changed,
        )
        plane = AnalysisPlane(self._far, registry.load, self._clock, self._observed)
        self._plane = threading.Thread(target=plane.run, name="analysis", daemon=True)
        self._started = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Result]:
        """Raises SourceError where a file cannot be read, ModelError where a model cannot be had."""
        self._start()
        try:
            yield from self._until_ended()
        finally:
            self.close()

    def inspect(self) -> StreamInfo:
        """Opens the source once to see what it is; raises SourceError."""
        source = self._make_source()
        try:
            self.info = source.open()
            return self.info
        finally:
            source.close()

    def close(self) -> None:
        """Idempotent."""
        self._results.close()
        self._near.close()
        self._far.close()
        if self._started:
            self._capture.stop()
            self._plane.join(_LONGEST_END_S)

    def _start(self) -> None:
        if not self.realtime:
            self.inspect()
        self._started = True
        self._plane.start()
        threading.Thread(target=self._drain, name="results", daemon=True).start()
        with suppress(Closed):  # closed before it began, or while it did
            self._near.send(Configure(self._plan.model_dump(mode="json", by_alias=True)))
        self._hub.subscribe(self._feed)
        self._capture.start()

    def _until_ended(self) -> Iterator[Result]:
        """One result is held back at the end of a file, so that what ends with it is told with it."""
        held: Result | None = None
        try:
            while True:
                result = self._results.get()
                if self.realtime:
                    yield result
                    continue
                if held is not None:
                    yield held
                held = result
        except Closed:
            if self._error is not None:
                raise self._error from None
        if held is not None:
            held.events.extend(self._lifecycle.close())
            yield held

    def _observed(self, frame: Frame, result: FrameResult, events: list[Event]) -> None:
        """On the plane's loop; waits for a slow caller, so that the plane takes newer frames instead."""
        happened = [*events, *self._lifecycle.update(result)]
        self._results.put(Result(frame, result.objects, happened, result.marks))

    def _input_changed(self, status: InputStatus) -> None:
        if status.state == "ended":
            self._feed.ended()

    def _drain(self) -> None:
        try:
            while True:
                message = self._near.receive()
                if isinstance(message, Failed):
                    self._error = ModelError(message.error)
                if isinstance(message, Failed | Finished):
                    self._results.close()
        except Closed:
            self._results.close()


def chosen_camera(config: Config, name: str | None) -> CameraConfig:
    """The camera `name`, or the only one."""
    if name is None and len(config.cameras) == 1:
        return next(iter(config.cameras.values()))
    if name is not None and name in config.cameras:
        return config.cameras[name]
    wanted = "one of " + ", ".join(config.cameras)
    raise ConfigError([Problem(str(config.base), None, "cameras", str(name or "no name"), wanted)])
