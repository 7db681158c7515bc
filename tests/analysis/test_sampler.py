import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.sampler import Sampler


@pytest.mark.parametrize(
    ("fps", "source_fps", "seconds", "expected"),
    [
        pytest.param(5, 25, 4, 20, id="every fifth of 25"),
        pytest.param(25, 25, 2, 50, id="all of them"),
        pytest.param(30, 25, 2, 50, id="no more than there are"),
        pytest.param(2, 30, 10, 20, id="two a second"),
        pytest.param(10, 15, 4, 40, id="a rate that does not divide"),
    ],
)
def test_takes_the_asked_rate(fps: float, source_fps: int, seconds: int, expected: int) -> None:
    sampler = Sampler(fps)
    taken = sum(sampler.takes(index * 90_000 // source_fps) for index in range(source_fps * seconds))
    assert abs(taken - expected) <= 1


def test_goes_on_after_a_jump_of_the_clock() -> None:
    sampler = Sampler(5)
    assert sampler.takes(0)
    assert sampler.takes(90_000 * 3600)
    assert sampler.takes(0)


@given(st.lists(st.integers(0, 9_000), min_size=2, max_size=200))
def test_never_more_than_the_rate(steps: list[int]) -> None:
    sampler, pts_90k, taken = Sampler(5), 0, []
    for step in steps:
        pts_90k += step
        if sampler.takes(pts_90k):
            taken.append(pts_90k)
    assert len(taken) <= 2 + (taken[-1] - taken[0]) / 18_000


def test_slower_for_as_long_as_it_is_told() -> None:
    """From one frame to the next, without a gap and without a burst."""
    sampler = Sampler(25)
    taken = [index for index in range(150) if sampler.takes(index * 3600, 5 if 50 <= index < 100 else None)]
    assert taken == [*range(50), *range(50, 100, 5), *range(100, 150)]
