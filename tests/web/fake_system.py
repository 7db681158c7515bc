"""A running system over in-memory data: keeps the contract, needs no camera."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import av
import msgspec
import numpy as np

from pipeline.core.broadcast import Broadcast
from pipeline.core.camera import Camera
from pipeline.core.contracts import PacketStream
from pipeline.core.errors import UnavailableError
from pipeline.core.event import Event
from pipeline.core.footage import Clip, Span
from pipeline.core.line_count import LineCount
from pipeline.core.messages import FrameResult
from pipeline.core.status import CameraStatus, InputStatus, LiveView, ModelStatus
from pipeline.media.hub import Hub
from pipeline.store.store import EventStore


def online(name: str, friendly_name: str = "") -> CameraStatus:
    """A camera that does well."""
    source = InputStatus(
        f"rtsp://10.0.0.5/{name}", ["detect", "live"], "online", codec="h264", width=1280, height=720, fps_in=25.0
    )
    return CameraStatus(
        name=name,
        friendly_name=friendly_name or name.title(),
        state="online",
        inputs=[source],
        analysis="running",
        fps_in=25.0,
        fps_analysed=5.0,
        dropped={"packets": 0, "frames": 3},
        latency_p50_ms=84.0,
        latency_p95_ms=161.0,
        live="overlay",
    )


def offline(name: str, reason: str, *, retry_in_s: float = 8.0) -> CameraStatus:
    """A camera that cannot be reached, and why."""
    source = InputStatus(f"rtsp://10.0.0.9/{name}", ["detect", "live"], "offline", reason=reason, retry_in_s=retry_in_s)
    status = msgspec.structs.replace(online(name), state="offline", inputs=[source], fps_in=0.0, fps_analysed=0.0)
    return msgspec.structs.replace(status, latency_p50_ms=None, latency_p95_ms=None)


def jpeg(shade: int = 96, width: int = 320, height: int = 180) -> bytes:
    """A small picture of one grey; different shades are different pictures."""
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    picture = av.VideoFrame.from_ndarray(np.full((height, width, 3), shade, np.uint8), format="rgb24")
    packets = [*encoder.encode(picture.reformat(format="yuvj420p")), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


class FakeSystem:
    """`picture` is what every online camera shows; `show` replaces it, and moves all that watch.

    The `hubs` are silent until a test plays something into them.
    """

    def __init__(self, statuses: Sequence[CameraStatus], store: EventStore) -> None:
        self.events: Broadcast[Event] = Broadcast()
        self.gone: Broadcast[str] = Broadcast()
        self.edits: Broadcast[None] = Broadcast()
        self.statuses = {status.name: status for status in statuses}
        self.reasons: list[str] = []
        self.line_counts = dict.fromkeys(self.statuses, LineCount({"person": {"in": 0, "out": 0}}))
        self.hubs = {name: Hub() for name in self.statuses}
        self.small_hubs = {name: Hub() for name in self.statuses}
        self.picture = jpeg()
        self.watchers = 0
        self._store = store
        self._shown: Broadcast[bytes] = Broadcast()
        self._results: dict[str, Broadcast[FrameResult]] = {name: Broadcast() for name in self.statuses}

    async def happens(self, event: Event) -> int:
        """Stores the event, tells everybody, and returns the number of the change."""
        seq = await asyncio.wrap_future(self._store.save(event))
        self.events.publish(event)
        return seq

    def show(self, picture: bytes) -> None:
        self.picture = picture
        self._shown.publish(picture)

    def cameras(self) -> list[CameraStatus]:
        return list(self.statuses.values())

    def camera(self, name: str) -> CameraStatus:
        return self.statuses[name]

    def models(self) -> list[ModelStatus]:
        return [ModelStatus("general", "yolov8n openvino CPU int8 640x384"), ModelStatus("colour")]

    def plan(self, name: str) -> Camera:
        status = self.statuses[name]
        zone = {"coordinates": [(0.1, 0.5), (0.6, 0.5), (0.6, 1.0), (0.1, 1.0)]}
        line = {"from": (0.2, 0.6), "to": (0.8, 0.6)}
        return Camera.model_validate(
            {"name": name, "friendly_name": status.friendly_name, "zones": {"entrance": zone}, "lines": {"door": line}}
        )

    def lines(self, name: str) -> Mapping[str, LineCount]:
        return {each: self.line_counts[name] for each in self.plan(name).lines}

    def stream(self, name: str, view: LiveView) -> PacketStream:
        return (self.small_hubs if view == "small" else self.hubs)[name]

    def results(self, name: str, view: LiveView = "overlay") -> Broadcast[FrameResult]:
        return self._results[name]

    async def still(self, name: str, *, annotated: bool = False, height: int | None = None) -> bytes:
        if self.camera(name).state != "online":
            raise UnavailableError(f"{name} is offline: no picture", retry_after_s=8.0)
        return self.picture

    async def stills(self, name: str, *, annotated: bool = False) -> AsyncIterator[bytes]:
        yield await self.still(name, annotated=annotated)
        pictures: asyncio.Queue[bytes] = asyncio.Queue(64)
        unsubscribe = self._shown.subscribe(pictures.put_nowait)
        self.watchers += 1
        try:
            while True:
                yield await pictures.get()
        finally:
            self.watchers -= 1
            unsubscribe()

    def not_ready(self) -> list[str]:
        return self.reasons


class NothingRecorded:
    """Recordings of a system that keeps none."""

    async def spans(self, camera: str | None, after: float, before: float) -> Sequence[Span]:
        return ()

    async def clip(self, camera: str, after: float, before: float) -> Clip | None:
        return None

    async def clip_of(self, event: Event) -> Clip | None:
        return None

    async def burned_clip_of(self, event: Event) -> Clip | None:
        return None
