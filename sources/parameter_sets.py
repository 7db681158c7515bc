"""The headers of H.264 and H.265 that a decoder needs before it can begin."""

from collections.abc import Iterator

from pipeline.core.packet import Codec

_START = b"\x00\x00\x01"
_ACCESS_UNIT_DELIMITER = {"h264": 9, "hevc": 35}
_PARAMETER_SETS = {"h264": frozenset({7, 8, 13}), "hevc": frozenset({32, 33, 34})}
_SEQUENCE = {"h264": 7, "hevc": 33}


class ParameterSets:
    """Puts them in band before every key frame that comes without; `annexb` holds the latest ones seen."""

    def __init__(self, codec: Codec, annexb: bytes) -> None:
        self.codec = codec
        self.annexb = annexb

    def complete(self, key_frame: bytes) -> bytes:
        """`key_frame` (one access unit, Annex B) with parameter sets before its first picture."""
        units = list(_units_before_picture(key_frame, self.codec))
        if any(kind == _SEQUENCE[self.codec] for kind, _, _ in units):
            own = (key_frame[start:end] for kind, start, end in units if kind in _PARAMETER_SETS[self.codec])
            self.annexb = b"".join(own)
            return key_frame
        # A delimiter must stay the first unit of its access unit.
        at = units[0][2] if units and units[0][0] == _ACCESS_UNIT_DELIMITER[self.codec] else 0
        return key_frame[:at] + self.annexb + key_frame[at:]


def _units_before_picture(data: bytes, codec: Codec) -> Iterator[tuple[int, int, int]]:
    """(type, begin, end) of the units before the first slice; begin includes the start code."""
    found = data.find(_START)
    while found >= 0 and found + 3 < len(data):
        kind = _kind(data[found + 3], codec)
        if _is_picture(kind, codec):
            return
        following = data.find(_START, found + 3)
        end = len(data) if following < 0 else _with_leading_zero(data, following)
        yield kind, _with_leading_zero(data, found), end
        found = following


def _kind(header: int, codec: Codec) -> int:
    return header & 0x1F if codec == "h264" else (header >> 1) & 0x3F


def _is_picture(kind: int, codec: Codec) -> bool:
    return 1 <= kind <= 5 if codec == "h264" else kind < 32


def _with_leading_zero(data: bytes, start: int) -> int:
    """Where a start code begins, be it three bytes long or four."""
    return start - 1 if start > 0 and data[start - 1] == 0 else start
