"""A running system of one camera: a real hub, a clip that plays like a camera, and a stub that sees its mark."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Literal

import av
import numpy as np

from pipeline.core.broadcast import Broadcast
from pipeline.core.camera import Camera
from pipeline.core.channels import Closed, Mailbox
from pipeline.core.context import Mark
from pipeline.core.contracts import PacketStream
from pipeline.core.event import Event
from pipeline.core.line_count import LineCount
from pipeline.core.messages import FrameResult
from pipeline.core.objects import Box, TrackedObject
from pipeline.core.packet import Codec, Packet, StreamInfo
from pipeline.core.status import CameraStatus, InputState, InputStatus, LiveView, ModelStatus
from pipeline.media.hub import Hub

TICKS_PER_S = 90_000


class LiveSystem:
    """Satisfies RunningSystem; `hubs` and `state` are the test's to change."""

    def __init__(self, name: str = "lane") -> None:
        self.name = name
        self.state: InputState = "online"
        self.reason = ""
        self.sub_stream: InputState | None = None
        """The state of a second input, which is the one that is analysed then."""
        self.live_reason = ""
        self.live: Literal["overlay", "burned"] = "overlay"
        self.has_small_stream = self.has_native_stream = False
        self.hubs = {"overlay": Hub(), "native": Hub(), "small": Hub(), "burned": Hub()}
        self.events: Broadcast[Event] = Broadcast()
        self.gone: Broadcast[str] = Broadcast()
        self.edits: Broadcast[None] = Broadcast()
        self._results: Broadcast[FrameResult] = Broadcast()

    def cameras(self) -> list[CameraStatus]:
        return [self.camera(self.name)]

    def models(self) -> list[ModelStatus]:
        return []

    def camera(self, name: str) -> CameraStatus:
        self._check(name)
        inputs = [InputStatus(url="clip", roles=["detect", "live"], state=self.state, reason=self.reason)]
        if self.sub_stream:
            inputs = [
                InputStatus(url="clip", roles=["record", "live"], state=self.state, reason=self.reason),
                InputStatus(url="sub", roles=["detect"], state=self.sub_stream, reason="timed out"),
            ]
        return CameraStatus(
            name=name,
            friendly_name="",
            state=inputs[-1].state,
            inputs=inputs,
            analysis="running",
            fps_in=25.0,
            fps_analysed=25.0,
            dropped={},
            latency_p50_ms=None,
            latency_p95_ms=None,
            live=self.live,
            live_reason=self.live_reason,
            has_small_stream=self.has_small_stream,
            has_native_stream=self.has_native_stream,
        )

    def plan(self, name: str) -> Camera:
        self._check(name)
        return Camera(name=name)

    def lines(self, name: str) -> Mapping[str, LineCount]:
        self._check(name)
        return {}

    def stream(self, name: str, view: LiveView) -> PacketStream:
        self._check(name)
        return self.hubs[view]

    def results(self, name: str, view: LiveView = "overlay") -> Broadcast[FrameResult]:
        self._check(name)
        return self._results

    async def still(self, name: str, *, annotated: bool = False, height: int | None = None) -> bytes:
        raise NotImplementedError

    def stills(self, name: str, *, annotated: bool = False) -> AsyncIterator[bytes]:
        raise NotImplementedError

    def not_ready(self) -> list[str]:
        return []

    def _check(self, name: str) -> None:
        if name != self.name:
            raise KeyError(name)


class Clip:
    """A short clip in MPEG-TS, H.264 or H.265: Annex B, parameter sets in band."""

    def __init__(self, path: Path) -> None:
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            codec: Codec = "hevc" if video.codec_context.name == "hevc" else "h264"
            self.info = StreamInfo(codec, video.width, video.height, fps=float(video.average_rate or 25))
            self.packets = [
                Packet(bytes(packet), packet.pts, packet.pts, packet.is_keyframe, 0.0)
                for packet in container.demux(video)
                if packet.pts is not None
            ]
        self.first_pts_90k = self.packets[0].pts_90k
        self.frame_ticks = self.packets[1].pts_90k - self.first_pts_90k
        self.length_ticks = len(self.packets) * self.frame_ticks

    def endless(self) -> Iterator[Packet]:
        """The clip again and again, its pts going on."""
        shift = 0
        while True:
            for packet in self.packets:
                pts = packet.pts_90k + shift
                yield Packet(packet.data, pts, pts, packet.keyframe, 0.0)
            shift += self.length_ticks


class Player:
    """Plays a clip into a hub, in a thread and in real time, like a camera would."""

    def __init__(self, clip: Clip, *hubs: Hub) -> None:
        self.clip = clip
        self.newest_pts_90k = 0
        self._hubs = hubs
        self._stopped = Flag()
        self._thread = Thread(target=self._play, daemon=True)

    def __enter__(self) -> "Player":
        for hub in self._hubs:
            hub.stream_opened(self.clip.info)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        self._thread.join(5)

    def _play(self) -> None:
        began = time.monotonic()
        for packet in self.clip.endless():
            due = began + (packet.pts_90k - self.clip.first_pts_90k) / TICKS_PER_S
            if self._stopped.wait(max(0.0, due - time.monotonic())):
                return
            self.newest_pts_90k = packet.pts_90k
            for hub in self._hubs:
                hub.packet(Packet(packet.data, packet.pts_90k, packet.dts_90k, packet.keyframe, time.time()))


class MarkFinder:
    """Decodes a camera and finds the magenta mark in every `every`-th frame, telling so `delay_s` later."""

    def __init__(
        self, stream: PacketStream, tell: Callable[[FrameResult], None], *, every: int = 1, delay_s: float = 0.12
    ) -> None:
        self._tell = tell
        self._every = every
        self._delay_s = delay_s
        self._loop = asyncio.get_running_loop()
        self._packets: Mailbox[Packet] = Mailbox(250)
        self._decoder = av.CodecContext.create("h264", "r")
        self._seen: list[tuple[int, Box]] = []
        self._thread = Thread(target=self._find_all, daemon=True)
        self._unsubscribe = stream.subscribe(self, replay=True)
        self._thread.start()

    def stream_opened(self, info: StreamInfo) -> None: ...

    def stream_lost(self) -> None: ...

    def packet(self, packet: Packet) -> None:
        with suppress(Closed):
            self._packets.put(packet)

    def close(self) -> None:
        self._unsubscribe()
        self._packets.close()
        self._thread.join(5)

    def _find_all(self) -> None:
        seq = 0
        with suppress(Closed):
            while True:
                packet = self._packets.get()
                for picture in self._decoder.decode(av.Packet(packet.data)):
                    seq += 1
                    if seq % self._every == 0:
                        result = self._result(seq, packet, _mark_in(picture))
                        self._loop.call_soon_threadsafe(self._loop.call_later, self._delay_s, self._tell, result)

    def _result(self, seq: int, packet: Packet, box: Box) -> FrameResult:
        self._seen = [*self._seen[-4:], (packet.pts_90k, box)]
        found = TrackedObject("mark-1", "mark", 0.9, box, packet.captured_at, velocity=self._velocity())
        frame = Mark("polygon", [(0.05, 0.05), (0.95, 0.05), (0.95, 0.95), (0.05, 0.95)], "zone", (255, 200, 0))
        return FrameResult(
            "lane", seq, packet.pts_90k, packet.captured_at, time.time() - packet.captured_at, [found], [frame]
        )

    def _velocity(self) -> Box:
        (first_pts, first), (last_pts, last) = self._seen[0], self._seen[-1]
        seconds = max(last_pts - first_pts, 1) / TICKS_PER_S
        left, top, right, bottom = ((now - before) / seconds for before, now in zip(first, last, strict=True))
        return left, top, right, bottom


def _mark_in(picture: av.VideoFrame) -> Box:
    """Where the colour planes (half size) are magenta."""
    planes = picture.to_ndarray(format="yuv420p")
    height, width = picture.height, picture.width
    blue, red = planes[height:].reshape(2, height // 2, width // 2)
    rows, columns = np.nonzero((blue > 160) & (red > 180))
    left, right = columns.min() * 2 / width, (columns.max() + 1) * 2 / width
    top, bottom = rows.min() * 2 / height, (rows.max() + 1) * 2 / height
    return float(left), float(top), float(right), float(bottom)
