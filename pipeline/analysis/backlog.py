"""Packets that were not decoded, should they be needed after all."""

from collections import deque

from pipeline.core.packet import Packet

MEBIBYTE = 2**20
MOST_BYTES = 64 * MEBIBYTE
MOST_PACKETS = 4000
MOST_S = 25.0
"""Two groups of pictures of the longest kind that is waited for, and some."""


class Backlog:
    """A line of packets that begins at a key frame, bounded in bytes, packets and seconds. For one thread.

    What does not fit costs everything before the newest key frame: whoever is that far behind would not catch up
    with a little less either.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, most_packets: int = MOST_PACKETS, most_s: float = MOST_S) -> None:
        self.lost = 0
        """Packets that could not be kept."""
        self._most_bytes = most_bytes
        self._most_packets = most_packets
        self._most_s = most_s
        self._packets: deque[Packet] = deque()
        self._bytes = 0

    @property
    def seconds(self) -> float:
        """From its first packet to its last."""
        return self._packets[-1].captured_at - self._packets[0].captured_at if self._packets else 0.0

    @property
    def fullness(self) -> float:
        """1 where nothing more fits."""
        share_of_bytes, share_of_packets = self._bytes / self._most_bytes, len(self._packets) / self._most_packets
        return max(share_of_bytes, share_of_packets, self.seconds / self._most_s)

    def append(self, packet: Packet) -> bool:
        """False where others were lost for it, and perhaps itself: what follows begins at a key frame."""
        self._packets.append(packet)
        self._bytes += len(packet.data)
        if self.fullness <= 1:
            return True
        newest = max((at for at, kept in enumerate(self._packets) if kept.keyframe), default=0)
        for _ in range(newest or len(self._packets)):
            self.next()
            self.lost += 1
        return False

    def next(self) -> Packet:
        """Takes the oldest; raises IndexError where there is none."""
        packet = self._packets.popleft()
        self._bytes -= len(packet.data)
        return packet

    def clear(self) -> None:
        self._packets.clear()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._packets)
