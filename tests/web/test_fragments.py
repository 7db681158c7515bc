"""Fragmented MP4 made of a camera's packets, read again by FFmpeg."""

import io
from pathlib import Path

import av
import pytest

from pipeline.core import annexb
from pipeline.core.packet import Packet
from sinks.web.fragments import Fragmenter
from tests.system.clips import moving_mark
from tests.web.live_system import Clip

SIZE = (320, 180)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return Clip(moving_mark(tmp_path_factory.mktemp("clip") / "mark.ts", seconds=1, size=SIZE, gop=10))


def played(fragmenter: Fragmenter, packets: list[Packet]) -> bytes:
    return b"".join((fragmenter.begin(packet) or b"") + fragmenter.picture(packet) for packet in packets)


def test_every_picture_decodes_at_its_own_time(clip: Clip) -> None:
    fragmenter = Fragmenter()
    with av.open(io.BytesIO(played(fragmenter, clip.packets)), "r") as container:
        video = container.streams.video[0]
        pictures = list(container.decode(video))
        assert (video.width, video.height) == SIZE
    assert [picture.pts + fragmenter.base_pts_90k for picture in pictures if picture.pts is not None] == [
        packet.pts_90k for packet in clip.packets
    ]


def test_the_first_fragment_is_a_picture_by_itself(clip: Clip) -> None:
    with av.open(io.BytesIO(played(Fragmenter(), clip.packets[:1])), "r") as container:
        (picture,) = container.decode(video=0)
    assert (picture.width, picture.height, picture.pts) == (*SIZE, 0)


def test_codecs_are_named_after_the_sequence_parameter_set(clip: Clip) -> None:
    fragmenter = Fragmenter()
    assert fragmenter.begin(clip.packets[0])
    sps = next(unit for unit in annexb.nal_units(clip.packets[0].data) if unit[0] & 0x1F == 7)
    assert fragmenter.codecs == f"avc1.{sps[1]:02x}{sps[2]:02x}{sps[3]:02x}" == "avc1.64000c"


def test_other_parameter_sets_begin_anew_and_time_goes_on(clip: Clip, tmp_path: Path) -> None:
    wide = Clip(moving_mark(tmp_path / "wide.ts", seconds=1, size=(640, 360), gop=10))
    fragmenter = Fragmenter()
    assert fragmenter.begin(clip.packets[0])
    base = fragmenter.base_pts_90k
    assert fragmenter.begin(clip.packets[1]) is fragmenter.begin(clip.packets[10]) is None
    assert fragmenter.begin(wide.packets[0])
    assert fragmenter.base_pts_90k == base


@pytest.mark.parametrize(
    ("access_unit", "expected"),
    [
        pytest.param(b"\0\0\0\1\x67abc\0\0\1\x65xyz", [b"\x67abc", b"\x65xyz"], id="long and short start codes"),
        pytest.param(b"\0\0\1\x65xyz\0\0\0", [b"\x65xyz"], id="zeros at the end"),
        pytest.param(b"\0\0\1\0\0\1\x65x", [b"\x65x"], id="nothing between two start codes"),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_nal_units(access_unit: bytes, expected: list[bytes]) -> None:
    assert annexb.nal_units(access_unit) == expected


def test_a_sample_is_the_slices_with_their_lengths() -> None:
    access_unit = b"\0\0\0\1\x09\xf0\0\0\0\1\x67abc\0\0\0\1\x68d\0\0\1\x65xyz"
    assert annexb.length_prefixed(access_unit) == b"\0\0\0\4\x65xyz"
    assert annexb.parameter_sets(access_unit) == b"\0\0\0\1\x67abc\0\0\0\1\x68d"
