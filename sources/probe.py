"""What a camera really sends, and what Framewatch can do with it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import av
import msgspec
from av.video.codeccontext import VideoCodecContext

from pipeline.core.clock import Clock, SystemClock
from pipeline.core.contracts import Source
from pipeline.core.packet import Packet, StreamInfo

_NAMES = {"h264": "H.264", "hevc": "H.265"}


class ProbeReport(msgspec.Struct, frozen=True):
    """Measured over the first seconds of a stream; None where they were too short to say."""

    info: StreamInfo
    fps_measured: float | None
    gop_frames: float | None
    gop_s: float | None
    has_b_frames: bool
    first_picture_s: float | None
    """From the beginning of `open` to the first picture that a decoder gives."""
    bitrate_kbps: float | None
    watched_s: float
    live_passthrough: bool
    live_reason: str

    def rows(self) -> list[tuple[str, str]]:
        """(what, finding) as a person wants to read them."""
        return [
            ("codec", _codec(self.info)),
            ("size", f"{self.info.width}x{self.info.height}"),
            ("rate", f"{_number(self.info.fps)} nominal, {_number(self.fps_measured)} measured, frames a second"),
            ("key frames", self._key_frames()),
            ("B-frames", "yes" if self.has_b_frames else "no"),
            ("first picture", _or_unknown(self.first_picture_s, "after {:.2f} s")),
            ("bitrate", _or_unknown(self.bitrate_kbps, "{:.0f} kbit/s")),
            ("audio", _sound(self.info.audio)),
            ("live pass-through", f"{'yes' if self.live_passthrough else 'no'}: {self.live_reason}"),
        ]

    def _key_frames(self) -> str:
        if self.gop_s is None or self.gop_frames is None:
            return f"fewer than two in {self.watched_s:.1f} s"
        return f"every {self.gop_frames:g} frames ({self.gop_s:.2f} s)"


def probe(
    source: Source,
    *,
    seconds: float = 5.0,
    clock: Clock | None = None,
    on_picture: Callable[[av.VideoFrame], None] = lambda _: None,
) -> ProbeReport:
    """Opens the source, watches it for so many seconds, and closes it; raises SourceError.

    `on_picture` gets the first picture that a decoder gives.
    """
    clock = clock or SystemClock()
    began_s = clock.monotonic()
    try:
        info = source.open()
        first_picture_s: float | None = None
        decoder = _decoder(info)
        seen: list[Packet] = []
        for packet in _for_seconds(source, seconds, clock):
            seen.append(packet)
            if first_picture_s is None and (picture := _picture(decoder, packet)):
                first_picture_s = clock.monotonic() - began_s
                on_picture(picture)
    finally:
        source.close()
    return _report(info, seen, first_picture_s)


def _for_seconds(source: Source, seconds: float, clock: Clock) -> Iterator[Packet]:
    """Packets until so much was seen of the stream, or so much time has passed."""
    until_s = clock.monotonic() + seconds
    begin_90k: int | None = None
    for packet in source.packets():
        begin_90k = packet.dts_90k if begin_90k is None else begin_90k
        yield packet
        if packet.dts_90k - begin_90k >= seconds * 90_000 or clock.monotonic() >= until_s:
            return


def _decoder(info: StreamInfo) -> VideoCodecContext:
    decoder = av.CodecContext.create(info.codec, "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    return decoder


def _picture(decoder: VideoCodecContext, packet: Packet) -> av.VideoFrame | None:
    try:
        return next(iter(decoder.decode(av.Packet(packet.data))), None)
    except av.error.InvalidDataError:
        # Before the first key frame nothing can be decoded.
        return None


def _report(info: StreamInfo, seen: Sequence[Packet], first_picture_s: float | None) -> ProbeReport:
    watched_s = _span_s(seen)
    # What a camera had stored up comes at once when it is opened, with times that may say so.
    settled = seen[len(seen) // 2 :]
    keys = [index for index, packet in enumerate(seen) if packet.keyframe]
    rounds = len(keys) - 1
    has_b_frames = info.has_b_frames or any(after.pts_90k < before.pts_90k for before, after in pairwise(seen))
    live, reason = live_passthrough(info, has_b_frames=has_b_frames)
    return ProbeReport(
        info=info,
        fps_measured=(len(settled) - 1) / _span_s(settled) if _span_s(settled) else None,
        gop_frames=(keys[-1] - keys[0]) / rounds if rounds > 0 else None,
        gop_s=_span_s(seen[keys[0] : keys[-1] + 1]) / rounds if rounds > 0 else None,
        has_b_frames=has_b_frames,
        first_picture_s=first_picture_s,
        bitrate_kbps=sum(len(packet.data) for packet in seen[:-1]) * 8 / 1000 / watched_s if watched_s else None,
        watched_s=watched_s,
        live_passthrough=live,
        live_reason=reason,
    )


def _span_s(packets: Sequence[Packet]) -> float:
    return (packets[-1].dts_90k - packets[0].dts_90k) / 90_000 if packets else 0.0


def live_passthrough(info: StreamInfo, *, has_b_frames: bool) -> tuple[bool, str]:
    """Whether browsers get these packets as they are, and why."""
    if info.codec != "h264":
        return False, f"few browsers play {_NAMES[info.codec]} over WebRTC, so all others share one encode"
    if has_b_frames:
        return False, "browsers cannot play B-frames over WebRTC, so one encode is shared by all viewers"
    return True, "H.264 without B-frames goes to browsers as it is"


def _codec(info: StreamInfo) -> str:
    name = _NAMES[info.codec]
    return f"{info.encoded_from}, encoded once to {name}" if info.encoded_from else name


def _sound(codec: str | None) -> str:
    if codec in (None, "aac"):
        return codec or "none"
    return f"{codec}, encoded once to AAC where it is recorded"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}"


def _or_unknown(value: float | None, form: str) -> str:
    return "unknown" if value is None else form.format(value)
