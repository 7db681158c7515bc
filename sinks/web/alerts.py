"""The alert rules: what became of them, and a test of the way to their sinks."""

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from sinks.web.openapi import Responses, problem, struct
from sinks.web.protocols import AlertDesk
from sinks.web.wire import AlertList, AlertTest, JsonAnswer


def alerts_router(desk: AlertDesk) -> APIRouter:
    router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])
    no_rule: Responses = {404: problem("There is no alert rule of this name")}

    @router.get("", responses={200: struct(AlertList, "Every alert rule, in the order of the configuration")})
    async def alerts() -> Response:
        return JsonAnswer(AlertList(desk.since, list(await desk.status())))

    @router.post("/{name:path}/test", responses={200: struct(AlertTest, "How it went, by sink"), **no_rule})
    async def test(name: str) -> Response:
        """Sends a message that says it is a test to every sink of the rule, a single time each; takes 20 s at most."""
        try:
            return JsonAnswer(AlertTest(list(await desk.test(name))))
        except KeyError:
            raise HTTPException(404, f"there is no alert rule {name!r}; /api/v1/alerts lists them all") from None

    return router
