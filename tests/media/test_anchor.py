import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.clock import ManualClock
from pipeline.media.anchor import ClockAnchor, _SlidingMinimum

START = 50_000.0
SHORTEST_WAY_S = 0.020


@dataclass
class TwoClocks:
    """A system whose UTC is corrected while the monotonic clock goes on."""

    now: float = START
    utc_ahead_s: float = 1_700_000_000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now + self.utc_ahead_s


def steady(second: float) -> float:
    return SHORTEST_WAY_S


def jittery(second: float) -> float:
    return SHORTEST_WAY_S + random.Random(second).choice([0.0, 0.001, 0.01, 0.05, 0.2])


def stalled(second: float) -> float:
    """Between 20 and 25 nothing comes, then all of it at once."""
    return max(SHORTEST_WAY_S, 25.0 - second) if second >= 20 else SHORTEST_WAY_S


def probed(second: float) -> float:
    """The first second and a half waits until the stream was probed."""
    return max(SHORTEST_WAY_S, 1.5 - second)


def slower_way(second: float) -> float:
    """From 20 on everything takes a tenth of a second more."""
    return SHORTEST_WAY_S + (0.1 if second >= 20 else 0.0)


def errors_s(delay_s: Callable[[float], float], *, seconds: int, fps: int = 25, drift_ppm: float = 0) -> list[float]:
    """How late each picture's time is, beside the shortest way, in a stream whose clock drifts."""
    clock = ManualClock(START)
    anchor = ClockAnchor(clock)
    errors = list[float]()
    for taken_at in (number / fps for number in range(seconds * fps)):
        pts_90k = round(taken_at * (1 + drift_ppm / 1e6) * 90_000)
        clock.now = max(clock.now, START + taken_at + delay_s(taken_at))
        errors.append(anchor.captured_at(pts_90k, clock.now) - START - taken_at - SHORTEST_WAY_S)
    return errors


@pytest.mark.parametrize(
    ("delay_s", "drift_ppm", "seconds", "tolerance_s"),
    [
        pytest.param(steady, 0, 10, 0.001, id="a steady stream is told exactly"),
        pytest.param(jittery, 0, 60, 0.001, id="jitter of 200 ms does not show"),
        pytest.param(stalled, 0, 60, 0.001, id="a burst after a stall has the times it was filmed at"),
        pytest.param(probed, 0, 60, 0.001, id="what piled up at the start does not make the rest late"),
        pytest.param(steady, 100, 900, 0.013, id="a clock that is 100 ppm fast is followed"),
        pytest.param(steady, -100, 900, 0.013, id="a clock that is 100 ppm slow is followed"),
        pytest.param(jittery, -100, 900, 0.014, id="drift under jitter"),
        pytest.param(slower_way, 0, 130, 0.001, id="a longer way is no news for two minutes"),
    ],
)
def test_times_are_true(delay_s: Callable[[float], float], drift_ppm: float, seconds: int, tolerance_s: float) -> None:
    settled = errors_s(delay_s, seconds=seconds, drift_ppm=drift_ppm)[2 * 25 :]
    assert max(abs(error) for error in settled) <= tolerance_s


def test_a_day_of_drift_is_followed() -> None:
    settled = errors_s(jittery, seconds=86_400, fps=1, drift_ppm=-100)[60:]
    assert max(abs(error) for error in settled) <= 0.014


def test_a_way_that_stays_longer_is_learnt_without_a_step() -> None:
    errors = errors_s(slower_way, seconds=200)
    assert errors[-1] == pytest.approx(0.1, abs=0.001)
    assert max(later - earlier for earlier, later in steps(errors[50:])) <= 0.005 / 25 + 1e-6


def steps(values: list[float]) -> Iterable[tuple[float, float]]:
    return pairwise(values)


@given(
    st.lists(st.tuples(st.integers(1, 20_000), st.floats(0, 1)), min_size=1, max_size=100), st.sets(st.integers(0, 99))
)
def test_time_never_runs_back_nor_ahead_of_the_first_arrival(
    stream: list[tuple[int, float]], restarts: set[int]
) -> None:
    anchor, pts, now, before = ClockAnchor(ManualClock(START)), 0, START, 0.0
    for number, (step, gap_s) in enumerate(stream):
        if number in restarts:
            anchor.restart()
        at = anchor.captured_at(pts, now)
        assert at > before - 1e-6
        assert number > 0 or at == pytest.approx(now)
        pts, now, before = pts + step, now + gap_s, at


def test_pictures_out_of_order_keep_their_own_places() -> None:
    anchor = ClockAnchor(ManualClock(START))
    order = [0, 3, 1, 2, 6, 4, 5]
    times = [anchor.captured_at(number * 3600, START + place * 0.04) for place, number in enumerate(order)]
    ahead = START + 0.04 - 3 * 0.04
    assert times[1:] == pytest.approx([ahead + number * 0.04 for number in order[1:]])


def test_opened_again_it_believes_the_first_arrival_anew() -> None:
    anchor = ClockAnchor(ManualClock(START))
    anchor.captured_at(0, START)
    anchor.restart()
    assert anchor.captured_at(900_000, START + 12.0) == pytest.approx(START + 12.0)


def test_a_corrected_system_clock_comes_through_slowly() -> None:
    clock = TwoClocks()
    anchor = ClockAnchor(clock)
    times = list[float]()
    for number in range(100):
        clock.now = START + number
        if number == 10:
            clock.utc_ahead_s += 0.2
        times.append(anchor.captured_at(number * 90_000, clock.now) - number)
    assert times[9] == pytest.approx(times[0])
    assert times[-1] - times[0] == pytest.approx(0.2, abs=1e-6)
    assert max(later - earlier for earlier, later in steps(times)) <= 0.005 + 1e-6


def test_a_system_clock_that_was_years_off_is_stepped_over(caplog: pytest.LogCaptureFixture) -> None:
    clock = TwoClocks(utc_ahead_s=0.0)
    anchor = ClockAnchor(clock)
    anchor.captured_at(0, clock.now)
    clock.utc_ahead_s = 1_700_000_000.0
    clock.now += 1
    assert anchor.captured_at(90_000, clock.now) == pytest.approx(1_700_050_001.0)
    assert [record.getMessage() for record in caplog.records] == [
        "the system's clock was set by 1700000000 s; capture times follow"
    ]


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 9)), max_size=60), st.integers(2, 5))
def test_the_sliding_minimum_is_that_of_the_window_to_the_second(
    values: list[tuple[float, int]], window_s: int
) -> None:
    smallest, now, seen = _SlidingMinimum(window_s), 0.0, list[tuple[float, int]]()
    for gap_s, value in values:
        now += gap_s
        seen.append((now, value))
        within = [value for at, value in seen if at >= now - window_s + 1]
        within_and_a_second = [value for at, value in seen if at >= now - window_s - 1]
        assert min(within_and_a_second) <= smallest.add(now, value) <= min(within)
        assert len(smallest) <= window_s + 2
