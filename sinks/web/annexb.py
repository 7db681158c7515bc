"""H.264 as cameras send it (Annex B), taken apart into its NAL units (ITU-T H.264, 7.3.1 and annex B)."""

import re
from collections.abc import Iterable

_START_CODE = re.compile(rb"\x00\x00\x01")
_SPS, _PPS = 7, 8
_LEFT_OUT = frozenset({_SPS, _PPS, 9})
"""Parameter sets stand in the initialisation segment, delimiters nobody needs."""
_START = b"\x00\x00\x00\x01"


def nal_units(access_unit: bytes) -> list[bytes]:
    """Without start codes and the zeros before them."""
    _, *units = _START_CODE.split(access_unit)
    return [unit for unit in (unit.rstrip(b"\x00") for unit in units) if unit]


def parameter_sets(access_unit: bytes) -> bytes:
    """SPS and PPS in Annex B form; empty where there is no SPS."""
    units = nal_units(access_unit)
    found = [unit for unit in units if _kind(unit) in (_SPS, _PPS)]
    return _START + _START.join(found) if any(_kind(unit) == _SPS for unit in found) else b""


def length_prefixed(access_unit: bytes) -> bytes:
    """The picture as MP4 has it: each NAL unit after its length in four bytes, parameter sets left out."""
    return b"".join(_prefixed(unit for unit in nal_units(access_unit) if _kind(unit) not in _LEFT_OUT))


def codecs(parameter_sets: bytes) -> str:
    """RFC 6381's name: profile, constraints and level, the three bytes after the SPS's first."""
    sps = next(unit for unit in nal_units(parameter_sets) if _kind(unit) == _SPS)
    return f"avc1.{sps[1:4].hex()}"


def _prefixed(units: Iterable[bytes]) -> Iterable[bytes]:
    for unit in units:
        yield len(unit).to_bytes(4, "big")
        yield unit


def _kind(unit: bytes) -> int:
    return unit[0] & 0x1F
