"""Cameras that speak RTSP."""

from collections.abc import Callable, Iterator
from typing import Literal

from pipeline.core import options
from pipeline.core.address import Address
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.packet import Packet, SoundPacket, StreamInfo
from sources.reader import LIVE_OPTIONS, Reader


class Rtsp:
    """Video over TCP unless told otherwise; user and password are part of the address."""

    realtime = True

    class Options(options.Options):
        path: Address
        """`rtsp://user:password@host:port/path`."""
        transport: Literal["tcp", "udp"] = "tcp"
        """UDP loses packets where TCP waits; some cameras speak only one of them."""

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.keeps = options.transport == "tcp"
        self._reader = Reader(
            options.path.get_secret_value(),
            clock or SystemClock(),
            options={**LIVE_OPTIONS, "rtsp_transport": options.transport},
            one_clock=False,
        )

    def listen(self, heard: Callable[[SoundPacket], None]) -> None:
        self._reader.listen(heard)

    def open(self) -> StreamInfo:
        return self._reader.open()

    def packets(self) -> Iterator[Packet]:
        yield from self._reader.endless_packets()

    def close(self) -> None:
        self._reader.close()
