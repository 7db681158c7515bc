"""Sound and pictures of an RTSP camera that does not say how their clocks go together."""

from dataclasses import dataclass, field
from typing import Any

import av

from pipeline.core.clock import Clock

APART_S = 0.5
"""What comes further apart was not taken at the same time; less is the way that each of them takes."""
BELIEVED_S = 1.5
"""Reports that put sound further from its pictures than this are wrong: some cameras have a clock for each."""
_SURE_AFTER_S = 1.0
_WINDOW_S = 10.0
_BACKWARDS_S = 0.1


class Skew:
    """How far the times of sound are before those of its pictures, told by when both come.

    Both clocks begin with the first packet of their own where no RTCP sender report and no RTP-Info tells otherwise:
    those may be seconds apart, since pictures begin at a key frame. What reports tell is believed; else both
    are taken to be on their way for the same time, told by the smallest delay of the last seconds. For one thread.
    """

    def __init__(self, clock: Clock) -> None:
        self.shift_90k = 0
        """To be added to the times of sound."""
        self._clock = clock
        self._pictures = _Course()
        self._sound = _Course()

    def picture(self, packet: "av.Packet[Any]") -> None:
        self._add(packet, self._pictures)

    def sound(self, packet: "av.Packet[Any]") -> None:
        self._add(packet, self._sound)
        told = self._told()
        if told is not None and abs(told - self.shift_90k / 90_000) > APART_S:
            self.shift_90k = round(told * 90_000) if abs(told) > APART_S else 0

    def _add(self, packet: "av.Packet[Any]", course: "_Course") -> None:
        ticks = packet.pts if packet.dts is None else packet.dts
        if ticks is not None and packet.time_base is not None:
            reported = packet.has_sidedata("prft")
            course.add(float(ticks * packet.time_base), self._clock.monotonic(), reported=reported)

    def _told(self) -> float | None:
        if not (self._pictures.is_sure and self._sound.is_sure):
            return None
        told = self._sound.delay_s - self._pictures.delay_s
        is_reported = self._pictures.reported and self._sound.reported
        return 0.0 if is_reported and abs(told) < BELIEVED_S else told


@dataclass(slots=True)
class _Course:
    """How a stream's own clock and the time of arrival go together."""

    reported: bool = False
    _since: float | None = None
    _latest_s: float = float("-inf")
    _arrived: float = 0.0
    _smallest: list[float] = field(default_factory=lambda: [float("inf"), float("inf")])
    """Of this window and of the one before."""
    _window_since: float = 0.0

    @property
    def is_sure(self) -> bool:
        return self._since is not None and self._arrived - self._since >= _SURE_AFTER_S

    @property
    def delay_s(self) -> float:
        return min(self._smallest)

    def add(self, at_s: float, arrived: float, *, reported: bool) -> None:
        if at_s < self._latest_s - _BACKWARDS_S or self._since is None:
            self._since = self._window_since = arrived
            self._smallest = [float("inf"), float("inf")]
        if arrived - self._window_since > _WINDOW_S:
            self._window_since = arrived
            self._smallest = [float("inf"), self._smallest[0]]
        self._smallest[0] = min(self._smallest[0], arrived - at_s)
        self._latest_s, self._arrived, self.reported = at_s, arrived, reported
