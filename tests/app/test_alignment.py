import pytest

from pipeline.app.alignment import Alignment
from pipeline.core.packet import Packet, StreamInfo


@pytest.mark.parametrize(
    ("captured_at", "expected"),
    [
        pytest.param(100.0, 9_000_000, id="the same moment"),
        pytest.param(99.5, 8_955_000, id="a result that took half a second"),
        pytest.param(100.1, 9_009_000, id="the other stream is ahead"),
    ],
)
def test_a_time_on_the_streams_own_clock(captured_at: float, expected: int) -> None:
    alignment = Alignment()
    alignment.stream_opened(StreamInfo("h264", 2, 2))
    alignment.packet(Packet(b"", 1, 1, True, 1.0))
    alignment.packet(Packet(b"", 9_000_000, 9_000_000, False, 100.0))
    assert alignment.pts_90k(captured_at) == expected


def test_nothing_is_known_of_a_stream_that_is_not_there() -> None:
    alignment = Alignment()
    assert alignment.pts_90k(1.0) is None
    alignment.packet(Packet(b"", 1, 1, True, 1.0))
    alignment.stream_lost()
    assert alignment.pts_90k(1.0) is None
