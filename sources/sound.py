"""The sound that comes with a video, in the one form that everything behind expects."""

from typing import Any

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from pipeline.core.packet import SoundPacket
from sources import aac
from sources.skew import Skew
from sources.stream_facts import audio_stream, to_90k

_FAULTS = (FFmpegError, ValueError)
"""What strange sound makes of FFmpeg and PyAV: it must not cost the pictures."""
_MOST_HELD = 512
"""What may come before the first picture."""


class Sound:
    """AAC stays as it is, anything else is encoded once; what cannot be decoded is left out.

    Used by one thread. Raises FFmpegError or ValueError where it cannot be had at all.
    """

    def __init__(self, stream: AudioStream, skew: Skew | None = None) -> None:
        self.stream_index = stream.index
        self._skew = skew
        self._encoding: _Encoding | None = None
        copied = aac.copied(stream)
        if copied:
            self.info = copied
        else:
            self._encoding = _Encoding(stream)
            self.info = self._encoding.info
        self._held: list[SoundPacket] = []

    def see(self, picture: "av.Packet[Any]") -> None:
        """What comes beside it, before it is converted."""
        if self._skew:
            self._skew.picture(picture)

    def convert(self, packet: "av.Packet[Any]", shift_90k: int | None) -> list[SoundPacket]:
        """Nothing before it is known what their times are beside the pictures' (`shift_90k`)."""
        if packet.size:
            if self._skew:
                self._skew.sound(packet)
            self._held += self._encoding.convert(packet) if self._encoding else _copied(packet)
        if shift_90k is None:
            del self._held[:-_MOST_HELD]
            return []
        ready, self._held = self._held, []
        shift_90k += self._skew.shift_90k if self._skew else 0
        return [SoundPacket(each.data, each.pts_90k + shift_90k) for each in ready]


def sound_of(container: InputContainer, skew: Skew | None = None) -> Sound | None:
    """None where there is none that can be had."""
    stream = audio_stream(container)
    try:
        return Sound(stream, skew) if stream else None
    except _FAULTS:
        return None


def _copied(packet: "av.Packet[Any]") -> list[SoundPacket]:
    pts_90k = to_90k(packet.pts, packet.time_base)
    return [] if pts_90k is None else [SoundPacket(aac.bare(bytes(packet)), pts_90k)]


class _Encoding:
    """Decodes and encodes; a stream that becomes another one on the way is encoded to the same."""

    def __init__(self, stream: AudioStream) -> None:
        self._stream = stream
        self._asked = stream.codec_context.sample_rate, stream.codec_context.channels
        self._encoder, self.info = aac.encoder(*self._asked)
        self._form: tuple[str, str, int] | None = None

    def convert(self, packet: "av.Packet[Any]") -> list[SoundPacket]:
        try:
            return [made for frame in self._stream.codec_context.decode(packet) for made in self._encode(frame)]
        except _FAULTS:
            return []

    def _encode(self, frame: AudioFrame) -> list[SoundPacket]:
        if frame.pts is None:
            return []
        encoder = self._encoder_of(frame)
        made = ((bytes(each), to_90k(each.pts, encoder.time_base)) for each in encoder.encode(frame))
        return [SoundPacket(data, pts_90k) for data, pts_90k in made if pts_90k is not None]

    def _encoder_of(self, frame: AudioFrame) -> AudioCodecContext:
        form = frame.format.name, frame.layout.name, frame.sample_rate
        if self._form not in (None, form):
            self._encoder, _ = aac.encoder(*self._asked)
        self._form = form
        return self._encoder
