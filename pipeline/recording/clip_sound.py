"""The sound of a clip: that of its files, in step with their pictures."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from pipeline.core.footage import Segment
from pipeline.core.packet import SOUND_SAMPLES, SoundInfo
from pipeline.recording.mp4 import TICKS_PER_S, has_sound
from pipeline.recording.sound import SoundTrack, Unit


class ClipSound:
    """Sound like that of `like`; a file with another one, or without any, is silent."""

    def __init__(self, output: OutputContainer, like: AudioStream) -> None:
        self._info = _info(like)
        self._track = SoundTrack(self._info)
        self._stream = output.add_stream_from_template(like)
        self._ticks = Fraction(1, self._info.rate)

    def add(
        self, file: InputContainer, packets: Sequence["av.Packet[Any]"], shift: int, begin: int, end: int
    ) -> Iterator["av.Packet[Any]"]:
        """What is heard from `begin` to `end` of the clip, of a file whose times lie `shift` from it (1/90000 s)."""
        same = [stream.index for stream in file.streams.audio if _info(stream) == self._info]
        units = [self._unit(packet, shift) for packet in packets if packet.stream_index in same]
        heard = (unit for unit in units if self._at(begin) <= unit.at < self._at(end))
        for unit in self._track.lay(heard, self._at(end)):
            packet = av.Packet(unit.data)
            packet.time_base, packet.stream = self._ticks, self._stream
            packet.pts = packet.dts = unit.at
            packet.duration = SOUND_SAMPLES
            yield packet

    def _unit(self, packet: "av.Packet[Any]", shift: int) -> Unit:
        at = (packet.pts or 0) * (packet.time_base or self._ticks) + Fraction(shift, TICKS_PER_S)
        return Unit(bytes(packet), round(at * self._info.rate))

    def _at(self, ticks: int) -> int:
        return round(ticks * self._info.rate / TICKS_PER_S)


def first_with_sound(segments: Sequence[Segment], root: Path) -> InputContainer | None:
    """The file, open; None where none has any. Raises FFmpegError."""
    for segment in segments:
        path = root / segment.path
        try:
            if has_sound(path):
                return av.open(str(path))
        except FileNotFoundError:  # gone since
            continue
    return None


def _info(stream: AudioStream) -> SoundInfo:
    """The clock of a file's sound counts its samples."""
    context, time_base = stream.codec_context, stream.time_base
    assert time_base
    return SoundInfo(bytes(context.extradata or b""), time_base.denominator, context.channels)
