import pytest

from pipeline.app.alignment import Alignment
from pipeline.core.packet import Packet, StreamInfo

INFO = StreamInfo("h264", 2, 2)


def packet(pts_s: float, captured_at: float, camera_time: float | None = None) -> Packet:
    return Packet(b"", round(pts_s * 90_000), round(pts_s * 90_000), True, captured_at, camera_time)


@pytest.mark.parametrize(
    ("captured_at", "expected"),
    [
        pytest.param(100.0, 9_000_000, id="the same moment"),
        pytest.param(99.5, 8_955_000, id="a result that took half a second"),
        pytest.param(100.1, 9_009_000, id="the other stream is ahead"),
    ],
)
def test_by_capture_times(captured_at: float, expected: int) -> None:
    alignment = Alignment()
    alignment.shown.stream_opened(INFO)
    alignment.shown.packet(packet(0, 0.0))
    alignment.shown.packet(packet(100, 100.0))
    assert alignment.pts_90k(7, captured_at) == expected


@pytest.mark.parametrize(
    ("analysed", "shown", "expected_s"),
    [
        pytest.param(packet(50, 1000.0, 3.0), packet(100, 1000.6, 3.0), 100.0, id="the stream on show is late"),
        pytest.param(packet(50, 1000.0, 3.0), packet(100, 1000.0, 2.5), 100.5, id="the one that is analysed is early"),
        pytest.param(packet(50, 1000.0, 3.0), packet(100, 1000.6), 99.4, id="only one tells the time"),
        pytest.param(packet(50, 1000.0), packet(100, 1000.6, 3.0), 99.4, id="only the other tells the time"),
        pytest.param(packet(50, 1000.0, 3.0), packet(100, 1000.6, 9e8), 99.4, id="each has a clock of its own"),
    ],
)
def test_by_the_cameras_own_clock(analysed: Packet, shown: Packet, expected_s: float) -> None:
    alignment = Alignment()
    alignment.analysed.packet(analysed)
    alignment.shown.packet(shown)
    assert alignment.pts_90k(analysed.pts_90k, analysed.captured_at) == pytest.approx(expected_s * 90_000, abs=1)
    before = alignment.pts_90k(analysed.pts_90k - 90_000, analysed.captured_at - 1.0)
    assert before == pytest.approx((expected_s - 1) * 90_000, abs=1)


def test_a_stream_that_opens_again_tells_the_time_anew() -> None:
    """Its pts go on by the time that went by here, which is not exactly the camera's."""
    alignment = Alignment()
    for course in (alignment.analysed, alignment.shown):
        course.packet(packet(50, 1000.0, 3.0))
    alignment.shown.stream_lost()
    assert alignment.pts_90k(0, 1000.0) is None
    alignment.shown.stream_opened(INFO)
    alignment.shown.packet(packet(60, 1010.2))
    assert alignment.pts_90k(60 * 90_000, 1010.0) == round(59.8 * 90_000)


def test_nothing_is_known_of_a_stream_that_is_not_there() -> None:
    alignment = Alignment()
    alignment.analysed.packet(packet(1, 1.0, 1.0))
    assert alignment.pts_90k(90_000, 1.0) is None
    alignment.shown.packet(packet(1, 1.0))
    alignment.shown.stream_lost()
    assert alignment.pts_90k(90_000, 1.0) is None
