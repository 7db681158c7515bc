import re

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.ids import new_id

UNTIL_2500_S = 16_725_225_600.0


def test_an_id_is_its_time_and_a_random_part() -> None:
    assert re.fullmatch(r"18bcfe56800-[0-9a-f]{8}", new_id(1_700_000_000.0))


def test_ids_of_the_same_moment_differ() -> None:
    assert len({new_id(1_700_000_000.0) for _ in range(1000)}) == 1000


@given(st.floats(0, UNTIL_2500_S), st.floats(0.001, 1e6))
def test_ids_sort_by_time(at: float, later_s: float) -> None:
    assert new_id(at) < new_id(at + later_s + 0.001)
