from fractions import Fraction

import av
import numpy as np
import pytest

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
