"""One more camera: found on the network, looked at, written into the configuration."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.core.address import with_user
from pipeline.core.errors import SourceError
from pipeline.core.found import FoundStreams, Look
from sinks.web.advice import what_to_do
from sinks.web.body import read_struct
from sinks.web.openapi import Responses, answer, json_body, problem, struct
from sinks.web.problems import ProblemResponse
from sinks.web.protocols import CameraFinder, ConfigWriter
from sinks.web.wire import Added, CameraAddress, Device, FoundCameras, JsonAnswer, NewCamera, Writable

_LARGEST_BODY = 16 << 10
_STREAMS = ("rtsp://", "rtsps://", "http://", "https://")
_SERVICES = ("http://", "https://")

_LOOKING: Responses = {
    502: problem("The camera cannot be seen; `detail` says why, and what to do"),
    503: problem("Enough is being looked at; `Retry-After` says when to ask again"),
}


def adding_router(writer: ConfigWriter, finder: CameraFinder) -> APIRouter:
    router = APIRouter(prefix="/api/v1")

    @router.get(
        "/config/writable", tags=["configuration"], responses={200: struct(Writable, "Whether it can be changed")}
    )
    async def writable() -> Response:
        return JsonAnswer(Writable(writer.not_writable))

    @router.post(
        "/probe",
        tags=["cameras"],
        responses={200: struct(Look, "What it sends"), **_LOOKING},
        openapi_extra=json_body(CameraAddress),
    )
    async def probe(request: Request) -> Response:
        """Opens an address for some seconds: what it sends, a picture, and a smaller stream beside it."""
        asked = await read_struct(request, CameraAddress, limit=_LARGEST_BODY)
        try:
            return JsonAnswer(await finder.look(_address(asked.address, asked)))
        except SourceError as error:
            return _cannot_be_seen(request, error)

    @router.post("/discover", tags=["cameras"], responses={200: struct(FoundCameras, "Who answered"), **_LOOKING})
    async def discover() -> Response:
        """Looks for cameras that speak ONVIF on the networks of this machine, for some seconds."""
        return JsonAnswer(FoundCameras(await finder.discover()))

    @router.post(
        "/discover/streams",
        tags=["cameras"],
        responses={200: struct(FoundStreams, "Its streams"), **_LOOKING},
        openapi_extra=json_body(Device),
    )
    async def streams(request: Request) -> Response:
        """Asks one device for its streams; most want a user and password, which go to that device alone."""
        asked = await read_struct(request, Device, limit=_LARGEST_BODY)
        _check(asked.service, _SERVICES, "service")
        try:
            return JsonAnswer(await finder.streams(asked.service, asked.user, asked.password))
        except SourceError as error:
            return _cannot_be_seen(request, error)

    locked: Responses = {409: problem("Nothing can be saved here; `detail` says why")}

    @router.post(
        "/cameras",
        tags=["cameras"],
        status_code=201,
        responses={201: struct(Added, "It runs"), **locked},
        openapi_extra=json_body(NewCamera),
    )
    async def add(request: Request) -> Response:
        """Writes one more camera into the configuration's file, behind the others. It works at once."""
        new = await read_struct(request, NewCamera, limit=_LARGEST_BODY)
        if writer.not_writable:
            raise HTTPException(409, writer.not_writable)
        await writer.add_camera(new.name, _camera(new))
        return JsonAnswer(Added(new.name), 201, {"Location": f"/api/v1/cameras/{new.name}"})

    @router.post(
        "/cameras/snippet",
        tags=["cameras"],
        responses={200: answer("application/yaml", "For the file", {"type": "string"})},
        openapi_extra=json_body(NewCamera),
    )
    async def snippet(request: Request) -> Response:
        """The same as YAML to copy, without user and password. Nothing is checked or saved."""
        new = await read_struct(request, NewCamera, limit=_LARGEST_BODY)
        text = writer.camera_snippet(new.name, _camera(new))
        return Response(text, media_type="application/yaml", headers={"Cache-Control": "no-store"})

    return router


def _camera(new: NewCamera) -> Mapping[str, Any]:
    """As the configuration has it. Everything here is what a page may say: no types, no plugins, no files."""
    first = {"path": _address(new.address, new)}
    inputs: list[Mapping[str, Any]] = [first]
    if new.second:
        second = {"path": _address(new.second, new, "second"), "roles": ["detect"]}
        inputs = [{**first, "roles": ["record", "live"]}, second]
    named = {"friendly_name": new.friendly_name} if new.friendly_name not in ("", new.name) else {}
    return {**named, "inputs": inputs}


def _address(address: str, asked: CameraAddress, key: str = "address") -> str:
    address = address.strip()
    _check(address, _STREAMS, key)
    return with_user(address, asked.user, asked.password)


def _check(address: str, schemes: tuple[str, ...], key: str) -> None:
    """Without repeating it: there may be a password in it."""
    if not address.startswith(schemes):
        raise HTTPException(422, f"{key}: wanted an address that begins with {', '.join(schemes)}")


def _cannot_be_seen(request: Request, error: SourceError) -> Response:
    return ProblemResponse(request, 502, what_to_do(error))
