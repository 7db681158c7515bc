"""Every error as `application/problem+json` (RFC 9457): what is wrong, and what to do instead."""

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.websockets import WebSocket

from pipeline.core.errors import ConfigError, FramewatchError, UnavailableError

log = logging.getLogger(__name__)


class InvalidParameter(msgspec.Struct, frozen=True):
    name: str
    got: str
    wanted: str


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457, with `errors` for each parameter that was wrong."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[InvalidParameter] = []


class ProblemResponse(Response):
    media_type = "application/problem+json"

    def __init__(
        self,
        connection: HTTPConnection,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: list[InvalidParameter] | None = None,
    ) -> None:
        title = HTTPStatus(status).phrase
        details = ProblemDetails("about:blank", title, status, detail, connection.scope["path"], errors or [])
        fixed = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        super().__init__(msgspec.json.encode(details), status, {**fixed, **(headers or {})})


Handler = Callable[[HTTPConnection, Exception], Response]


def answer_errors_as_problems(app: FastAPI) -> None:
    """For WebSockets too, as long as they have not been accepted."""
    app.add_exception_handler(HTTPException, _answered(_http_error))
    app.add_exception_handler(RequestValidationError, _answered(_invalid_parameters))
    app.add_exception_handler(WebSocketRequestValidationError, _answered(_invalid_parameters))
    app.add_exception_handler(UnavailableError, _answered(_unavailable))
    app.add_exception_handler(ConfigError, _answered(_refused_configuration))
    app.add_exception_handler(FramewatchError, _answered(_known_failure))
    app.add_exception_handler(Exception, _answered(_unknown_failure))


def _answered(handler: Handler) -> Callable[[Any, Exception], Awaitable[Any]]:
    async def answer(connection: HTTPConnection, error: Exception) -> Response | None:
        response = handler(connection, error)
        if not isinstance(connection, WebSocket):
            return response
        await connection.send_denial_response(response)
        return None

    return answer


def _http_error(request: HTTPConnection, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"there is nothing at {request.scope['path']}; /openapi.json lists what there is"
    if error.status_code == 405:
        possible = (error.headers or {}).get("Allow", "other methods")
        detail = f"{request.scope['method']} is not possible here, only {possible}"
    return ProblemResponse(request, error.status_code, detail, headers=error.headers)


def _invalid_parameters(request: HTTPConnection, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError | WebSocketRequestValidationError)
    errors = [_invalid_parameter(found) for found in error.errors()]
    detail = "; ".join(f"{found.name}: got {found.got}, wanted: {found.wanted}" for found in errors)
    return ProblemResponse(request, 422, detail, errors=errors)


def _invalid_parameter(found: Mapping[str, Any]) -> InvalidParameter:
    place, *path = found["loc"]
    wanted = str(found["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    return InvalidParameter(".".join(map(str, path)) or str(place), repr(found.get("input"))[:80], wanted)


def _unavailable(request: HTTPConnection, error: Exception) -> Response:
    assert isinstance(error, UnavailableError)
    retry_after_s = max(1, math.ceil(error.retry_after_s))
    return ProblemResponse(request, 503, str(error), headers={"Retry-After": str(retry_after_s)})


def _refused_configuration(request: HTTPConnection, error: Exception) -> Response:
    assert isinstance(error, ConfigError)
    errors = [InvalidParameter(found.key or found.file, found.got, found.wanted) for found in error.problems]
    detail = "; ".join(f"{found.name}: got {found.got}, wanted {found.wanted}" for found in errors)
    return ProblemResponse(request, 422, detail, errors=errors)


def _known_failure(request: HTTPConnection, error: Exception) -> Response:
    log.error("%s %s: %s", request.scope.get("method", "WebSocket"), request.scope["path"], error)
    return ProblemResponse(request, 500, str(error))


def _unknown_failure(request: HTTPConnection, _error: Exception) -> Response:
    """The server logs the traceback; the caller gets none of it."""
    return ProblemResponse(request, 500, "something broke while answering; the server's log says what")
