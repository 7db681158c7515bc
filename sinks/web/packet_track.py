"""A camera's packets as aiortc takes them."""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from pipeline.core.packet import Packet
from sinks.web.fanout import FanOut

CATCH_UP_BYTES_PER_S = 4e6
"""A cached GOP leaves no faster than this: a burst of a megabyte overruns the receiver's socket."""
_TIME_BASE = Fraction(1, 90_000)


class PacketTrack(MediaStreamTrack):
    """Gives aiortc compressed packets, which it then only packetises.

    `sent` is told the pts of a packet that has left, except while the viewer is catching up: the pts of those
    packets are not their own.
    """

    kind = "video"

    def __init__(self, fanout: FanOut, sent: Callable[[int], None]) -> None:
        super().__init__()
        self._fanout = fanout
        self._queue = fanout.join()
        self._sent = sent
        self._last_pts_90k: int | None = None
        self._rest_s = 0.0

    async def recv(self) -> "av.Packet[Any]":
        """Called again once the packet before has been sent."""
        if self._last_pts_90k is None:
            self._fanout.restart(self._queue)  # what came while the connection was made is old by now
        elif not self._queue.behind:
            self._sent(self._last_pts_90k)
        if self._rest_s:
            await asyncio.sleep(self._rest_s)
        packet = await self._queue.get()
        if packet is None:
            raise MediaStreamError
        self._rest_s = len(packet.data) / CATCH_UP_BYTES_PER_S if self._queue.behind else 0.0
        self._last_pts_90k = packet.pts_90k
        return _av_packet(packet)

    def restart(self) -> None:
        self._fanout.restart(self._queue)

    def stop(self) -> None:
        self._fanout.leave(self._queue)
        super().stop()


def _av_packet(packet: Packet) -> "av.Packet[Any]":
    passed_on = av.Packet(packet.data)
    passed_on.pts = packet.pts_90k
    passed_on.time_base = _TIME_BASE
    return passed_on
