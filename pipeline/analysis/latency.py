"""The delays of late, as percentiles."""

from collections import deque


class Latency:
    """Percentiles over the last `keep` samples, in seconds."""

    def __init__(self, keep: int = 200) -> None:
        self._samples: deque[float] = deque(maxlen=keep)

    def add(self, seconds: float) -> None:
        self._samples.append(seconds)

    def percentile(self, share: float) -> float | None:
        """None without samples; `share` is 0..1."""
        if not self._samples:
            return None
        ordered = sorted(self._samples)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
