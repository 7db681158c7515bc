"""How long a device that could start may wait for company."""

_LIMIT_S = 0.005
_WEIGHT = 0.2


class Window:
    """Longer batches pay where work comes in quick succession; elsewhere waiting is only latency.

    Holds as long as the rest of the batch is expected to take to arrive, never longer than half a run or
    5 ms, and not at all where not even one more is expected within that time. It counts arrivals of all
    cameras together: no camera in particular is waited for.
    """

    def __init__(self, max_batch: int) -> None:
        self._max_batch = max_batch
        self._gap_s: float | None = None
        self.run_s: float | None = None
        """What a run takes of late."""
        self._last_arrival: float | None = None

    def arrived(self, now: float) -> None:
        if self._last_arrival is not None:
            self._gap_s = _smoothed(self._gap_s, now - self._last_arrival)
        self._last_arrival = now

    def ran(self, seconds: float) -> None:
        self.run_s = _smoothed(self.run_s, seconds)

    def hold_s(self, waiting: int) -> float:
        missing = self._max_batch - waiting
        if missing <= 0 or self._gap_s is None or self.run_s is None:
            return 0.0
        limit = min(_LIMIT_S, self.run_s / 2)
        return min(limit, missing * self._gap_s) if self._gap_s <= limit else 0.0


def _smoothed(before: float | None, now: float) -> float:
    return now if before is None else before + _WEIGHT * (now - before)
