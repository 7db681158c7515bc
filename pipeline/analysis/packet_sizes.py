"""What the sizes of packets tell."""

SUDDEN = 2.0
"""So many times the largest of late: noise and rate control stay below it."""
IN_A_ROW = 2
FADES = 0.995
"""Of the largest size, from one packet to the next: after five seconds at 25 a second half of it counts."""
LEAST_BYTES_A_PIXEL = 0.004
"""A still picture without noise takes a few bytes, and twice as many say nothing."""
ENOUGH = 25
"""Packets until it is known what is usual."""


class PacketSizes:
    """Notices when what comes between key frames grows suddenly, as it does when much moves at once.

    It is a hint that comes sooner than the next key frame, and no more: at a constant bit rate, or in a noisy
    picture, packets say nothing.
    """

    def __init__(self, pixels: int) -> None:
        self._least = LEAST_BYTES_A_PIXEL * pixels
        self._largest = 0.0
        self._known = 0
        self._in_a_row = 0

    def grew(self, size: int) -> bool:
        """Whether this packet, no key frame, is the second in a row that is far larger than those of late."""
        is_sudden = self._known >= ENOUGH and size > max(self._least, SUDDEN * self._largest)
        self._in_a_row = self._in_a_row + 1 if is_sudden else 0
        grew = self._in_a_row >= IN_A_ROW
        if not is_sudden or grew:
            self._known += 1
            self._largest = max(float(size), self._largest * FADES)
        return grew
