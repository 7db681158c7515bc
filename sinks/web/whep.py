"""WebRTC playback by WHEP: one POST with an offer starts a viewer, one DELETE ends it."""

import asyncio
import logging
from collections.abc import Sequence
from http import HTTPStatus
from ipaddress import ip_address
from typing import Annotated, Any, Literal

from aiortc import RTCIceServer
from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.core.clock import Clock, SystemClock
from pipeline.core.errors import UnavailableError
from pipeline.core.metrics import Metrics
from pipeline.core.packet import StreamInfo
from pipeline.core.status import CameraStatus, InputStatus, LiveView, RunningSystem
from sinks.web import ice, sdp
from sinks.web.body import read_text
from sinks.web.fanout import FanOut
from sinks.web.objects_feed import ObjectsFeed
from sinks.web.openapi import answer, problem
from sinks.web.viewer import OfferError, Viewer

log = logging.getLogger(__name__)

OFFER = "application/sdp"
TRICKLE = "application/trickle-ice-sdpfrag"
OFFER_BYTES = 64 << 10
CLOSE_TIMEOUT_S = 1.5

_ANSWER = answer(OFFER, "The answer; `Location` is the session", {"type": "string"})
_POST_ANSWERS: dict[int | str, dict[str, Any]] = {
    201: _ANSWER,
    400: problem("The offer is malformed"),
    404: problem("There is no such camera"),
    406: problem("The offer cannot be met: H.264 is sent, and SDP answered"),
    415: problem(f"The body is not {OFFER}"),
    503: problem("The camera is not online, or there are enough viewers"),
}


class Whep:
    """All viewers of a running system; used on the event loop. `close` ends every session within 2 s."""

    def __init__(
        self,
        system: RunningSystem,
        *,
        max_viewers: int,
        advertised_ips: Sequence[str],
        ice_servers: Sequence[RTCIceServer],
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._system = system
        self._max_viewers = max_viewers
        self._advertised_ips = [str(ip_address(address)) for address in advertised_ips]
        self._ice_servers = list(ice_servers)
        self._metrics = metrics
        self._clock = clock
        self._viewers: dict[str, Viewer] = {}
        self._fanouts: dict[tuple[str, LiveView], FanOut] = {}
        self._feeds: dict[tuple[str, LiveView], ObjectsFeed] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False
        self.router = self._routes()

    async def close(self) -> None:
        self._closed = True
        self.end_all()
        if self._closing:
            await asyncio.wait(self._closing, timeout=CLOSE_TIMEOUT_S)

    def end_all(self) -> None:
        """Sends every viewer away; those that still want to watch come back."""
        for viewer in list(self._viewers.values()):
            viewer.end()

    def _routes(self) -> APIRouter:
        router = APIRouter(tags=["live"])
        endpoint, session = "/whep/{name}", "/whep/{name}/{session}"
        router.add_api_route(
            endpoint, self._post, methods=["POST"], status_code=201, responses=_POST_ANSWERS, summary="Start to watch"
        )
        router.add_api_route(
            endpoint, self._options, methods=["OPTIONS"], status_code=204, summary="What can be posted"
        )
        router.add_api_route(session, self._patch, methods=["PATCH"], status_code=204, summary="More ICE candidates")
        router.add_api_route(session, self._delete, methods=["DELETE"], status_code=204, summary="Stop watching")
        router.add_api_route(session, self._options, methods=["OPTIONS"], status_code=204, include_in_schema=False)
        return router

    async def _post(
        self,
        name: str,
        request: Request,
        view: Annotated[Literal["overlay", "burned"], Query()] = "overlay",
        size: Annotated[Literal["large", "small"], Query()] = "large",
    ) -> Response:
        """A WebRTC offer in, the answer out.

        A camera whose configuration asks for the burned view is sent so; one that has a small stream sends that where
        `size` asks for it. `Framewatch-View` says which view it is.
        """
        _check_media_type(request, OFFER)
        _check_accepts(request, OFFER)
        status = self._status(name)
        offer = await read_text(request, limit=OFFER_BYTES)
        shown: LiveView = "burned" if status.live == "burned" else view
        if shown == "overlay" and size == "small" and status.has_small_stream:
            shown = "small"
        self._check_available(status, shown)
        viewer = self._start(name, shown)
        try:
            sdp_answer = await viewer.answer(offer)
        except OfferError as error:
            viewer.end()
            code = HTTPStatus.BAD_REQUEST if error.malformed else HTTPStatus.NOT_ACCEPTABLE
            raise HTTPException(code, str(error)) from error
        if viewer.id not in self._viewers:
            raise UnavailableError("the session was ended before it began")
        headers = {
            "Location": f"{request.url.path}/{viewer.id}",
            "ETag": viewer.etag,
            "Accept-Patch": TRICKLE,
            "Framewatch-View": shown,
        }
        told = Response(sdp.with_advertised_addresses(sdp_answer, self._advertised_ips), 201, headers, OFFER)
        return self._with_ice_servers(told)

    async def _options(self) -> Response:
        """What can be posted, and which STUN and TURN servers to ask."""
        headers = {"Accept-Post": OFFER, "Accept-Patch": TRICKLE, "Allow": "POST, PATCH, DELETE, OPTIONS"}
        return self._with_ice_servers(Response(status_code=204, headers=headers))

    def _with_ice_servers(self, response: Response) -> Response:
        for link in ice.links(self._ice_servers):
            response.headers.append("Link", link)
        return response

    async def _patch(self, name: str, session: str, request: Request) -> Response:
        """Trickle ICE; candidates that are missing here are found by the checks themselves."""
        _check_media_type(request, TRICKLE)
        viewer = self._viewer(name, session)
        if request.headers.get("if-match", "*") not in ("*", viewer.etag):
            raise HTTPException(HTTPStatus.PRECONDITION_FAILED, "this session has another ETag")
        fragment = await read_text(request, limit=OFFER_BYTES)
        if sdp.username_fragment(fragment) not in (None, viewer.username_fragment):
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "ICE restarts are not possible; start a new session")
        try:
            await viewer.add_candidates(fragment)
        except ValueError as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, f"malformed candidate: {error}") from error
        return Response(status_code=204)

    async def _delete(self, name: str, session: str) -> Response:
        self._viewer(name, session).end()
        return Response(status_code=204)

    def _status(self, name: str) -> CameraStatus:
        try:
            return self._system.camera(name)
        except KeyError:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no camera named {name}") from None

    def _viewer(self, name: str, session: str) -> Viewer:
        viewer = self._viewers.get(session)
        if viewer is None or viewer.camera != name:
            raise HTTPException(HTTPStatus.NOT_FOUND, "there is no such session (any more)")
        return viewer

    def _check_available(self, status: CameraStatus, view: LiveView) -> None:
        if self._closed:
            raise UnavailableError("the server is shutting down")
        needed = _input_behind(status, view)
        if needed.state != "online":
            why = f": {needed.reason}" if needed.reason else ""
            raise UnavailableError(f"camera {status.name} is {needed.state}{why}")
        if len(self._viewers) >= self._max_viewers:
            raise UnavailableError(f"{self._max_viewers} viewers are watching, and no more are allowed")

    def _start(self, name: str, view: LiveView) -> Viewer:
        viewer = Viewer(
            name,
            view,
            fanout=self._fanout(name, view),
            feed=None if view == "burned" else self._feed(name, view),
            ice_servers=self._ice_servers,
            clock=self._clock,
            ended=self._ended,
        )
        self._viewers[viewer.id] = viewer
        self._metrics.viewers.labels(name, view).inc()
        return viewer

    def _ended(self, viewer: Viewer) -> None:
        name, view = viewer.camera, viewer.view
        del self._viewers[viewer.id]
        self._metrics.viewers.labels(name, view).dec()
        if not self._watching(name, view):
            self._fanouts.pop((name, view), None)
            self._feeds.pop((name, view), None)
        task = asyncio.get_running_loop().create_task(viewer.closed())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _fanout(self, name: str, view: LiveView) -> FanOut:
        if (name, view) not in self._fanouts:
            dropped = self._metrics.dropped.labels(name, "viewer")
            self._fanouts[name, view] = FanOut(
                self._system.stream(name, view),
                lost=dropped.inc,
                opened=lambda info: self._stream_opened(name, view, info),
                interrupted=lambda: self._tell_online(name, view, online=False),
            )
        return self._fanouts[name, view]

    def _feed(self, name: str, view: LiveView) -> ObjectsFeed:
        if (name, view) not in self._feeds:
            dropped = self._metrics.dropped.labels(name, "viewer_objects")
            self._feeds[name, view] = ObjectsFeed(self._system.results(name, view), lost=dropped.inc)
        return self._feeds[name, view]

    def _stream_opened(self, name: str, view: LiveView, info: StreamInfo) -> None:
        """Viewers of a stream that came back as something no browser can play are sent away, to ask again."""
        if info.plays_in_browsers:
            self._tell_online(name, view, online=True)
            return
        log.info("camera %s now sends %s, which cannot be passed on to browsers", name, info.codec)
        for viewer in self._watching(name, view):
            viewer.end()

    def _tell_online(self, name: str, view: LiveView, *, online: bool) -> None:
        for viewer in self._watching(name, view):
            viewer.tell_online(online)

    def _watching(self, name: str, view: LiveView) -> list[Viewer]:
        return [viewer for viewer in self._viewers.values() if (viewer.camera, viewer.view) == (name, view)]


def create_whep(
    system: RunningSystem,
    *,
    max_viewers: int = 32,
    advertised_ips: Sequence[str] = (),
    ice_servers: Sequence[RTCIceServer] = (),
    metrics: Metrics | None = None,
    clock: Clock | None = None,
) -> Whep:
    """`advertised_ips` are addresses of this machine that it does not know itself (a router's, a container host's);
    `ice_servers` are asked for more, here and by the players, which are told of them in `Link` headers.

    Raises ValueError where one of them is no address.
    """
    return Whep(
        system,
        max_viewers=max_viewers,
        advertised_ips=advertised_ips,
        ice_servers=ice_servers,
        metrics=metrics or Metrics(),
        clock=clock or SystemClock(),
    )


def _input_behind(status: CameraStatus, view: LiveView) -> InputStatus:
    """A view that is encoded is made of what is analysed; a role that no input has falls to the first."""
    role = "live" if view == "overlay" and not status.live_reason else "detect"
    return next((one for one in status.inputs if role in one.roles), status.inputs[0])


def _check_media_type(request: Request, wanted: str) -> None:
    got = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if got != wanted:
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"got a body of type {got or 'nothing'}, wanted {wanted}"
        )


def _check_accepts(request: Request, offered: str) -> None:
    accepted = request.headers.get("accept", "*/*")
    kinds = {entry.partition(";")[0].strip().lower() for entry in accepted.split(",")}
    if not kinds & {offered, "application/*", "*/*"}:
        raise HTTPException(HTTPStatus.NOT_ACCEPTABLE, f"answers are {offered}, which {accepted!r} leaves out")
