"""Who may come in: a token in the header for programs, a session for browsers, anybody on an open loopback."""

import hmac
import math
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.core.acting import ACTOR
from sinks.web.attempts import Attempts
from sinks.web.problems import ProblemResponse
from sinks.web.session import Sessions

_OPEN_PATHS = frozenset({"/healthz", "/login"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Token:
    """The one secret of the server, and everything that proves that somebody has it."""

    def __init__(self, secret: str, attempts: Attempts) -> None:
        self.sessions = Sessions(secret)
        self._secret = secret.encode()
        self._attempts = attempts

    def wait_s(self, connection: HTTPConnection) -> float:
        return self._attempts.wait_s(_address(connection))

    def matches(self, connection: HTTPConnection, tried: str) -> bool:
        """Compares in constant time; a wrong one is counted against the caller's address."""
        matches = hmac.compare_digest(tried.encode(), self._secret)
        (self._attempts.succeeded if matches else self._attempts.failed)(_address(connection))
        return matches


class Gate:
    """Middleware over every path, those of other routers too.

    With a token: bearer or session, else 401 (pages: the login form). Without: only for a Host that names
    this machine, so that no page on the internet reaches a local camera by rebinding a name. Either way
    nothing is changed at another site's request.
    """

    def __init__(self, app: ASGIApp, *, token: Token | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        answer = self._refusal(connection) or self._app
        before = ACTOR.set(_address(connection))
        try:
            await answer(scope, receive, send)
        finally:
            ACTOR.reset(before)

    def _refusal(self, connection: HTTPConnection) -> Response | None:
        if _asked_by_another_site(connection):
            return ProblemResponse(connection, 403, "another site's page asked for this; only this server's own may")
        if self._token is None:
            return None if _names_this_machine(connection) else _wrong_host(connection)
        if _is_open(connection.scope["path"]) or self._token.sessions.holds(connection):
            return None
        return self._refusal_of_bearer(connection, self._token)

    def _refusal_of_bearer(self, connection: HTTPConnection, token: Token) -> Response | None:
        scheme, _, tried = connection.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return _unauthorised(connection, "wanted a header 'Authorization: Bearer <token>' or a session of /login")
        if wait_s := token.wait_s(connection):
            return too_many_attempts(connection, wait_s)
        if not token.matches(connection, tried.strip()):
            return _unauthorised(connection, "the token is not the one that server.auth.token sets")
        return None


def too_many_attempts(connection: HTTPConnection, wait_s: float) -> Response:
    retry_after_s = math.ceil(wait_s)
    detail = f"too many wrong tokens from here; try again in {retry_after_s} s"
    return ProblemResponse(
        connection, HTTPStatus.TOO_MANY_REQUESTS, detail, headers={"Retry-After": str(retry_after_s)}
    )


def _unauthorised(connection: HTTPConnection, detail: str) -> Response:
    path, query = connection.scope["path"], connection.scope["query_string"].decode("ascii", "replace")
    if "text/html" in connection.headers.get("Accept", "") and not path.startswith("/api/"):
        wanted = quote(f"{path}?{query}" if query else path, safe="")
        return RedirectResponse(f"/login?next={wanted}", HTTPStatus.SEE_OTHER)
    headers = {"WWW-Authenticate": 'Bearer realm="framewatch"'}
    return ProblemResponse(connection, HTTPStatus.UNAUTHORIZED, detail, headers=headers)


def _wrong_host(connection: HTTPConnection) -> Response:
    host = connection.headers.get("Host", "")
    detail = (
        f"got Host {host!r}, wanted localhost or a loopback address: without server.auth this server answers "
        "to this machine alone"
    )
    return ProblemResponse(connection, HTTPStatus.FORBIDDEN, detail)


def _is_open(path: str) -> bool:
    """Files of the pages, and what a signed link opens: it carries its own proof."""
    return path in _OPEN_PATHS or path.startswith(("/static/", "/e/"))


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def _names_this_machine(connection: HTTPConnection) -> bool:
    host = _hostname(connection.headers.get("Host", ""))
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _hostname(host_and_port: str) -> str:
    """Lower case, without port and brackets; empty where it is none."""
    try:
        return urlsplit(f"//{host_and_port}").hostname or ""
    except ValueError:
        return ""


def _asked_by_another_site(connection: HTTPConnection) -> bool:
    """Whether a browser sends this for a page of another origin, and something could be changed by it.

    `Sec-Fetch-Site` cannot be forged by a page but comes over HTTPS and loopback only; elsewhere `Origin` must
    be us. A page cannot set `Authorization` for another origin, and programs send neither header.
    """
    headers = connection.headers
    if connection.scope.get("method") in _SAFE_METHODS or "Authorization" in headers:
        return False
    if site := headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != headers.get("Host")
