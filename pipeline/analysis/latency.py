"""The delays of late, as percentiles."""

from collections import deque


class Latency:
    """Percentiles over the last `keep` samples, in seconds."""

    def __init__(self, keep: int = 200) -> None:
        self._samples: deque[float] = deque(maxlen=keep)

    def add(self, seconds: float) -> None:
        self._samples.append(seconds)

    def percentiles(self, *shares: float) -> list[float | None]:
        """One for each share, 0..1; None without samples."""
        ordered = sorted(self._samples)
        last = len(ordered) - 1
        return [ordered[min(last, int(share * len(ordered)))] if ordered else None for share in shares]
