"""Streams in a codec that nothing behind understands: decoded, and encoded once to H.264."""

from typing import Any

import av
import msgspec
from av.container import InputContainer
from av.video.stream import VideoStream

from pipeline.core.clock import Clock
from pipeline.core.encoder import Encoder
from pipeline.core.packet import Packet
from sources.stream_facts import audio_codec, nominal_fps, to_90k
from sources.timestamps import Timestamps

_WITHOUT_TIMES = frozenset({"mpjpeg", "mjpeg"})
"""Formats that are pictures one after the other: FFmpeg invents 25 a second, the time of reading is true."""


class Transcode:
    """Decodes with one thread; a picture that cannot be decoded is left out."""

    def __init__(self, container: InputContainer, stream: VideoStream, clock: Clock, *, begin_90k: int) -> None:
        self._stream = stream
        self._clock = clock
        self._timeless = container.format.name in _WITHOUT_TIMES
        self._opened_at = clock.monotonic()
        stream.codec_context.thread_count = 1
        fps = None if self._timeless else nominal_fps(stream)
        self._times = Timestamps(round(90_000 / (fps or 25)), begin_90k=begin_90k)
        self._encoder = Encoder(stream.codec_context.width, stream.codec_context.height, fps)
        self.info = msgspec.structs.replace(
            self._encoder.info, audio=audio_codec(container), encoded_from=stream.codec_context.name
        )

    @property
    def next_90k(self) -> int:
        return self._times.next_90k

    @property
    def shift_90k(self) -> int | None:
        return None if self._timeless else self._times.shift_90k

    def convert(self, packet: "av.Packet[Any]") -> list[Packet]:
        if packet.stream_index != self._stream.index:
            return []
        captured_at = self._clock.time()
        return [made for picture in self._decode(packet) for made in self._encode(picture, captured_at)]

    def _decode(self, packet: "av.Packet[Any]") -> list[av.VideoFrame]:
        try:
            return [picture for picture in self._stream.codec_context.decode(packet)]
        except av.error.InvalidDataError:
            return []

    def _encode(self, picture: av.VideoFrame, captured_at: float) -> list[Packet]:
        pts_90k, _ = self._times.place(self._pts_90k(picture), None)
        return self._encoder.encode(picture, pts_90k, captured_at)

    def _pts_90k(self, picture: av.VideoFrame) -> int | None:
        if self._timeless:
            return round((self._clock.monotonic() - self._opened_at) * 90_000)
        return to_90k(picture.pts, picture.time_base)
