import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.backlog import Backlog
from pipeline.core.packet import Packet


def packet(index: int, *, key: bool = False, size: int = 10) -> Packet:
    return Packet(b"x" * size, index * 3600, index * 3600, key, index / 25)


@pytest.mark.parametrize(
    "bounds",
    [
        pytest.param({"most_bytes": 100}, id="bytes"),
        pytest.param({"most_packets": 10}, id="packets"),
        pytest.param({"most_s": 0.361}, id="seconds"),
    ],
)
def test_what_is_too_much_costs_all_before_the_newest_key_frame(bounds: dict[str, float]) -> None:
    backlog = Backlog(**bounds)  # type: ignore[arg-type]
    kept = [backlog.append(packet(index, key=index % 4 == 0)) for index in range(11)]
    assert kept == [True] * 10 + [False]
    assert [backlog.next().pts_90k // 3600 for _ in range(len(backlog))] == [8, 9, 10]
    assert backlog.lost == 8


def test_a_group_that_is_too_long_by_itself_is_lost() -> None:
    backlog = Backlog(most_packets=5)
    assert [backlog.append(packet(index, key=index == 0)) for index in range(6)][-1] is False
    assert (len(backlog), backlog.lost, backlog.seconds) == (0, 6, 0.0)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=80))
def test_bounded_in_order_and_counted(added: list[tuple[bool, int]]) -> None:
    backlog = Backlog(most_bytes=200, most_packets=20)
    for index, (key, size) in enumerate(added):
        backlog.append(packet(index, key=key, size=size))
        assert backlog.fullness <= 1
    assert backlog.lost + len(backlog) == len(added)
    times = [backlog.next().pts_90k for _ in range(len(backlog))]
    assert times == [index * 3600 for index in range(len(added) - len(times), len(added))]
    assert backlog.fullness == 0
