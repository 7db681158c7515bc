"""Which decoded frames are analysed."""

from math import ceil

_MOST_SLACK = 0.25
_FORGETS = 0.9


class Sampler:
    """Lets through at most `fps` frames a second of stream time, evenly; fewer where it is told so for a frame.

    Cameras jitter: a frame that comes early counts when the next one would be further off, up to a quarter of
    a period.
    """

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._due_90k: float | None = None
        self._last_90k = 0
        self._taken_90k = 0
        self._wanted_90k = 0.0
        self._gap_90k = 0.0
        """Between two frames, as it has been of late; rather too long than too short."""

    def takes(self, pts_90k: int, fps: float | None = None) -> bool:
        """Whether the frame is one of those; `fps` counts for now where it is given."""
        period_90k = 90_000 / (fps or self._fps)
        since_last_90k, self._last_90k = pts_90k - self._last_90k, pts_90k
        if self._due_90k is None or abs(pts_90k - self._due_90k) > 20 * period_90k + 90_000:
            self._due_90k = pts_90k
        self._due_90k = min(self._due_90k, max(pts_90k, self._taken_90k + period_90k))
        slack_90k = min(_MOST_SLACK * period_90k, abs(since_last_90k) / 2)
        self._gap_90k = max(abs(since_last_90k), _FORGETS * self._gap_90k)
        is_taken = pts_90k >= self._due_90k - slack_90k
        if is_taken:
            self._due_90k = max(self._due_90k, pts_90k - period_90k) + period_90k
            self._taken_90k = pts_90k
        self._wanted_90k = self._due_90k - slack_90k
        return is_taken

    @property
    def frames_until_due(self) -> int:
        """The how manieth from now will be let through, if they go on as they come; rather too few than too many."""
        ahead_90k = self._wanted_90k - self._last_90k
        return max(1, ceil(ahead_90k / self._gap_90k)) if self._gap_90k > 0 else 1
