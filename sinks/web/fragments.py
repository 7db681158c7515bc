"""A camera's own H.264 as fragmented MP4, one fragment for each picture (ISO/IEC 14496-12, 8.8)."""

import io
import struct

import av

from pipeline.core import annexb
from pipeline.core.packet import Packet

TICKS_PER_S = 90_000
_USUAL_TICKS = TICKS_PER_S // 25
_MOST_TICKS = TICKS_PER_S
_TRACK = 1
_KEY_FRAME = 0x02000000
"""Sample flags: depends on no other."""
_DEPENDENT = 0x01010000
"""Sample flags: depends on others, and nothing can begin with it."""


def init_segment(key_frame: bytes) -> bytes:
    """`ftyp` and `moov` of the video that begins with this access unit, on a clock of 1/90000 s."""
    written = io.BytesIO()
    options = {"movflags": "empty_moov+default_base_moof+frag_custom", "video_track_timescale": str(TICKS_PER_S)}
    with (
        av.open(io.BytesIO(key_frame), format="h264") as read,
        av.open(written, "w", format="mp4", options=options) as container,
    ):
        container.add_stream_from_template(read.streams.video[0])
        container.start_encoding()
        head = written.getvalue()
    return head


def fragment(sequence: int, media_ticks: int, duration_ticks: int, sample: bytes, *, keyframe: bool) -> bytes:
    """`moof` and `mdat` of one picture.

    A muxer would wait for the next picture to know how long this one lasts; a guess lets it go at once.
    """
    moof_bytes = 100
    flags = _KEY_FRAME if keyframe else _DEPENDENT
    base_is_moof, has_offset_duration_size_flags = 0x020000, 0x000701
    header = _box(b"mfhd", struct.pack(">II", 0, sequence))
    track = _box(b"tfhd", struct.pack(">II", base_is_moof, _TRACK))
    decode_time = _box(b"tfdt", struct.pack(">IQ", 1 << 24, media_ticks))
    run = struct.pack(">IIiIII", has_offset_duration_size_flags, 1, moof_bytes + 8, duration_ticks, len(sample), flags)
    moof = _box(b"moof", header + _box(b"traf", track + decode_time + _box(b"trun", run)))
    assert len(moof) == moof_bytes
    return moof + _box(b"mdat", sample)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


class Fragmenter:
    """One viewer's video: media time 0 is `base_pts_90k`, the pts of the first packet."""

    def __init__(self) -> None:
        self.base_pts_90k = 0
        self.codecs = ""
        self._parameter_sets = b""
        self._sequence = 0
        self._last_pts_90k: int | None = None
        self._duration_ticks = _USUAL_TICKS

    def begin(self, packet: Packet) -> bytes | None:
        """A new initialisation segment where `packet` begins something that the last one does not describe."""
        found = annexb.parameter_sets(packet.data) if packet.keyframe else b""
        if not found or found == self._parameter_sets:
            return None
        if not self._parameter_sets:
            self.base_pts_90k = packet.pts_90k
        self._parameter_sets = found
        self.codecs = annexb.codecs(found)
        return init_segment(packet.data)

    @property
    def begun(self) -> bool:
        return bool(self._parameter_sets)

    def picture(self, packet: Packet) -> bytes:
        """The fragment; it is said to last as long as the one before, where that can be (a replay is squeezed)."""
        if self._last_pts_90k is not None:
            since = packet.pts_90k - self._last_pts_90k
            self._duration_ticks = since if 1 < since <= _MOST_TICKS else self._duration_ticks
        self._last_pts_90k = packet.pts_90k
        self._sequence += 1
        sample = annexb.length_prefixed(packet.data)
        media_ticks = packet.pts_90k - self.base_pts_90k
        return fragment(self._sequence, media_ticks, self._duration_ticks, sample, keyframe=packet.keyframe)
