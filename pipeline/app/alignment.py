"""Two streams of one camera on one clock: boxes measured on one are drawn on the other."""

from pipeline.core.packet import Packet, StreamInfo

LONGEST_APART_S = 5.0
"""Two streams of a camera are never so far apart: where its own clock says so, each has a clock of its own."""


class Alignment:
    """Says which pts the stream on show has at the moment of a picture of the one that is analysed.

    By the camera's own clock where both streams tell it (RTCP sender reports): that is exact, however long either is
    on its way. Else by capture times, which agree as well as the two delays do.
    """

    def __init__(self) -> None:
        self.analysed = Course()
        self.shown = Course()

    def pts_90k(self, analysed_pts_90k: int, captured_at: float) -> int | None:
        """None while the stream on show is not there."""
        by_arrival = self.shown.at_capture_time(captured_at)
        camera_time = self.analysed.camera_time(analysed_pts_90k)
        by_camera = None if camera_time is None else self.shown.at_camera_time(camera_time)
        if by_arrival is None or by_camera is None:
            return by_arrival
        return by_camera if abs(by_camera - by_arrival) <= LONGEST_APART_S * 90_000 else by_arrival


class Course:
    """How one stream's pts go with the clocks; its PacketConsumer, read from any thread."""

    patient = True

    def __init__(self) -> None:
        self._latest: Packet | None = None
        self._timed: tuple[int, float] | None = None
        """pts and the camera's own time of the latest packet that told it."""

    def stream_opened(self, info: StreamInfo) -> None:
        """What was known of the capture times goes on: pts do too."""
        self._timed = None

    def packet(self, packet: Packet) -> None:
        self._latest = packet
        if packet.camera_time is not None:
            self._timed = packet.pts_90k, packet.camera_time

    def stream_lost(self) -> None:
        self._latest = self._timed = None

    def at_capture_time(self, captured_at: float) -> int | None:
        """None while the stream is not there."""
        latest = self._latest
        return None if latest is None else latest.pts_90k + round((captured_at - latest.captured_at) * 90_000)

    def at_camera_time(self, camera_time: float) -> int | None:
        """None where the stream does not tell it."""
        timed = self._timed
        return None if timed is None else timed[0] + round((camera_time - timed[1]) * 90_000)

    def camera_time(self, pts_90k: int) -> float | None:
        timed = self._timed
        return None if timed is None else timed[1] + (pts_90k - timed[0]) / 90_000
