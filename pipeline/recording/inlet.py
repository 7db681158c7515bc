"""Where packets wait for the disk."""

from collections import deque
from threading import Condition

from pipeline.core.packet import Packet, SoundPacket, StreamInfo

MOST_BYTES = 32 * 2**20
MOST_PACKETS = 3000


class Lost:
    """Between what came before and what comes after something is missing."""


Waiting = StreamInfo | Packet | SoundPacket | Lost


class Inlet:
    """A PacketConsumer that never makes the stream wait: where there is no room, all up to a key frame is refused.

    What waits already stays: it is older, and whole. `dropped` counts what was refused.
    """

    patient = True

    def __init__(self, *, most_bytes: int = MOST_BYTES, most_packets: int = MOST_PACKETS) -> None:
        self.dropped = 0
        self._most_bytes = most_bytes
        self._most_packets = most_packets
        self._waiting: deque[Waiting] = deque()
        self._bytes = 0
        self._refusing = False
        self._changed = Condition()

    def stream_opened(self, info: StreamInfo) -> None:
        self._put(info)

    def stream_lost(self) -> None:
        self._put(Lost())

    def packet(self, packet: Packet) -> None:
        if self._has_room(packet) and (packet.keyframe or not self._refusing):
            self._refusing = False
            self._put(packet)
            return
        if not self._refusing:
            self._refusing = True
            self._put(Lost())
        self.dropped += 1

    def sound(self, packet: SoundPacket) -> None:
        """Left out without more ado while there is no room: it has its time, and silence takes its place."""
        if not self._refusing and self._has_room(packet):
            self._put(packet)

    def get(self, timeout_s: float) -> Waiting | None:
        """The oldest; None where nothing came in that time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting, timeout_s):
                return None
            item = self._waiting.popleft()
            if isinstance(item, Packet | SoundPacket):
                self._bytes -= len(item.data)
            return item

    def _has_room(self, packet: Packet | SoundPacket) -> bool:
        return self._bytes + len(packet.data) <= self._most_bytes and len(self._waiting) < self._most_packets

    def _put(self, item: Waiting) -> None:
        with self._changed:
            self._waiting.append(item)
            if isinstance(item, Packet | SoundPacket):
                self._bytes += len(item.data)
            self._changed.notify()
