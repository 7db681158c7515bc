"""Which decoded frames are analysed."""

_MOST_SLACK = 0.25


class Sampler:
    """Lets through at most `fps` frames a second of stream time, evenly.

    Cameras jitter: a frame that comes early counts when the next one would be further off, up to a quarter of
    a period.
    """

    def __init__(self, fps: float) -> None:
        self._period_90k = 90_000 / fps
        self._due_90k: float | None = None
        self._last_90k = 0

    def takes(self, pts_90k: int) -> bool:
        since_last_90k, self._last_90k = pts_90k - self._last_90k, pts_90k
        if self._due_90k is None or abs(pts_90k - self._due_90k) > 20 * self._period_90k + 90_000:
            self._due_90k = pts_90k
        slack_90k = min(_MOST_SLACK * self._period_90k, abs(since_last_90k) / 2)
        if pts_90k < self._due_90k - slack_90k:
            return False
        self._due_90k = max(self._due_90k, pts_90k - self._period_90k) + self._period_90k
        return True
