"""A WebSocket client that is let in or not, and as slow as a test wants it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response


class WebSocketClient:
    """`status` and `headers` are the server's answer; `body` is there where it refused."""

    def __init__(self, answer: Response, connection: ClientConnection | None = None) -> None:
        self.status = answer.status_code
        self.headers = {name.lower(): value for name, value in answer.headers.raw_items()}
        self.body = answer.body or b""
        self._connection = connection

    async def message(self) -> bytes | dict[str, Any]:
        """Video, or a text's JSON; raises EOFError with the code when the server has closed it."""
        try:
            async with asyncio.timeout(20):
                told = await self._opened.recv()
        except ConnectionClosed as closed:
            raise EOFError(closed.rcvd.code if closed.rcvd else "no code") from closed
        if isinstance(told, bytes):
            return told
        message: dict[str, Any] = json.loads(told)
        return message

    async def say(self, text: str) -> None:
        await self._opened.send(text)

    async def close(self) -> None:
        await self._opened.close()

    @property
    def _opened(self) -> ClientConnection:
        assert self._connection, f"refused: {self.status} {self.body!r}"
        return self._connection


@asynccontextmanager
async def websocket(url: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[WebSocketClient]:
    """Asks for `url` (http://…) as a WebSocket, whatever the answer; reads no further ahead than it is asked to."""
    try:
        connection = await connect(
            url.replace("http", "ws", 1),
            additional_headers=headers,
            max_queue=1,
            max_size=None,
            ping_interval=None,
            close_timeout=1,
        )
    except InvalidStatus as refused:
        yield WebSocketClient(refused.response)
        return
    assert connection.response
    try:
        yield WebSocketClient(connection.response, connection)
    finally:
        connection.transport.abort()
