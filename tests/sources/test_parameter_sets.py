import pytest

from pipeline.core.packet import Codec
from sources.parameter_sets import ParameterSets

LONG, SHORT = b"\x00\x00\x00\x01", b"\x00\x00\x01"
SPS, PPS, IDR, SEI, AUD = b"\x67sps", b"\x68pps", b"\x65picture", b"\x06sei", b"\x09\xf0"
VPS_265, SPS_265, PPS_265, IDR_265 = b"\x40\x01vps", b"\x42\x01sps", b"\x44\x01pps", b"\x26\x01picture"
KNOWN = LONG + SPS + LONG + PPS
KNOWN_265 = LONG + VPS_265 + LONG + SPS_265 + LONG + PPS_265

MISSING: list[tuple[str, Codec, bytes, bytes, bytes]] = [
    ("put before the picture", "h264", KNOWN, LONG + IDR, KNOWN + LONG + IDR),
    ("put before a short start code", "h264", KNOWN, SHORT + IDR, KNOWN + SHORT + IDR),
    ("put after the delimiter", "h264", KNOWN, LONG + AUD + LONG + IDR, LONG + AUD + KNOWN + LONG + IDR),
    ("put before other information", "h264", KNOWN, LONG + SEI + SHORT + IDR, KNOWN + LONG + SEI + SHORT + IDR),
    ("H.265", "hevc", KNOWN_265, LONG + IDR_265, KNOWN_265 + LONG + IDR_265),
    ("none known yet", "h264", b"", LONG + IDR, LONG + IDR),
    ("nothing to find", "h264", KNOWN, b"", KNOWN),
]


@pytest.mark.parametrize(
    ("codec", "known", "key_frame", "wanted"), [row[1:] for row in MISSING], ids=[row[0] for row in MISSING]
)
def test_missing_parameter_sets_are_added(codec: Codec, known: bytes, key_frame: bytes, wanted: bytes) -> None:
    assert ParameterSets(codec, known).complete(key_frame) == wanted


def test_a_complete_key_frame_is_left_alone() -> None:
    complete = LONG + AUD + LONG + SPS + LONG + PPS + SHORT + IDR
    assert ParameterSets("h264", b"").complete(complete) == complete


def test_the_latest_sets_are_remembered() -> None:
    sets = ParameterSets("h264", KNOWN)
    changed = LONG + b"\x67new" + SHORT + b"\x68new"
    sets.complete(LONG + SEI + changed + LONG + IDR)
    assert sets.complete(LONG + IDR) == changed + LONG + IDR


def test_what_looks_like_a_set_after_the_picture_does_not_count() -> None:
    assert ParameterSets("h264", KNOWN).complete(LONG + IDR + LONG + SPS).startswith(KNOWN)
