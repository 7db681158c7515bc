"""Live video over a WebSocket, for browsers that WebRTC does not reach: fragmented MP4 for Media Source Extensions."""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from av import FFmpegError
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from pipeline.core.status import LiveView
from sinks.web.audience import Audience, Size, View, shown_view
from sinks.web.fanout import FanOut
from sinks.web.fragments import Fragmenter
from sinks.web.objects_feed import ObjectsFeed, StreamMessage, encode, send
from sinks.web.openapi import problem
from sinks.web.problems import ProblemResponse

log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 10.0
"""A viewer that takes nothing for so long has gone, or might as well."""
CLOSE_TIMEOUT_S = 1.0

_ANSWERS: dict[int | str, dict[str, Any]] = {
    404: problem("There is no such camera"),
    426: problem("All is well, but this is a WebSocket"),
    503: problem("The camera is not online, or there are enough viewers"),
}


class InitMessage(msgspec.Struct, tag="init", tag_field="type", frozen=True):
    """Comes before each initialisation segment: media time 0 is `pts_90k`, and every second has 90,000 of them."""

    codecs: str
    pts_90k: int
    view: LiveView


class MseViewer:
    """One WebSocket, on the event loop: binary messages are video, texts are what WHEP's data channel carries.

    A viewer that is slow loses video up to a key frame (its queue counts that), and objects.
    """

    def __init__(
        self,
        camera: str,
        view: LiveView,
        *,
        websocket: WebSocket,
        fanout: FanOut,
        feed: ObjectsFeed | None,
        ended: Callable[["MseViewer"], None],
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.camera = camera
        self.view = view
        self.readyState = "connecting"
        """A data channel's word, as `objects_feed.Channel` wants it: objects follow the first picture."""
        self.bufferedAmount = 0
        self._websocket = websocket
        self._fanout = fanout
        self._queue = fanout.join()
        self._feed = feed
        self._ended: Callable[[MseViewer], None] | None = ended
        self._fragmenter = Fragmenter()
        self._texts: deque[str] = deque()
        self._text_added = asyncio.Event()
        self._closed = asyncio.Event()

    async def run(self) -> None:
        """Returns when either side has ended it; the socket is closed then."""
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._websocket.accept()
            if self._feed is not None:
                self._feed.join(self)
            parts = (self._send_video, self._send_texts, self._until_it_leaves)
            tasks = [asyncio.create_task(part()) for part in parts]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.end()
            for task in tasks:
                task.cancel()
            self._tell_of_failure(await asyncio.gather(*tasks, return_exceptions=True))
            await self._say_goodbye()
            self._closed.set()

    def tell_online(self, online: bool) -> None:
        send(self, encode(StreamMessage(online)))

    def send(self, data: str) -> None:
        self._texts.append(data)
        self.bufferedAmount += len(data)
        self._text_added.set()

    def end(self) -> None:
        """Idempotent."""
        if self._ended is None:
            return
        ended, self._ended = self._ended, None
        self.readyState = "closed"
        self._fanout.leave(self._queue)
        if self._feed is not None:
            self._feed.leave(self)
        ended(self)

    async def closed(self) -> None:
        await self._closed.wait()

    async def _send_video(self) -> None:
        while (packet := await self._queue.get()) is not None:
            if head := self._fragmenter.begin(packet):
                fragmenter = self._fragmenter
                told = msgspec.json.encode(InitMessage(fragmenter.codecs, fragmenter.base_pts_90k, self.view))
                await self._send(told.decode())
                await self._send(head)
                self.readyState = "open"
            if self._fragmenter.begun:
                await self._send(self._fragmenter.picture(packet))

    async def _send_texts(self) -> None:
        while True:
            await self._text_added.wait()
            self._text_added.clear()
            while self._texts:
                text = self._texts.popleft()
                self.bufferedAmount -= len(text)
                await self._send(text)

    async def _send(self, message: str | bytes) -> None:
        if self._websocket.application_state != WebSocketState.CONNECTED:
            raise WebSocketDisconnect
        async with asyncio.timeout(SEND_TIMEOUT_S):
            if isinstance(message, str):
                await self._websocket.send_text(message)
            else:
                await self._websocket.send_bytes(message)

    async def _say_goodbye(self) -> None:
        if (
            self._websocket.application_state == WebSocketState.CONNECTED
            and self._websocket.client_state == WebSocketState.CONNECTED
        ):
            with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await self._websocket.close()

    async def _until_it_leaves(self) -> None:
        while (await self._websocket.receive())["type"] != "websocket.disconnect":
            pass

    def _tell_of_failure(self, outcomes: list[BaseException | None]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, TimeoutError):
                log.info("camera %s: a viewer took nothing for %.0f s", self.camera, SEND_TIMEOUT_S)
            elif isinstance(outcome, FFmpegError):
                log.warning("camera %s: its video cannot be put into MP4: %s", self.camera, outcome)
            elif isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                log.error("camera %s: a viewer's video ended by an error", self.camera, exc_info=outcome)


def mse_router(audience: Audience) -> APIRouter:
    """The WebSocket, and what it says to those who ask without wanting one: pages learn by that what is wrong."""
    router = APIRouter(tags=["live"])
    path = "/api/v1/cameras/{name}/mse"

    def admit(name: str, asked: View, size: Size) -> LiveView:
        status = audience.status(name)
        view = shown_view(status, asked, size)
        audience.check_available(status, view)
        return view

    @router.websocket(path)
    async def watch(
        websocket: WebSocket,
        name: str,
        view: Annotated[View, Query()] = "overlay",
        size: Annotated[Size, Query()] = "large",
    ) -> None:
        shown = admit(name, view, size)
        viewer = MseViewer(
            name,
            shown,
            websocket=websocket,
            fanout=audience.fanout(name, shown),
            feed=audience.feed(name, shown),
            ended=audience.left,
        )
        audience.entered(viewer)
        await viewer.run()

    @router.get(path, status_code=426, responses=_ANSWERS, summary="Watch over a WebSocket")
    async def explain(
        request: Request,
        name: str,
        view: Annotated[View, Query()] = "overlay",
        size: Annotated[Size, Query()] = "large",
    ) -> Response:
        """H.264 in fragmented MP4, one fragment for each picture, as binary messages of a WebSocket.

        Texts are JSON: `init` with `codecs` and the `pts_90k` of media time 0 before each initialisation segment,
        then the messages that WHEP's data channel `objects` carries.
        """
        admit(name, view, size)
        detail = "this is a WebSocket: ask with `Upgrade: websocket`"
        headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
        return ProblemResponse(request, HTTPStatus.UPGRADE_REQUIRED, detail, headers=headers)

    return router
