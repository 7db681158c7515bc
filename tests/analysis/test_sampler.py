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


@pytest.mark.parametrize(
    ("gap_90k", "fps", "expected"),
    [
        pytest.param(9_000, 10 / 3, [0, 3, 6, 9, 12], id="every third of ten a second"),
        pytest.param(3_600, 5, [0, 5, 10, 15, 20], id="every fifth of 25"),
        pytest.param(6_000, 10, [0, 2, 3, 5, 6, 8, 9], id="a rate that does not divide"),
        pytest.param(30_000, 10, [*range(25)], id="all of a slow camera"),
    ],
)
def test_says_how_many_frames_ahead_the_next_one_is(gap_90k: int, fps: float, expected: list[int]) -> None:
    sampler, taken, ahead = Sampler(fps), [], 0
    for index in range(25):
        if sampler.takes(index * gap_90k):
            taken.append(index)
            assert ahead <= 1, "somebody who went by what it said would have come too late"
        ahead = sampler.frames_until_due if ahead <= 1 else ahead - 1
    assert taken[: len(expected)] == expected


@given(st.lists(st.integers(-900, 900), min_size=60, max_size=60))
def test_what_jitters_is_hardly_waited_for_longer(jitters: list[int]) -> None:
    """A frame at most for each: the jitter itself, the slack that goes with it, and the gap as it was guessed."""
    sampler, ahead, late = Sampler(5), 0, 0
    for index, jitter in enumerate(jitters):
        if sampler.takes(index * 3_600 + jitter):
            late = max(late, ahead - 1)
        knows_the_camera = index > 5
        if knows_the_camera:
            ahead = sampler.frames_until_due if ahead <= 1 else ahead - 1
    assert late <= 3
