"""A real HTTP server that takes alerts, for tests."""

import asyncio
import json
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn


@dataclass
class Receiver:
    """`statuses` are answered one a request, then 200; `answers` is cleared to make it hang."""

    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    bodies: list[Any] = field(default_factory=list)
    """Those that are JSON, read; `raw` has all as they came."""
    raw: list[bytes] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    seen_headers: list[dict[str, str]] = field(default_factory=list)
    requests: int = 0
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    def __post_init__(self) -> None:
        self.answers.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def start(self) -> None:
        """On the port of the first start, a free one at first."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(self._app, lifespan="off", log_level="critical", ws="none", interface="asgi3")
        self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        self.answers.set()
        self._server.should_exit = True
        await self._task

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.requests += 1
        await self.answers.wait()
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.methods.append(scope["method"])
            self.raw.append(body)
            with suppress(ValueError):
                self.bodies.append(json.loads(body))
            self.seen_headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"thank you"})
