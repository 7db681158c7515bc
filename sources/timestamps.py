"""Times of one stream, put on 90 kHz ticks that begin where they are told to."""

BACKWARDS_90K = 90_000
"""A step back by more than this is a new beginning, a smaller one is disorder."""


class Timestamps:
    """Places access units in time: none without a time, decoding never backwards, picture never before decoding.

    `step_90k` is the nominal distance of two frames, for those that come without times. `reorder_frames` is how
    many frames a picture may wait in the decoder. The first dts is `begin_90k`.
    """

    def __init__(self, step_90k: int, *, reorder_frames: int = 0, begin_90k: int = 0) -> None:
        self.next_90k = begin_90k
        """Where the next unit is expected, so where a stream that follows without a gap begins."""
        self._step = step_90k
        self._delay = reorder_frames * step_90k
        self.shift_90k: int | None = None
        """From the stream's own times to these; None before the first that has one."""
        self._last = begin_90k - 1

    def place(self, pts_90k: int | None, dts_90k: int | None) -> tuple[int, int]:
        """(pts, dts) of the next unit in decoding order, from what the stream says of it."""
        if dts_90k is None and pts_90k is not None and not self._delay:
            dts_90k = pts_90k
        dts = max(self._last + 1, self._expected(pts_90k, dts_90k))
        pts = dts if pts_90k is None or self.shift_90k is None else max(dts, pts_90k + self.shift_90k)
        self._last, self.next_90k = dts, dts + self._step
        return pts, dts

    def _expected(self, pts_90k: int | None, dts_90k: int | None) -> int:
        told = dts_90k if dts_90k is not None else None if pts_90k is None else pts_90k - self._delay
        if told is None:
            return self.next_90k
        if self.shift_90k is None or told + self.shift_90k < self._last - BACKWARDS_90K:
            self.shift_90k = self.next_90k - told
        return told + self.shift_90k if dts_90k is not None else self.next_90k
