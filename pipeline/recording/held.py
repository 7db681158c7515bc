"""Groups of pictures that nobody has wanted so far, but might: what came before an event."""

from collections import deque
from collections.abc import Callable

from pipeline.recording.gop import Gop

MOST_BYTES = 64 * 2**20


class Held:
    """In the order of time, never more than `most_bytes`, and of the last `seconds`; for one thread."""

    def __init__(self, seconds: float, most_bytes: int = MOST_BYTES) -> None:
        self.seconds = seconds
        self._most_bytes = most_bytes
        self._gops: deque[Gop] = deque()
        self._bytes = 0

    def add(self, gop: Gop) -> None:
        self._gops.append(gop)
        self._bytes += gop.bytes

    def let_go(self) -> list[Gop]:
        """What is too old or too much; the newest stays in any case."""
        gone = []
        while len(self._gops) > 1 and (
            self._bytes > self._most_bytes or self._gops[0].ended_at < self._gops[-1].ended_at - self.seconds
        ):
            gone.append(self._gops.popleft())
            self._bytes -= gone[-1].bytes
        return gone

    def take(self, write: Callable[[Gop], bool]) -> None:
        """Hands over each of them in turn, and holds no longer what `write` took."""
        kept: deque[Gop] = deque()
        try:
            while self._gops:
                if not write(self._gops[0]):
                    kept.append(self._gops[0])
                self._gops.popleft()
        finally:
            self._gops.extendleft(reversed(kept))
            self._bytes = sum(gop.bytes for gop in self._gops)
