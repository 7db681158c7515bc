"""How often something happened lately."""

from collections import deque


class Rate:
    """Ticks a second over the last `window_s`; ticked by one thread, read by any."""

    def __init__(self, window_s: float = 5.0, *, most_ticks: int = 1000) -> None:
        self._window_s = window_s
        self._ticks: deque[float] = deque(maxlen=most_ticks)

    def tick(self, now: float) -> None:
        self._ticks.append(now)

    def clear(self) -> None:
        self._ticks.clear()

    def per_second(self, now: float) -> float:
        """0 where fewer than two ticks are in the window; a pause since the last tick counts."""
        recent = [tick for tick in self._ticks.copy() if now - tick <= self._window_s]
        if len(recent) < 2:
            return 0.0
        step_s = (recent[-1] - recent[0]) / (len(recent) - 1)
        span_s = max(recent[-1] - recent[0], now - recent[0] - step_s)
        return (len(recent) - 1) / span_s if span_s > 0 else 0.0


class Growth:
    """How fast a counter grew over its last readings; one that falls has begun anew. For one thread."""

    def __init__(self, readings: int = 6) -> None:
        self._readings: deque[tuple[float, int]] = deque(maxlen=readings)

    def read(self, now: float, count: int) -> None:
        if self._readings and count < self._readings[-1][1]:
            self._readings.clear()
        self._readings.append((now, count))

    def per_second(self) -> float:
        """0 where fewer than two readings say how fast."""
        if len(self._readings) < 2:
            return 0.0
        (began, first), (ended, last) = self._readings[0], self._readings[-1]
        return (last - first) / (ended - began) if ended > began else 0.0
