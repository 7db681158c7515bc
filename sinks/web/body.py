"""Request bodies, never larger than they may be."""

from http import HTTPStatus
from typing import TypeVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

Body = TypeVar("Body", bound=msgspec.Struct)


async def read_struct(request: Request, kind: type[Body], *, limit: int) -> Body:
    """The body's JSON; answers 415 to another type, 422 where it is not what is wanted. Never repeats a value."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a body with Content-Type: application/json is wanted")
    text = await read_text(request, limit=limit)
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f"the body is not as wanted: {error}") from error


async def read_text(request: Request, *, limit: int) -> str:
    """The body as text; answers 413 when it is longer than `limit` bytes, 400 when it is not UTF-8."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body of at most {limit} bytes is wanted")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"the body is not UTF-8: {error.reason}") from error
