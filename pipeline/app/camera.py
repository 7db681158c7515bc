"""One camera of the running system: its captures, hubs, views and figures."""

from collections.abc import Callable
from functools import cache, partial
from typing import Protocol

from msgspec.structs import replace

from pipeline import registry
from pipeline.app.alignment import Alignment
from pipeline.app.stills import Stills
from pipeline.config import CameraConfig, InputConfig, Role
from pipeline.core.broadcast import Broadcast
from pipeline.core.clock import Clock
from pipeline.core.contracts import PacketStream
from pipeline.core.messages import CameraHealth, FrameResult, View, ViewInfo, ViewPacket, WantStill, WantView
from pipeline.core.metrics import Metrics
from pipeline.core.rate import Growth
from pipeline.core.status import AnalysisState, CameraStatus, InputStatus, LiveView
from pipeline.media import Capture, Hub

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

    def start(self) -> None:
        for capture in self.captures:
            capture.start()

    def stop(self, within_s: float) -> None:
        """Blocks until the captures have ended, `within_s` at most."""
        for capture in self.captures:
            capture.ask_to_stop()
        until = self._clock.monotonic() + within_s
        for capture in self.captures:
            capture.stop(max(0.0, until - self._clock.monotonic()))

    def become(self, config: CameraConfig) -> None:
        """The same inputs, watched otherwise."""
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
            on_change=(lambda status: self._on_input(self, status)) if hub is self._hub("detect") else None,
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
