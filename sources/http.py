"""Video over HTTP: MJPEG cameras, live streams, and files on a server."""

from collections.abc import Callable, Iterator

from pipeline.core import options
from pipeline.core.address import Address
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.packet import Packet, SoundPacket, StreamInfo
from sources.pace import at_their_time
from sources.reader import LIVE_OPTIONS, Reader


class Http:
    """Passes H.264 and H.265 through; MJPEG is encoded once. What has a known end plays like a file, then ends."""

    realtime = True

    class Options(options.Options):
        path: Address
        """`http://user:password@host:port/path`, or https."""

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._reader = Reader(options.path.get_secret_value(), self._clock, options=LIVE_OPTIONS)

    def listen(self, heard: Callable[[SoundPacket], None]) -> None:
        self._reader.listen(heard)

    def open(self) -> StreamInfo:
        return self._reader.open()

    def packets(self) -> Iterator[Packet]:
        if self._reader.duration_s is not None:
            yield from at_their_time(self._reader.packets(), self._clock, self._reader.closed)
            return
        yield from self._reader.endless_packets()

    def close(self) -> None:
        self._reader.close()
