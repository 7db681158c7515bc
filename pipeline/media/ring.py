"""The last seconds of a stream, for pre-roll and for viewers that come late."""

import logging
from collections import deque
from threading import Lock

from pipeline.core.packet import Packet

log = logging.getLogger(__name__)

MEBIBYTE = 2**20


class Ring:
    """The packets of the last `seconds`, never more than `max_bytes`; always begins at a key frame.

    Whole GOPs leave at the old end, so that it reaches back `seconds` and at most one GOP more, and holds the
    newest GOP however long that is. A GOP that is larger than `max_bytes` all by itself cannot be held: the
    ring is empty then until the next key frame, and `skipped` counts the packets it let go for that.
    Safe from any thread.
    """

    def __init__(self, seconds: float = 10.0, max_bytes: int = 64 * MEBIBYTE) -> None:
        self.seconds = seconds
        self.max_bytes = max_bytes
        self.skipped = 0
        self._lock = Lock()
        self._gops: deque[list[Packet]] = deque()
        self._bytes = 0
        self._oversized = False

    def append(self, packet: Packet) -> None:
        """Packets before the first key frame are not held: nobody could decode them."""
        with self._lock:
            if packet.keyframe:
                self._oversized = False
                self._gops.append([])
            if self._gops:
                self._gops[-1].append(packet)
                self._bytes += len(packet.data)
                self._forget_what_is_too_much(packet.captured_at)
            elif self._oversized:
                self.skipped += 1

    def gop(self) -> list[Packet]:
        """The packets since the last key frame, that one included."""
        with self._lock:
            return list(self._gops[-1]) if self._gops else []

    def since(self, captured_at: float) -> list[Packet]:
        """From the last key frame at or before `captured_at` (UTC seconds), or from the oldest one there is."""
        with self._lock:
            start = max((i for i, gop in enumerate(self._gops) if gop[0].captured_at <= captured_at), default=0)
            return [packet for gop in list(self._gops)[start:] for packet in gop]

    def clear(self) -> None:
        with self._lock:
            self._gops.clear()
            self._bytes = 0
            self._oversized = False

    @property
    def size_bytes(self) -> int:
        return self._bytes

    def __len__(self) -> int:
        with self._lock:
            return sum(len(gop) for gop in self._gops)

    def _forget_what_is_too_much(self, now: float) -> None:
        while len(self._gops) > 1 and (
            self._bytes > self.max_bytes or now - self._gops[1][0].captured_at >= self.seconds
        ):
            self._bytes -= sum(len(packet.data) for packet in self._gops.popleft())
        if self._bytes > self.max_bytes:
            self._let_go_of_an_oversized_gop()

    def _let_go_of_an_oversized_gop(self) -> None:
        if not self.skipped:
            log.warning("a group of pictures is larger than %d bytes and is not kept", self.max_bytes)
        self.skipped += len(self._gops.pop())
        self._bytes = 0
        self._oversized = True
