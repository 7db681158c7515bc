from fractions import Fraction

import av
import numpy as np
import pytest

from pipeline.core import h264
from pipeline.core.decoding import HwAccel
from pipeline.core.encoder import Encoder
from tests.sources.decoding import decoded


def picture(shade: int, width: int = 64, height: int = 48, pixel_format: str = "rgb24") -> av.VideoFrame:
    image = np.full((height, width, 3), shade, np.uint8)
    return av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=pixel_format)


def test_each_picture_gives_one_packet_that_decodes_to_it() -> None:
    encoder = Encoder(64, 48, 10)
    packets = [encoder.encode(picture(shade), index * 9000, 5.0) for index, shade in enumerate((40, 120, 200))]
    assert [len(made) for made in packets] == [1, 1, 1]
    shown = decoded(encoder.info, [made[0] for made in packets])
    assert [int(frame.to_ndarray(format="gray").mean()) for frame in shown] == pytest.approx([40, 120, 200], abs=20)


def test_key_frames_follow_the_times_not_the_count() -> None:
    encoder = Encoder(64, 48, 25, gop_s=1)
    pts = [0, 30_000, 60_000, 95_000, 100_000, 400_000]
    keys = [encoder.encode(picture(90), at, 0.0)[0].keyframe for at in pts]
    assert keys == [True, False, False, True, False, True]


def test_times_are_handed_through() -> None:
    packet = Encoder(64, 48, None).encode(picture(9), 12_345, 1_700_000_000.5)[0]
    assert (packet.pts_90k, packet.dts_90k, packet.captured_at) == (12_345, 12_345, 1_700_000_000.5)


@pytest.mark.parametrize("pixel_format", ["yuvj422p", "yuyv422", "gray", "bgr24"])
def test_any_format_and_odd_sizes(pixel_format: str) -> None:
    encoder = Encoder(65, 49, 25)
    packets = encoder.encode(picture(100, 65, 49, pixel_format), 0, 0.0)
    shown = decoded(encoder.info, packets)[0]
    assert (shown.width, shown.height, shown.format.name) == (64, 48, "yuv420p")


def test_a_size_that_changes_is_scaled() -> None:
    encoder = Encoder(64, 48, 25)
    packets = encoder.encode(picture(100), 0, 0.0) + encoder.encode(picture(100, 128, 96), 3600, 0.0)
    assert [frame.width for frame in decoded(encoder.info, packets)] == [64, 64]


def test_the_picture_given_is_not_changed() -> None:
    given = picture(50, pixel_format="yuv420p")
    given.pts, given.time_base = 7, Fraction(1, 10)
    Encoder(64, 48, 25).encode(given, 3600, 0.0)
    assert (given.pts, given.time_base) == (7, Fraction(1, 10))


@pytest.mark.parametrize("hwaccel", ["auto", "cuda", "qsv"])
def test_without_a_device_that_encodes_the_processor_does(hwaccel: HwAccel) -> None:
    encoder = Encoder(256, 144, 25, hwaccel=hwaccel)
    (packet,) = encoder.encode(picture(90, 256, 144), 0, 7.0)
    if encoder.name != h264.X264:
        pytest.skip(f"{encoder.name} is there")
    assert (packet.keyframe, packet.captured_at) == (True, 7.0)


@pytest.mark.parametrize(("hwaccel", "name"), [("cuda", "h264_nvenc"), ("qsv", "h264_qsv")])
def test_a_device_encodes_where_there_is_one(hwaccel: HwAccel, name: str) -> None:
    encoder = Encoder(256, 144, 25, hwaccel=hwaccel, most_kbps=2000)
    if encoder.name != name:
        pytest.skip(f"nothing here encodes with {name}")
    packets = [
        packet for index in range(60) for packet in encoder.encode(picture(index * 4, 256, 144), index * 3600, 1.0)
    ]
    assert [packet.pts_90k for packet in packets] == [index * 3600 for index in range(60)]
    assert [packet.pts_90k for packet in packets if packet.keyframe] == [0, 180_000]
    assert len(decoded(encoder.info, packets[50:])) == 10


def test_a_device_that_fails_at_work_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h264, "_given_up", set())
    monkeypatch.setattr(h264, "_has_worked", {"h264_nvenc"})
    h264.give_up("h264_nvenc", "it fell out of the slot")
    h264.give_up(h264.X264, "never")
    assert Encoder(256, 144, 25, hwaccel="cuda").name == h264.X264
