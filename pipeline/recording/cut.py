"""A stretch of time out of files that were recorded, as one MP4; nothing is encoded again."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from pipeline.core.footage import Clip, Segment
from pipeline.recording.clip_sound import ClipSound, first_with_sound
from pipeline.recording.mp4 import TAGS, TICKS_PER_S

log = logging.getLogger(__name__)

_TICKS = Fraction(1, TICKS_PER_S)
_OPTIONS = {"movflags": "faststart", "video_track_timescale": str(TICKS_PER_S)}
_UNSURE_S = 0.1
"""Within a file the time is told by its ends: one that followed the camera's clock is off by less than this."""


@dataclass(slots=True)
class Picture:
    """One compressed picture of a file; `at` is UTC seconds."""

    packet: "av.Packet[Any]"
    at: float
    ended_at: float


def cut(segments: Sequence[Segment], root: Path, begin: float, end: float, target: Path) -> Clip | None:
    """Writes `target` from the last key frame at or before `begin` on, or from the first there is, up to `end`.

    Time in which nothing was recorded is left out; where the camera's video became another one (size, codec) the
    clip ends. Where one file has sound, another that has none, or another one, is silent. Files that have gone
    meanwhile are left out, too. None where nothing is left. Raises OSError.
    """
    with ExitStack() as opened:
        output = opened.enter_context(av.open(str(target), "w", format="mp4", options=_OPTIONS))
        heard = first_with_sound(segments, root)
        joint = _Joint(output, opened.enter_context(heard).streams.audio[0] if heard else None)
        for segment in segments:
            try:
                with av.open(str(root / segment.path)) as file:
                    if not joint.fits(file.streams.video[0]):
                        break
                    joint.add(file, segment, begin, end)
            except FileNotFoundError:
                continue
        return Clip(target, joint.started_at, joint.ended_at) if joint.has_begun else None


class _Joint:
    """Puts pictures of one file after the other, without a gap between them; sounds like `heard`."""

    def __init__(self, output: OutputContainer, heard: AudioStream | None) -> None:
        self.has_begun = False
        self.started_at = self.ended_at = 0.0
        self._output = output
        self._heard = heard
        self._stream: VideoStream | None = None
        self._sound: ClipSound | None = None
        self._extradata: bytes | None = None
        self._next = 0

    def fits(self, stream: VideoStream) -> bool:
        """Whether both have the same parameter sets."""
        if self._stream is None:
            self._stream = self._output.add_stream_from_template(stream)
            self._stream.codec_tag = TAGS["hevc" if stream.codec_context.name == "hevc" else "h264"]
            self._stream.time_base = _TICKS
            self._extradata = stream.codec_context.extradata
            self._sound = ClipSound(self._output, self._heard) if self._heard else None
        return self._extradata == stream.codec_context.extradata

    def add(self, file: InputContainer, segment: Segment, begin: float, end: float) -> None:
        packets = [packet for packet in file.demux() if packet.size]
        pictures = [*_pictures([packet for packet in packets if packet.stream.type == "video"], segment)]
        wanted = [*_until(pictures[_first(pictures, begin) :], end)]
        if not wanted:
            return
        first, last = wanted[0].packet, wanted[-1].packet
        shift = self._next - (first.dts or 0) if self.has_begun else -(first.pts or 0)
        until = (last.dts or 0) + (last.duration or 0) + shift
        shown = [self._shifted(picture.packet, shift) for picture in wanted]
        heard = self._sound.add(file, packets, shift, self._next, until) if self._sound else ()
        for packet in merge(shown, heard, key=_decoded_at):
            self._output.mux_one(packet)
        if not self.has_begun:
            self.started_at = wanted[0].at
        self.ended_at = max(picture.ended_at for picture in wanted)
        self._next = until
        self.has_begun = True

    def _shifted(self, packet: "av.Packet[Any]", shift: int) -> "av.Packet[Any]":
        packet.dts = (packet.dts or 0) + shift
        packet.pts = (packet.pts or 0) + shift
        packet.stream = self._stream
        return packet


def _decoded_at(packet: "av.Packet[Any]") -> float:
    return float((packet.dts or 0) * (packet.time_base or _TICKS))


def _pictures(packets: Sequence["av.Packet[Any]"], segment: Segment) -> Iterator[Picture]:
    """With the times between the file's first and last, which are known."""
    if not packets:
        return
    first = packets[0].pts or 0
    length = (packets[-1].dts or 0) + (packets[-1].duration or 0) - (packets[0].dts or 0)
    s_per_tick = (segment.ended_at - segment.started_at) / length if length else 0.0
    for packet in packets:
        at = segment.started_at + ((packet.pts or 0) - first) * s_per_tick
        yield Picture(packet, at, at + (packet.duration or 0) * s_per_tick)


def _first(pictures: Sequence[Picture], begin: float) -> int:
    """The last key frame that is surely no later than `begin`, or the first there is."""
    keys = [place for place, picture in enumerate(pictures) if picture.packet.is_keyframe]
    early = (place for place in keys if pictures[place].at <= begin - _UNSURE_S)
    return max(early, default=keys[0] if keys else len(pictures))


def _until(pictures: Sequence[Picture], end: float) -> Iterator[Picture]:
    """In decoding order; what is shown earlier than what was taken already belongs to it."""
    newest = float("-inf")
    for picture in pictures:
        packet = picture.packet
        if picture.at >= max(end, newest) and (packet.is_keyframe or packet.pts == packet.dts):
            return
        newest = max(newest, picture.at)
        yield picture
