"""When a picture was taken, told from the stream's own clock."""

import logging
from collections import deque

from pipeline.core.clock import Clock

log = logging.getLogger(__name__)

SETTLING_S = 2.0
"""What piled up while a stream was probed arrives in one burst: so long the smallest delay is believed at once."""
DOWN_S_PER_S = 0.05
"""An estimate that is too late puts pictures into the future: it is corrected sooner than one that is too early."""
UP_S_PER_S = 0.005
UTC_S_PER_S = 0.005
UTC_STEP_S = 10.0
"""A computer without a battery starts years in the past; an error like that is not slewed away but stepped over."""


class ClockAnchor:
    """Maps a stream's pts to UTC, so that neither jitter nor a burst after a stall shifts a picture's time.

    No packet arrives before it was captured, so the smallest (arrival - pts) of the last `window_s` is the
    stream's clock plus the shortest way here. The estimate follows that minimum by a few milliseconds a
    second, never backwards in time; a camera that drifts by 100 ppm is up to `window_s` * 100 ppm = 12 ms behind.
    Arrival is on the monotonic clock; the way from there to UTC is fixed at the start and slewed after the
    system's corrections. For one thread.
    """

    def __init__(self, clock: Clock, *, window_s: float = 120.0) -> None:
        self._clock = clock
        self._smallest = _SlidingMinimum(window_s)
        self._utc_offset_s = clock.time() - clock.monotonic()
        self._offset_s = 0.0
        self._newest_pts_s: float | None = None
        self._newest_s = float("-inf")
        self._settled_at: float | None = None

    def restart(self) -> None:
        """What follows has another relation between pts and arrival (opened again, looped, jumped)."""
        self._smallest.clear()
        self._newest_pts_s = None
        self._settled_at = None

    def captured_at(self, pts_90k: int, arrived_monotonic: float) -> float:
        """UTC seconds. Pictures that come out of order (B-frames) get times between those of their neighbours."""
        pts_s = pts_90k / 90_000
        smallest_s = self._smallest.add(arrived_monotonic, arrived_monotonic - pts_s)
        if self._newest_pts_s is None or pts_s > self._newest_pts_s:
            advance_s = 0.0 if self._newest_pts_s is None else pts_s - self._newest_pts_s
            self._follow(smallest_s, pts_s, advance_s, arrived_monotonic)
            self._follow_utc(advance_s)
            self._newest_pts_s = pts_s
            self._newest_s = pts_s + self._offset_s
        return pts_s + self._offset_s + self._utc_offset_s

    def _follow(self, smallest_s: float, pts_s: float, advance_s: float, now: float) -> None:
        if self._settled_at is None:
            self._settled_at = now + SETTLING_S
        if now < self._settled_at:
            self._offset_s = max(smallest_s, self._newest_s - pts_s)
        else:
            error_s = smallest_s - self._offset_s
            self._offset_s += _clamp(error_s, -DOWN_S_PER_S * advance_s, UP_S_PER_S * advance_s)

    def _follow_utc(self, advance_s: float) -> None:
        error_s = self._clock.time() - self._clock.monotonic() - self._utc_offset_s
        if abs(error_s) > UTC_STEP_S:
            log.warning("the system's clock was set by %.0f s; capture times follow", error_s)
            self._utc_offset_s += error_s
        else:
            self._utc_offset_s += _clamp(error_s, -UTC_S_PER_S * advance_s, UTC_S_PER_S * advance_s)


class _SlidingMinimum:
    """The smallest value of the last `window_s`, to the second: never more than one entry a second."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._rising: deque[tuple[int, float]] = deque()
        """Seconds and values, both rising: the first is the minimum, the others are so once it is too old."""

    def add(self, now: float, value: float) -> float:
        """The minimum, `value` included."""
        second = int(now)
        while self._rising and self._rising[-1][1] >= value:
            self._rising.pop()
        if not self._rising or self._rising[-1][0] != second:
            self._rising.append((second, value))
        while len(self._rising) > 1 and self._rising[0][0] < now - self._window_s:
            self._rising.popleft()
        return self._rising[0][1]

    def clear(self) -> None:
        self._rising.clear()

    def __len__(self) -> int:
        return len(self._rising)


def _clamp(value: float, lowest: float, highest: float) -> float:
    return max(lowest, min(highest, value))
