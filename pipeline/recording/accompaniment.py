"""Sound that belongs to groups of pictures: it comes a little before or after them."""

from collections import deque
from dataclasses import replace

from pipeline.core.packet import SoundPacket
from pipeline.recording.gop import Gop

PATIENCE_90K = 2 * 90_000
"""So much further the pictures go before a group no longer waits for its sound."""
_MOST_UNITS = 8192


class Accompaniment:
    """For one thread. Groups leave in the order in which they came; times are as in the packets."""

    def __init__(self) -> None:
        self._waiting: deque[Gop] = deque()
        self._sound: deque[SoundPacket] = deque(maxlen=_MOST_UNITS)
        self._heard_90k = -1
        self._shown_90k = -1

    def hear(self, packet: SoundPacket) -> None:
        self._sound.append(packet)
        self._heard_90k = packet.pts_90k

    def show(self, gop: Gop | None, now_90k: int) -> None:
        """How far the pictures are, and the group that has come to its end by that."""
        self._shown_90k = now_90k
        if gop:
            self._waiting.append(gop)

    def ready(self) -> list[Gop]:
        """Those that need not wait any longer."""
        done: list[Gop] = []
        while self._waiting and max(self._heard_90k, self._shown_90k - PATIENCE_90K) >= self._waiting[0].end_90k:
            done.append(self._next())
        return done

    def rest(self) -> list[Gop]:
        """All of them, with what there is for them."""
        return [self._next() for _ in range(len(self._waiting))]

    def _next(self) -> Gop:
        """With its sound; what begins earlier has come too late for its own group."""
        gop = self._waiting.popleft()
        found: list[SoundPacket] = []
        while self._sound and self._sound[0].pts_90k < gop.end_90k:
            found.append(self._sound.popleft())
        return replace(gop, sound=[packet for packet in found if packet.pts_90k >= gop.begin_90k])
