"""Request bodies, never larger than they may be."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request


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
