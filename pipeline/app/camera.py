"""One camera of the running system: its captures, hubs, views and figures."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Protocol

from msgspec.structs import replace

from pipeline import registry
from pipeline.app.alignment import Alignment
from pipeline.app.stills import Stills
from pipeline.config import CameraConfig, InputConfig, PushConfig, Role
from pipeline.core.broadcast import Broadcast
from pipeline.core.clock import Clock
from pipeline.core.contracts import PacketStream
from pipeline.core.footage import RecordingStatus
from pipeline.core.messages import CameraHealth, FrameResult, View, ViewInfo, ViewPacket, WantStill, WantView
from pipeline.core.metrics import Metrics
from pipeline.core.packet import StreamInfo
from pipeline.core.rate import Growth
from pipeline.core.status import AnalysisState, CameraStatus, InputStatus, LiveView
from pipeline.core.video_options import PushedView
from pipeline.media import Capture, Hub, Outgoing, Push
from pipeline.recording.recorder import Recorder

_COUNTED = ("analysed", "looked", "decoded", "skipped")
"""Figures of a camera's health that are metrics by the same name."""


class Analysis(Protocol):
    """What a camera asks of the analysis plane."""

    def want_view(self, message: WantView) -> None: ...

    def want_still(self, message: WantStill) -> None: ...

    def dropped(self, camera: str) -> int: ...


class LiveCamera:
    """Captures run on their own threads; everything else is for the event loop's thread."""

    def __init__(
        self,
        config: CameraConfig,
        analysis: Analysis,
        clock: Clock,
        metrics: Metrics,
        on_input: Callable[["LiveCamera", InputStatus], None],
        make_recorder: Callable[[CameraConfig, PacketStream], Recorder | None] = lambda *_: None,
    ) -> None:
        """`on_input` hears of the input that is analysed, on its capture's thread."""
        self.config = config
        self.name = config.camera.name
        self.results: Broadcast[FrameResult] = Broadcast()
        self.small_results: Broadcast[FrameResult] = Broadcast()
        """The same with the pts of the stream that is analysed."""
        self.native_results: Broadcast[FrameResult] = Broadcast()
        """The same with the pts of the stream on show, which browsers may be unable to play."""
        self.stills = Stills(self.name, analysis.want_still, analysis.want_view, height=config.live.height)
        self._analysis = analysis
        self._clock = clock
        self._metrics = metrics
        self._on_input = on_input
        self._latency = metrics.latency.labels(self.name)
        self._counters = {figure: getattr(metrics, figure).labels(self.name) for figure in _COUNTED}
        self._losses = cache(partial(metrics.dropped.labels, self.name))
        """By place; to find a metric by its labels costs as much as all else about a result."""
        self._health: CameraHealth | None = None
        self._refusal = ""
        self._decoding = Growth()
        self._hubs = [Hub() for _ in config.inputs]
        self._views: dict[View, Hub] = {view: self._view_hub(view) for view in ("burned", "clean")}
        self._index = {role: index for index, one in enumerate(config.inputs) for role in one.roles}
        self._alignment = self._align()
        self.captures = [self._capture(*pair) for pair in zip(config.inputs, self._hubs, strict=True)]
        self.pushes = [self._push(sink) for sink in config.pushes]
        self.recorder = make_recorder(config, self._hub("record"))

    def start(self) -> None:
        for each in [*self.recorders, *self.at_work]:
            each.start()

    @property
    def at_work(self) -> Sequence[Capture | Push]:
        """What has threads of its own: asked to stop together, and then waited for in this order."""
        return [*self.captures, *self.pushes]

    @property
    def recorders(self) -> Sequence[Recorder]:
        """The one there is, if any: it finishes what it has once nothing more comes."""
        return [self.recorder] if self.recorder else []

    def stop(self, within_s: float) -> None:
        """Blocks until what is at work has ended, `within_s` at most."""
        for each in [*self.at_work, *self.recorders]:
            each.ask_to_stop()
        until = self._clock.monotonic() + within_s
        for each in [*self.at_work, *self.recorders]:
            each.stop(max(0.0, until - self._clock.monotonic()))

    def can_become(self, config: CameraConfig) -> bool:
        """Whether nothing of it but the way in which it is watched would change."""
        now = self.config
        return (config.inputs, config.pushes, config.record) == (now.inputs, now.pushes, now.record)

    def become(self, config: CameraConfig) -> None:
        self.config = config
        self.stills.height = config.live.height

    @property
    def detect_stream(self) -> PacketStream:
        return self._hub("detect")

    def stream(self, view: LiveView) -> PacketStream:
        """The camera's own packets for `overlay` where a browser plays them, else one shared clean encode."""
        if view == "burned":
            return self._views["burned"]
        if view == "small":
            return self._hub("detect")
        if view == "native":
            return self._hub("live")
        return self._views["clean"] if self._unplayable() else self._hub("live")

    def outgoing(self, view: PushedView) -> Outgoing | None:
        """What there is to push; from any thread. None while the stream that it is made of is away."""
        hub = self._hub("live" if view == "overlay" else "detect")
        info = hub.info
        if info is None:
            return None
        if view == "overlay":
            return Outgoing(info, hub)
        return Outgoing(StreamInfo("h264", info.width, info.height), self._views[view])

    def got_result(self, result: FrameResult) -> None:
        self._latency.observe(result.latency_s)
        self.small_results.publish(result)
        shown = self._on_live_pts(result)
        self.native_results.publish(shown)
        self.results.publish(result if self._unplayable() else shown)  # what is encoded has the analysis' own pts

    def got_view(self, message: ViewInfo | ViewPacket) -> None:
        """Safe from any thread."""
        hub = self._views[message.view]
        if isinstance(message, ViewInfo):
            hub.stream_opened(message.info)
        else:
            hub.packet(message.packet)

    def lost_views(self) -> None:
        """Whoever made them has gone; safe from any thread."""
        for hub in self._views.values():
            hub.stream_lost()

    def got_change(self, error: str) -> None:
        """The analysis has begun anew with it; or cannot, and says why."""
        self._refusal = error
        self._health = None

    def got_health(self, health: CameraHealth) -> None:
        self._health = health
        self._decoding.read(self._clock.monotonic(), health.decoded)
        for figure, counter in self._counters.items():
            counter.set(getattr(health, figure))
        for place, lost in self._dropped().items():
            self._losses(place).set(lost)

    def status(self, analysis: AnalysisState) -> CameraStatus:
        inputs = [capture.status() for capture in self.captures]
        detect = inputs[self._index.get("detect", 0)]
        health = self._health
        return CameraStatus(
            name=self.name,
            friendly_name=self.config.camera.friendly_name or self.name,
            state=detect.state,
            inputs=inputs,
            analysis=analysis,
            fps_in=round(detect.fps_in, 1),
            fps_analysed=round(health.fps, 1) if health and analysis == "running" else 0.0,
            dropped=self._dropped(),
            latency_p50_ms=_ms(health.latency_p50_s) if health else None,
            latency_p95_ms=_ms(health.latency_p95_s) if health else None,
            live=self.config.live.view,
            sync=self.config.live.sync,
            live_reason=self._unplayable(),
            has_small_stream=self._has_small_stream,
            has_native_stream=self._has_native_stream,
            cost_ms=health.cost_ms if health else {},
            disabled_stages=health.disabled if health else {},
            last_error=detect.reason or self._refusal or (health.last_error if health else ""),
            decoder=health.decoder if health else "",
            fps_decoded=round(self._decoding.per_second(), 1) if analysis == "running" else 0.0,
            decoded=health.decoded if health else 0,
            analysed=health.analysed if health else 0,
            looked=health.looked if health else 0,
            skipped=health.skipped if health else 0,
            quiet=health.quiet if health else False,
            pushes=[push.status() for push in self.pushes],
            recording=self.recorder.status() if self.recorder else RecordingStatus(),
        )

    def _align(self) -> Alignment | None:
        """Where the picture on show is another stream than the one that is analysed."""
        if self._hub("live") is self._hub("detect"):
            return None
        alignment = Alignment()
        self._hub("live").subscribe(alignment.shown)
        self._hub("detect").subscribe(alignment.analysed)
        return alignment

    def _on_live_pts(self, result: FrameResult) -> FrameResult:
        if self._alignment is None:
            return result
        pts_90k = self._alignment.pts_90k(result.pts_90k, result.captured_at)
        return result if pts_90k is None else replace(result, pts_90k=pts_90k)

    def _hub(self, role: Role) -> Hub:
        """A role that no input has falls to the first."""
        return self._hubs[self._index.get(role, 0)]

    def _capture(self, one: InputConfig, hub: Hub) -> Capture:
        kind = registry.load("sources", one.type)
        return Capture(
            self.name,
            "+".join(one.roles),
            one.url,
            one.roles,
            lambda: kind(one.options),
            hub,
            self._clock,
            self._metrics,
            may_rest=lambda: hub.is_patient,
            hear=hub.sound if self._listens and hub is self._hub("record") else None,
            on_change=(lambda status: self._on_input(self, status)) if hub is self._hub("detect") else None,
        )

    @property
    def _listens(self) -> bool:
        return self.config.record.enabled and self.config.record.audio

    def _push(self, sink: PushConfig) -> Push:
        kind = registry.load("sinks", sink.type)
        return Push(
            self.name,
            sink.name,
            sink.view,
            lambda: kind(sink.options),
            lambda: self.outgoing(sink.view),
            self._clock,
            self._metrics,
        )

    def _view_hub(self, view: View) -> Hub:
        def ask(wanted: bool) -> Callable[[], None]:
            return lambda: self._analysis.want_view(WantView(self.name, view, wanted))

        return Hub(on_first=ask(True), on_last=ask(False))

    def _unplayable(self) -> str:
        """Why browsers cannot play the camera's own packets; empty where they can."""
        info = self._hub("live").info
        if info is None or info.plays_in_browsers:
            return ""
        if info.plays_in_some_browsers:
            return "H.265 is encoded again for browsers that do not take it"
        return "B-frames are encoded again for browsers"

    @property
    def _has_small_stream(self) -> bool:
        large, small = self._hub("live").info, self._hub("detect").info
        is_smaller = large is None or (small is not None and small.width < large.width)
        return self._alignment is not None and small is not None and is_smaller and small.plays_in_browsers

    @property
    def _has_native_stream(self) -> bool:
        info = self._hub("live").info
        return info is not None and info.plays_in_some_browsers

    def _dropped(self) -> dict[str, int]:
        dropped = {"channel": self._analysis.dropped(self.name)}
        return dropped | (self._health.dropped if self._health else {})


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
