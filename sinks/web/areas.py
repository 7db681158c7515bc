"""A camera's zones and lines: read as they are written, saved to the file, or handed out as YAML to copy."""

import asyncio
import hashlib
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.core.errors import ConfigError
from pipeline.core.status import RunningSystem
from sinks.web.body import read_struct
from sinks.web.cameras import Name
from sinks.web.openapi import Responses, answer, json_body, problem, struct
from sinks.web.protocols import ConfigWriter
from sinks.web.wire import Areas, JsonAnswer, WrittenAreas

_LARGEST_BODY = 1 << 20

IfMatch = Annotated[str | None, Header(description="The `ETag` of what was changed; another one now is a 412")]


def areas_router(system: RunningSystem, writer: ConfigWriter) -> APIRouter:
    router = APIRouter(prefix="/api/v1/cameras", tags=["cameras"])
    saving = asyncio.Lock()
    no_camera: Responses = {404: problem("There is no camera of this name")}
    refused: Responses = {
        **no_camera,
        409: problem("Nothing can be saved here; `detail` says why"),
        412: problem("They were changed meanwhile"),
    }

    async def written(name: str) -> WrittenAreas:
        """Where the file cannot be read any more: what runs."""
        try:
            zones, lines = await asyncio.to_thread(writer.areas, name)
        except ConfigError as error:
            plan = system.plan(name)
            said = plan.model_dump(mode="json", by_alias=True, exclude_unset=True, include={"zones", "lines"})
            return WrittenAreas(said.get("zones", {}), said.get("lines", {}), not_writable=str(error))
        return WrittenAreas(dict(zones), dict(lines), not_writable=writer.not_writable)

    def check(name: str) -> None:
        try:
            system.camera(name)
        except KeyError:
            raise HTTPException(404, f"there is no camera {name!r}; /api/v1/cameras lists them all") from None

    @router.get("/{name}/areas", responses={200: struct(WrittenAreas, "Zones and lines"), **no_camera})
    async def areas(name: Name) -> Response:
        check(name)
        return _tagged(await written(name))

    @router.put(
        "/{name}/areas",
        responses={200: struct(WrittenAreas, "What is written now"), **refused},
        openapi_extra=json_body(Areas),
    )
    async def save(name: Name, request: Request, if_match: IfMatch = None) -> Response:
        """All zones and lines of the camera: what is not named is taken away. They work at once.

        Without `If-Match` the last to save wins. What the configuration refuses is a 422, whose `errors` name each key.
        """
        check(name)
        wanted = await read_struct(request, Areas, limit=_LARGEST_BODY)
        if writer.not_writable:
            raise HTTPException(409, writer.not_writable)
        async with saving:
            if if_match not in (None, "*", _etag(await written(name))):
                raise HTTPException(412, f"the zones and lines of {name} were changed meanwhile")
            await writer.set_areas(name, wanted.zones, wanted.lines)
            return _tagged(await written(name))

    @router.post(
        "/{name}/areas/snippet",
        responses={200: answer("application/yaml", "For the file", {"type": "string"}), **no_camera},
        openapi_extra=json_body(Areas),
    )
    async def snippet(name: Name, request: Request) -> Response:
        """The same as YAML to copy. Nothing is checked or saved."""
        check(name)
        wanted = await read_struct(request, Areas, limit=_LARGEST_BODY)
        text = writer.areas_snippet(name, wanted.zones, wanted.lines)
        return Response(text, media_type="application/yaml", headers={"Cache-Control": "no-store"})

    return router


def _tagged(areas: WrittenAreas) -> Response:
    return JsonAnswer(areas, headers={"ETag": _etag(areas)})


def _etag(areas: WrittenAreas) -> str:
    said = msgspec.json.encode([areas.zones, areas.lines], order="deterministic")
    return f'"{hashlib.sha256(said).hexdigest()[:16]}"'
