"""Fragmented MP4, one fragment for each group of pictures, so that what is written is whole (ISO/IEC 14496-12, 8.8)."""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av

from pipeline.core import annexb
from pipeline.core.packet import SOUND_SAMPLES, Codec, Packet, SoundInfo
from pipeline.recording.boxes import HEAD, box, full_box, inside
from pipeline.recording.sound import Unit
from pipeline.recording.sound_header import with_sound

TICKS_PER_S = 90_000
_TRACK, _SOUND_TRACK = 1, 2
_KEY_FRAME = 0x02000000
"""Sample flags: depends on no other."""
_DEPENDENT = 0x01010000
"""Sample flags: depends on others, and nothing can begin with it."""
_BASE_IS_MOOF = 0x020000
_OFFSET_DURATION_SIZE_FLAGS_SHIFT = 0x000F01
_DEFAULT_DURATION_AND_FLAGS = 0x000028
_OFFSET_SIZE = 0x000201
_MOST_HEADER_BYTES = 8192
TAGS: dict[Codec, str] = {"h264": "avc1", "hevc": "hvc1"}
"""Parameter sets stand in the header alone: what Safari plays of H.265."""


def header(codec: Codec, key_frame: bytes, sound: SoundInfo | None = None) -> bytes:
    """`ftyp` and `moov` of the video that begins with this access unit, on a clock of 1/90000 s; with its sound."""
    written = io.BytesIO()
    options = {"movflags": "empty_moov+default_base_moof+frag_custom", "video_track_timescale": str(TICKS_PER_S)}
    with (
        av.open(io.BytesIO(key_frame), format=codec) as read,
        av.open(written, "w", format="mp4", options=options) as container,
    ):
        stream = container.add_stream_from_template(read.streams.video[0])
        stream.codec_tag = TAGS[codec]
        container.start_encoding()
        head = written.getvalue()
    return with_sound(head, sound, _SOUND_TRACK) if sound else head


def fragment(
    codec: Codec,
    sequence: int,
    begin_90k: int,
    packets: Sequence[Packet],
    end_90k: int,
    sound: Sequence[Unit] = (),
) -> bytes:
    """`moof` and `mdat` of pictures in decoding order; `begin_90k` is the dts of the file's first, `end_90k` the next.

    The last picture lasts until `end_90k`. Units of sound follow one another without a gap.
    """
    samples = [annexb.length_prefixed(packet.data, codec) for packet in packets]
    ends = [*(packet.dts_90k for packet in packets[1:]), end_90k]
    entries = b"".join(
        struct.pack(
            ">IIIi",
            end - packet.dts_90k,
            len(sample),
            _KEY_FRAME if packet.keyframe else _DEPENDENT,
            packet.pts_90k - packet.dts_90k,
        )
        for packet, sample, end in zip(packets, samples, ends, strict=True)
    )
    pictures = _Run(
        box(b"tfhd", struct.pack(">II", _BASE_IS_MOOF, _TRACK)) + _begins(packets[0].dts_90k - begin_90k),
        struct.pack(">II", 1 << 24 | _OFFSET_DURATION_SIZE_FLAGS_SHIFT, len(packets)),
        entries,
        b"".join(samples),
    )
    return _fragment(sequence, [pictures, _heard(sound)] if sound else [pictures])


def _heard(units: Sequence[Unit]) -> "_Run":
    flags = _BASE_IS_MOOF | _DEFAULT_DURATION_AND_FLAGS
    return _Run(
        box(b"tfhd", struct.pack(">IIII", flags, _SOUND_TRACK, SOUND_SAMPLES, _KEY_FRAME)) + _begins(units[0].at),
        struct.pack(">II", _OFFSET_SIZE, len(units)),
        b"".join(struct.pack(">I", len(unit.data)) for unit in units),
        b"".join(unit.data for unit in units),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """Of one track: what stands in `traf` before `trun`, what in that before and behind the place of its data."""

    track: bytes
    before: bytes
    behind: bytes
    data: bytes

    @property
    def moof_bytes(self) -> int:
        return HEAD.size + len(self.track) + HEAD.size + len(self.before) + 4 + len(self.behind)

    def traf(self, data_at: int) -> bytes:
        return box(b"traf", self.track + box(b"trun", self.before + struct.pack(">I", data_at) + self.behind))


def _fragment(sequence: int, runs: Sequence[_Run]) -> bytes:
    head = full_box(b"mfhd", 0, struct.pack(">I", sequence))
    moof_bytes = HEAD.size + len(head) + sum(run.moof_bytes for run in runs)
    before = [sum(len(each.data) for each in runs[:place]) for place in range(len(runs))]
    tracks = [run.traf(moof_bytes + HEAD.size + at) for run, at in zip(runs, before, strict=True)]
    moof = box(b"moof", head + b"".join(tracks))
    assert len(moof) == moof_bytes
    return moof + box(b"mdat", b"".join(run.data for run in runs))


def _begins(at: int) -> bytes:
    return full_box(b"tfdt", 0, struct.pack(">Q", at), version=1)


def whole_bytes(file: BinaryIO) -> int:
    """How much of the file is header and whole fragments; 0 where not even one fragment is whole."""
    size = file.seek(0, io.SEEK_END)
    at = whole = 0
    while at + HEAD.size <= size:
        file.seek(at)
        length, kind = HEAD.unpack(file.read(HEAD.size))
        if length < HEAD.size or at + length > size:
            break
        at += length
        if kind == b"mdat":
            whole = at
    return whole


def length_s(path: str) -> float:
    """How long the video of a file lasts; raises FFmpegError where it holds none."""
    with av.open(path) as file:
        stream = file.streams.video[0]
        ends = [(packet.dts or 0) + packet.duration for packet in file.demux(stream) if packet.size and packet.duration]
        return max(ends) * float(stream.time_base or 0) if ends else 0.0


def has_sound(path: Path) -> bool:
    """By its header alone; raises OSError."""
    with path.open("rb") as file:
        begin = file.read(_MOST_HEADER_BYTES)
    return any(kind == b"moov" and b"soun" in content for kind, content in inside(begin))
