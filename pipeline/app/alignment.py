"""Two streams of one camera on one clock: boxes measured on one are drawn on the other."""

from pipeline.core.packet import Packet, StreamInfo


class Alignment:
    """Says which pts a stream has at a time of capture; a PacketConsumer of that stream.

    Both streams' capture times are anchored to the same clock, so they agree as well as their delays do.
    """

    def __init__(self) -> None:
        self._latest: Packet | None = None

    def stream_opened(self, info: StreamInfo) -> None:
        """What was known of the stream before goes on: pts do too."""

    def packet(self, packet: Packet) -> None:
        self._latest = packet

    def stream_lost(self) -> None:
        self._latest = None

    def pts_90k(self, captured_at: float) -> int | None:
        """None while the stream is not there."""
        latest = self._latest
        if latest is None:
            return None
        return latest.pts_90k + round((captured_at - latest.captured_at) * 90_000)
