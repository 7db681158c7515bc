import pytest

from pipeline.core.clock import ManualClock
from pipeline.media.stamps import Stamps
from tests.media.streams import packet


def test_a_file_read_at_full_speed_has_the_times_of_its_pictures() -> None:
    stamps = Stamps(ManualClock(1000.0))
    stamps.begin(realtime=False)
    stamped = [stamps.stamp(packet(number, captured_at=500.0), 1000.0) for number in (10, 11, 60)]
    assert [packet.captured_at for packet in stamped] == pytest.approx([500.0, 500.1, 505.0])


def test_a_camera_is_anchored_to_its_arrival() -> None:
    stamps = Stamps(ManualClock(1000.0))
    stamps.begin(realtime=True)
    stamped = [stamps.stamp(packet(number, captured_at=0.0), 1000.0 + number / 10) for number in range(5)]
    assert [packet.captured_at for packet in stamped] == pytest.approx([1000.0, 1000.1, 1000.2, 1000.3, 1000.4])


def test_pts_and_capture_time_stay_side_by_side_over_an_outage() -> None:
    stamps = Stamps(ManualClock(1000.0))
    stamps.begin(realtime=True)
    before = stamps.stamp(packet(7), 1000.0)
    stamps.begin(realtime=True)
    after = stamps.stamp(packet(99_999), 1010.0)
    assert after.captured_at - before.captured_at == pytest.approx(10.0)
    assert after.pts_90k - before.pts_90k == 900_000


def test_everything_else_stays() -> None:
    stamps, original = Stamps(ManualClock()), packet(3, keyframe=True, size=17)
    stamped = stamps.stamp(original, 0.0)
    assert (stamped.data, stamped.keyframe) == (original.data, True)
