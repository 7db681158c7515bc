"""WebRTC playback by WHEP: one POST with an offer starts a viewer, one DELETE ends it."""

from collections.abc import Sequence
from http import HTTPStatus
from ipaddress import ip_address
from typing import Annotated, Any

from aiortc import RTCIceServer
from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.core.clock import Clock, SystemClock
from pipeline.core.errors import UnavailableError
from pipeline.core.metrics import Metrics
from pipeline.core.status import LiveView, RunningSystem
from sinks.web import h265, ice, sdp
from sinks.web.audience import Audience, Size, View, shown_view
from sinks.web.body import read_text
from sinks.web.openapi import answer, problem
from sinks.web.viewer import OfferError, Viewer

OFFER = "application/sdp"
TRICKLE = "application/trickle-ice-sdpfrag"
OFFER_BYTES = 64 << 10

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
    """The viewers of an audience that watch over WebRTC; used on the event loop. `close` ends all of the audience."""

    def __init__(
        self,
        audience: Audience,
        *,
        advertised_ips: Sequence[str],
        ice_servers: Sequence[RTCIceServer],
        clock: Clock,
    ) -> None:
        self.audience = audience
        self._advertised_ips = [str(ip_address(address)) for address in advertised_ips]
        self._ice_servers = list(ice_servers)
        self._clock = clock
        self._viewers: dict[str, Viewer] = {}
        self.router = self._routes()

    async def close(self) -> None:
        await self.audience.close()

    def end_all(self) -> None:
        """Sends every viewer away; those that still want to watch come back."""
        self.audience.end_all()

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
        view: Annotated[View, Query()] = "overlay",
        size: Annotated[Size, Query()] = "large",
    ) -> Response:
        """A WebRTC offer in, the answer out.

        A camera whose configuration asks for the burned view is sent so; one that has a small stream sends that where
        `size` asks for it, and one that sends H.265 sends it as it is where the offer has H.265. `Framewatch-View` says
        which view it is.
        """
        _check_media_type(request, OFFER)
        _check_accepts(request, OFFER)
        status = self.audience.status(name)
        offer = await read_text(request, limit=OFFER_BYTES)
        shown = shown_view(status, view, size, takes_h265=sdp.names_codec(offer, h265.NAME))
        self.audience.check_available(status, shown)
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
        sdp_answer = sdp.with_parameters_of(offer, sdp_answer, h265.NAME)
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

    def _viewer(self, name: str, session: str) -> Viewer:
        viewer = self._viewers.get(session)
        if viewer is None or viewer.camera != name:
            raise HTTPException(HTTPStatus.NOT_FOUND, "there is no such session (any more)")
        return viewer

    def _start(self, name: str, view: LiveView) -> Viewer:
        viewer = Viewer(
            name,
            view,
            fanout=self.audience.fanout(name, view),
            feed=self.audience.feed(name, view),
            ice_servers=self._ice_servers,
            clock=self._clock,
            ended=self._ended,
        )
        self._viewers[viewer.id] = viewer
        self.audience.entered(viewer)
        return viewer

    def _ended(self, viewer: Viewer) -> None:
        del self._viewers[viewer.id]
        self.audience.left(viewer)


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
        Audience(system, max_viewers=max_viewers, metrics=metrics or Metrics()),
        advertised_ips=advertised_ips,
        ice_servers=ice_servers,
        clock=clock or SystemClock(),
    )


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
