"""H.264 and H.265 as cameras send them (Annex B), taken apart into NAL units (ITU-T H.264, H.265: 7.3.1, annex B)."""

import re
from collections.abc import Iterable, Mapping

from pipeline.core.packet import Codec

_START_CODE = re.compile(rb"\x00\x00\x01")
_START = b"\x00\x00\x00\x01"
_SEQUENCE: Mapping[Codec, int] = {"h264": 7, "hevc": 33}
_PARAMETER_SETS: Mapping[Codec, frozenset[int]] = {"h264": frozenset({7, 8}), "hevc": frozenset({32, 33, 34})}
_DELIMITER: Mapping[Codec, int] = {"h264": 9, "hevc": 35}


def nal_units(access_unit: bytes) -> list[bytes]:
    """Without start codes and the zeros before them."""
    _, *units = _START_CODE.split(access_unit)
    return [unit for unit in (unit.rstrip(b"\x00") for unit in units) if unit]


def parameter_sets(access_unit: bytes, codec: Codec = "h264") -> bytes:
    """The parameter sets (of H.265 with the VPS) in Annex B form; empty where there is no SPS."""
    units = nal_units(access_unit)
    found = [unit for unit in units if _kind(unit, codec) in _PARAMETER_SETS[codec]]
    return _START + _START.join(found) if any(_kind(unit, codec) == _SEQUENCE[codec] for unit in found) else b""


def length_prefixed(access_unit: bytes, codec: Codec = "h264") -> bytes:
    """The picture as MP4 has it: each NAL unit after its length in four bytes.

    Left out are parameter sets, which stand in the initialisation segment, and delimiters, which nobody needs.
    """
    left_out = _PARAMETER_SETS[codec] | {_DELIMITER[codec]}
    return b"".join(_prefixed(unit for unit in nal_units(access_unit) if _kind(unit, codec) not in left_out))


def codecs(parameter_sets: bytes) -> str:
    """RFC 6381's name of H.264: profile, constraints and level, the three bytes after the SPS's first."""
    sps = next(unit for unit in nal_units(parameter_sets) if _kind(unit, "h264") == _SEQUENCE["h264"])
    return f"avc1.{sps[1:4].hex()}"


def _prefixed(units: Iterable[bytes]) -> Iterable[bytes]:
    for unit in units:
        yield len(unit).to_bytes(4, "big")
        yield unit


def _kind(unit: bytes, codec: Codec) -> int:
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F
