"""The login form: the token in, a session out."""

import html
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sinks.web.auth import Token
from sinks.web.body import read_text

_FORM = Path(__file__).parent / "static" / "login.html"


def login_router(token: Token) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    async def form(request: Request) -> Response:
        if token.sessions.holds(request):
            return RedirectResponse(_next(request), HTTPStatus.SEE_OTHER)
        return _form()

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        if wait_s := token.wait_s(request):
            return _form(f"Too many wrong tokens. Try again in {wait_s:.0f} s.", HTTPStatus.TOO_MANY_REQUESTS)
        tried = parse_qs(await read_text(request, limit=4096)).get("token", [""])[0]
        if not token.matches(request, tried):
            return _form("That is not the token of this server.", HTTPStatus.UNAUTHORIZED)
        response = RedirectResponse(_next(request), HTTPStatus.SEE_OTHER)
        token.sessions.begin(response, secure=request.url.scheme == "https")
        return response

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        token.sessions.end(response)
        return response

    return router


def _form(message: str = "", status: int = HTTPStatus.OK) -> Response:
    page = _FORM.read_text("utf-8").replace("{{message}}", html.escape(message))
    return HTMLResponse(page, status, headers={"Cache-Control": "no-store"})


def _next(request: Request) -> str:
    """Where the browser wanted to go; a path of ours only, so that the form sends nobody elsewhere."""
    wanted = request.query_params.get("next", "/")
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_local else "/"
