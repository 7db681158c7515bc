"""H.264 and H.265 as the camera sent it, in the one form that everything behind expects."""

import io
from fractions import Fraction
from struct import Struct
from typing import Any, cast

import av
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.video.stream import VideoStream

from pipeline.core.clock import Clock
from pipeline.core.packet import Codec, Packet, StreamInfo
from sources.parameter_sets import ParameterSets
from sources.stream_facts import audio_codec, nominal_fps, to_90k
from sources.timestamps import Timestamps

CODECS: tuple[Codec, ...] = ("h264", "hevc")


class PassThrough:
    """Rewrites length-prefixed units as Annex B and completes key frames; decodes nothing."""

    def __init__(self, container: InputContainer, stream: VideoStream, clock: Clock, *, begin_90k: int) -> None:
        codec = cast(Codec, stream.codec_context.name)
        fps = nominal_fps(stream)
        reorder_frames = stream.codec_context.reorder_depth
        self._stream = stream
        self._clock = clock
        self._time_base: Fraction | None = None
        """Of what the filter hands out; asked for once, because FFmpeg's is made into a new Fraction every time."""
        self._filter, extradata = _annexb_filter(stream, codec)
        self._parameter_sets = ParameterSets(codec, extradata)
        self._times = Timestamps(round(90_000 / (fps or 25)), reorder_frames=reorder_frames, begin_90k=begin_90k)
        self.info = StreamInfo(
            codec=codec,
            width=stream.codec_context.width,
            height=stream.codec_context.height,
            fps=fps,
            extradata=extradata,
            has_b_frames=reorder_frames > 0,
            audio=audio_codec(container),
        )

    @property
    def next_90k(self) -> int:
        return self._times.next_90k

    @property
    def shift_90k(self) -> int | None:
        return self._times.shift_90k

    def convert(self, packet: "av.Packet[Any]") -> list[Packet]:
        if packet.stream_index != self._stream.index or not packet.size:
            return []
        captured_at, camera_time = self._clock.time(), _camera_time(packet)
        return [self._packet(filtered, captured_at, camera_time) for filtered in self._filter.filter(packet)]

    def _packet(self, filtered: "av.Packet[Any]", captured_at: float, camera_time: float | None) -> Packet:
        data = bytes(filtered)
        keyframe = bool(filtered.is_keyframe)
        self._time_base = self._time_base or filtered.time_base
        pts_90k, dts_90k = self._times.place(
            to_90k(filtered.pts, self._time_base), to_90k(filtered.dts, self._time_base)
        )
        complete = self._parameter_sets.complete(data) if keyframe else data
        return Packet(complete, pts_90k, dts_90k, keyframe, captured_at, camera_time)


def _camera_time(packet: "av.Packet[Any]") -> float | None:
    """UTC seconds on the camera's clock (FFmpeg's AVProducerReferenceTime: microseconds, then flags)."""
    if not packet.has_sidedata("prft"):
        return None
    (microseconds,) = _MICROSECONDS.unpack_from(bytes(packet.get_sidedata("prft")))
    return float(microseconds / 1e6)


_MICROSECONDS = Struct("=q")


def _annexb_filter(stream: VideoStream, codec: Codec) -> tuple[BitStreamFilterContext, bytes]:
    """The filter, and the stream's parameter sets as it writes them."""
    # Only a muxer's stream receives what the filter makes of the parameter sets; nothing is ever muxed here.
    with av.open(io.BytesIO(), "w", format="null") as nowhere:
        receiver = nowhere.add_stream_from_template(stream)
        bitstream_filter = BitStreamFilterContext(f"{codec}_mp4toannexb", stream, receiver)
        return bitstream_filter, bytes(receiver.codec_context.extradata or b"")
