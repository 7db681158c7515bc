"""The dashboard and its files."""

import html
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

STATIC = Path(__file__).parent / "static"


class Files(StaticFiles):
    """Browsers ask every time whether a file is still the same, so that an update shows at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def page_router(version: str, *, token_needed: bool) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def dashboard() -> Response:
        pages = "".join(path.read_text("utf-8") for path in sorted((STATIC / "pages").glob("*.html")))
        page = (STATIC / "index.html").read_text("utf-8").replace("{{pages}}", pages)
        page = page.replace("{{version}}", html.escape(version)).replace(
            "{{auth}}", "token" if token_needed else "none"
        )
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})

    return router
