"""The times of an input's packets, over all its connections."""

import msgspec

from pipeline.core.clock import Clock
from pipeline.core.packet import Packet, SoundPacket
from pipeline.media.anchor import ClockAnchor
from pipeline.media.timeline import Timeline


class Stamps:
    """Puts pts and dts that go on, and the time of capture, on the packets of one source after the other.

    A realtime stream is anchored to the clock. Any other plays faster or slower than it was filmed: its time
    begins where its first packet says and goes on as its pts do.
    """

    def __init__(self, clock: Clock) -> None:
        self._timeline = Timeline()
        self._anchor = ClockAnchor(clock)
        self._realtime = True
        self._zero_at: float | None = None
        """UTC seconds of pts 0 where the stream is not realtime."""

    def begin(self, *, realtime: bool) -> None:
        """A source was opened."""
        self._realtime = realtime
        self._timeline.begin(realtime=realtime)

    def stamp(self, packet: Packet, arrived: float) -> Packet:
        """`arrived` is monotonic seconds."""
        place = self._timeline.place(packet.pts_90k, packet.dts_90k, arrived)
        if place.resumed:
            self._anchor.restart()
        if self._zero_at is None:
            self._zero_at = packet.captured_at - place.pts_90k / 90_000
        at = (
            self._anchor.captured_at(place.pts_90k, arrived)
            if self._realtime
            else place.pts_90k / 90_000 + self._zero_at
        )
        return msgspec.structs.replace(packet, pts_90k=place.pts_90k, dts_90k=place.dts_90k, captured_at=at)

    def beside(self, sound: SoundPacket) -> SoundPacket | None:
        """With the shift of the pictures that it came with; None where it is of another time."""
        pts_90k = self._timeline.beside(sound.pts_90k)
        return None if pts_90k is None else SoundPacket(sound.data, pts_90k)
