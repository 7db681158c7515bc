"""A line that loses packets: a UDP relay in front of a server, which drops a share of what comes back."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_VIDEO_BYTES = 400
"""Smaller datagrams are not lost: connections are made, and only video suffers."""

Address = tuple[str, int]


class LossyLine(asyncio.DatagramProtocol):
    """Every client has a way of its own to `server`; `loss` is the share of large datagrams that does not come back."""

    def __init__(self, server: Address) -> None:
        self.loss = 0.0
        self.dropped = 0
        self._server = server
        self._random = random.Random(3)
        self._clients: dict[Address, asyncio.Future[_Way]] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, client: Address) -> None:
        if client not in self._clients:
            self._clients[client] = asyncio.ensure_future(self._way_of(client))
        self._clients[client].add_done_callback(lambda way: way.result().send(data))

    def comes_back(self, data: bytes, client: Address) -> None:
        if len(data) > _VIDEO_BYTES and self._random.random() < self.loss:
            self.dropped += 1
        elif self._transport is not None:
            self._transport.sendto(data, client)

    async def _way_of(self, client: Address) -> "_Way":
        loop = asyncio.get_running_loop()
        _, way = await loop.create_datagram_endpoint(lambda: _Way(self, client), remote_addr=self._server)
        return way

    async def close(self) -> None:
        for way in await asyncio.gather(*self._clients.values()):
            way.close()
        if self._transport is not None:
            self._transport.close()


class _Way(asyncio.DatagramProtocol):
    def __init__(self, line: LossyLine, client: Address) -> None:
        self._line = line
        self._client = client
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, _: Address) -> None:
        self._line.comes_back(data, self._client)

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def lossy_line(server_port: int) -> AsyncIterator[tuple[LossyLine, int]]:
    """A line to that port of loopback, and the port where it begins."""
    loop = asyncio.get_running_loop()
    transport, line = await loop.create_datagram_endpoint(
        lambda: LossyLine(("127.0.0.1", server_port)), local_addr=("127.0.0.1", 0)
    )
    try:
        yield line, transport.get_extra_info("sockname")[1]
    finally:
        await line.close()
