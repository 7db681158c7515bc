"""Fragmented MP4, one fragment for each group of pictures, so that what is written is whole (ISO/IEC 14496-12, 8.8)."""

import io
import struct
from collections.abc import Sequence
from typing import BinaryIO

import av

from pipeline.core import annexb
from pipeline.core.packet import Codec, Packet

TICKS_PER_S = 90_000
_TRACK = 1
_KEY_FRAME = 0x02000000
"""Sample flags: depends on no other."""
_DEPENDENT = 0x01010000
"""Sample flags: depends on others, and nothing can begin with it."""
_BASE_IS_MOOF = 0x020000
_OFFSET_DURATION_SIZE_FLAGS_SHIFT = 0x000F01
_BOX = struct.Struct(">I4s")
TAGS: dict[Codec, str] = {"h264": "avc1", "hevc": "hvc1"}
"""Parameter sets stand in the header alone: what Safari plays of H.265."""


def header(codec: Codec, key_frame: bytes) -> bytes:
    """`ftyp` and `moov` of the video that begins with this access unit, on a clock of 1/90000 s."""
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
    return head


def fragment(codec: Codec, sequence: int, begin_90k: int, packets: Sequence[Packet], end_90k: int) -> bytes:
    """`moof` and `mdat` of pictures in decoding order; `begin_90k` is the dts of the file's first, `end_90k` the next.

    The last picture lasts until `end_90k`.
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
    first = packets[0].dts_90k - begin_90k
    track = _box(b"tfhd", struct.pack(">II", _BASE_IS_MOOF, _TRACK)) + _box(b"tfdt", struct.pack(">IQ", 1 << 24, first))
    moof_bytes = 8 + 16 + 8 + len(track) + 20 + len(entries)
    flags = 1 << 24 | _OFFSET_DURATION_SIZE_FLAGS_SHIFT
    run = struct.pack(">III", flags, len(packets), moof_bytes + 8) + entries
    moof = _box(b"moof", _box(b"mfhd", struct.pack(">II", 0, sequence)) + _box(b"traf", track + _box(b"trun", run)))
    assert len(moof) == moof_bytes
    return moof + _box(b"mdat", b"".join(samples))


def whole_bytes(file: BinaryIO) -> int:
    """How much of the file is header and whole fragments; 0 where not even one fragment is whole."""
    size = file.seek(0, io.SEEK_END)
    at = whole = 0
    while at + _BOX.size <= size:
        file.seek(at)
        length, kind = _BOX.unpack(file.read(_BOX.size))
        if length < _BOX.size or at + length > size:
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


def _box(kind: bytes, content: bytes) -> bytes:
    return _BOX.pack(_BOX.size + len(content), kind) + content
