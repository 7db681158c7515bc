import subprocess
import sys
from itertools import islice, pairwise

import numpy as np
import pytest

from sources.demo import Demo
from tests.sources.decoding import decoded


def demo(**wanted: object) -> Demo:
    return Demo(Demo.Options.model_validate({"pace": "max", "width": 320, "height": 180, "fps": 2, **wanted}))


def test_it_shows_moving_pictures_of_the_size_and_rate_asked_for() -> None:
    source = demo()
    info = source.open()
    packets = list(islice(source.packets(), 8))
    shown = [picture.to_ndarray(format="gray").astype(int) for picture in decoded(info, packets)]
    assert (info.codec, info.width, info.height, info.fps, info.has_b_frames) == ("h264", 320, 180, 2.0, False)
    assert [image.shape for image in shown] == [(180, 320)] * 8
    assert all(np.abs(after - before).mean() > 3 for before, after in pairwise(shown))
    assert all(image.std() > 20 for image in shown)


def test_there_is_a_key_frame_every_two_seconds() -> None:
    source = demo(fps=5)
    source.open()
    assert [index for index, packet in enumerate(islice(source.packets(), 25)) if packet.keyframe] == [0, 10, 20]


def test_rounds_follow_each_other_without_a_gap_and_the_second_costs_no_encoding() -> None:
    source = demo()
    source.open()
    packets = list(islice(source.packets(), 150))
    assert {after.pts_90k - before.pts_90k for before, after in pairwise(packets)} == {45_000}
    assert packets[72].keyframe
    assert packets[72].data is packets[0].data


def test_a_rate_that_does_not_divide_the_clock_is_kept_all_the_same() -> None:
    source = demo(fps=7, width=64, height=36)
    source.open()
    assert [packet.pts_90k for packet in islice(source.packets(), 0, 29, 7)] == [0, 90_000, 180_000, 270_000, 360_000]


def test_the_photographs_need_no_torch() -> None:
    program = "import sys; from sources.demo import Demo; Demo(Demo.Options()).open(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


def test_close_ends_it() -> None:
    source = demo(pace="realtime", fps=1)
    source.open()
    packets = source.packets()
    next(packets)
    source.close()
    assert list(packets) == []


def test_it_is_in_real_time_unless_told_otherwise() -> None:
    assert Demo(Demo.Options()).realtime
    assert not demo().realtime


@pytest.mark.parametrize("wanted", [{"width": 321}, {"fps": 0}, {"pace": "fast"}, {"speed": 2}])
def test_options_that_cannot_be(wanted: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wanted))):
        demo(**wanted)
