"""The web server: one application over the running system, and the socket that it listens on."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry

from pipeline.core.clock import SystemClock
from pipeline.core.errors import FramewatchError, Problem
from pipeline.core.links import EventLinks
from pipeline.core.status import RunningSystem
from sinks.web.attempts import Attempts
from sinks.web.auth import Gate, Token
from sinks.web.cameras import cameras_router
from sinks.web.closing import Closing
from sinks.web.config import config_router
from sinks.web.event_files import MediaPath, event_files_router
from sinks.web.event_link import ClipOf, LinkedEvents, event_link_router, no_clip
from sinks.web.event_overview import event_overview_router
from sinks.web.events import events_router
from sinks.web.health import health_router
from sinks.web.login import login_router
from sinks.web.models import models_router
from sinks.web.openapi import describe
from sinks.web.page import STATIC, Files, page_router
from sinks.web.places import Places
from sinks.web.problems import answer_errors_as_problems
from sinks.web.protocols import EventReader
from sinks.web.security_headers import SecurityHeaders

log = logging.getLogger(__name__)

WEBSOCKET_MESSAGE_BYTES = 64 << 10
"""A client that sends more is not one of ours."""
WEBSOCKET_PING_TIMEOUT_S = 60.0
"""On a slow line a ping comes after all the video that is on its way."""


def create_app(
    system: RunningSystem,
    store: EventReader,
    *,
    metrics: CollectorRegistry,
    auth_token: str | None,
    version: str,
    validate_config: Callable[[str], Sequence[Problem]],
    config_schema: Callable[[], dict[str, Any]],
    places: Places,
    snapshot_path: MediaPath,
    clip_of: ClipOf = no_clip,
    event_links: EventLinks | None = None,
    routers: Sequence[APIRouter] = (),
) -> FastAPI:
    """The API and the page. Without `auth_token` it answers to names of this machine alone.

    `places` are for those who watch moving pictures; `event_links` open single events to whoever has one.
    `routers` are others' (WHEP, MSE); they stand behind the same gate.
    """
    app = FastAPI(title="Framewatch", version=version, docs_url=None, redoc_url=None)
    app.state.closing = closing = Closing()
    token = None if auth_token is None else Token(auth_token, Attempts(SystemClock()))
    app.include_router(health_router(system, metrics, version))
    app.include_router(cameras_router(system, closing, places))
    app.include_router(models_router(system))
    app.include_router(event_overview_router(store))  # before the events: none of them has such an id
    app.include_router(events_router(system, store, closing))
    app.include_router(event_files_router(store, snapshot_path))
    if event_links is not None:
        app.include_router(event_link_router(LinkedEvents(event_links, store, snapshot_path, clip_of), system))
    app.include_router(config_router(validate_config, config_schema))
    app.include_router(page_router(version, token_needed=token is not None))
    if token is not None:
        app.include_router(login_router(token))
    for router in routers:
        app.include_router(router)
    app.mount("/static", Files(directory=STATIC), name="static")
    answer_errors_as_problems(app)
    describe(app, token_needed=token is not None)
    app.add_middleware(Gate, token=token)
    app.add_middleware(SecurityHeaders)  # added last: outermost
    return app


class WebServer:
    """Serves an application on this event loop until it is stopped; signals stay the caller's."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        """Port 0 takes a free one, which `port` names after `start`."""
        self.host = host
        self.port = port
        self._closing: Closing = app.state.closing
        config = uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=WEBSOCKET_MESSAGE_BYTES,
            ws_ping_timeout=WEBSOCKET_PING_TIMEOUT_S,
            ws_per_message_deflate=False,  # video does not get smaller
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Returns once requests are answered; raises FramewatchError where the address cannot be had."""
        listening = _listen(self.host, self.port)
        self.port = listening.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]), name="web server")
        await self._server.ready.wait()

    async def stop(self) -> None:
        """Ends within 2 s, whoever is connected; idempotent."""
        if self._task is None:
            return
        self._closing.begin()
        self._server.should_exit = True
        _, unfinished = await asyncio.wait([self._task], timeout=0.7)
        if unfinished:
            self._server.abort_connections()
        await self._task
        self._task = None


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    def abort_connections(self) -> None:
        """Drops clients that do not take what they are sent; their answers end by that."""
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise FramewatchError(_why_not(host, port, error)) from error
    listening.setblocking(False)
    return listening


def _why_not(host: str, port: int, error: OSError) -> str:
    place = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return f"{place} is in use by another program; stop that one, or set server.port to another (say {port + 1})"
    if error.errno == errno.EACCES:
        return f"{place} is not allowed for this user; set server.port to one above 1023 (say 8080)"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is no address of this machine; set server.host to one (127.0.0.1, or 0.0.0.0 for all)"
    return f"cannot listen on {place}: {error.strerror}"
