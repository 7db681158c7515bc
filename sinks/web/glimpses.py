"""What was seen but never believed, so that no event and no alert came of it."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.core.glimpse import GlimpseQuery, Reason
from sinks.web.openapi import struct
from sinks.web.protocols import GlimpseDesk
from sinks.web.wire import GlimpseList, JsonAnswer

Many = Annotated[list[str] | None, Query()]


def glimpses_router(desk: GlimpseDesk) -> APIRouter:
    router = APIRouter(prefix="/api/v1/glimpses", tags=["alerts"])

    @router.get("", responses={200: struct(GlimpseList, "One page of what was seen but not confirmed, newest first")})
    async def glimpses(
        camera: Many = None,
        label: Many = None,
        reason: Annotated[list[Reason] | None, Query(description="What it lacked")] = None,
        after: Annotated[float | None, Query(description="Was seen at this time (UTC seconds) or later")] = None,
        before: Annotated[float | None, Query(description="Was seen before this time (UTC seconds)")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
    ) -> Response:
        """Why no event, and so no alert, came of it: in words and figures, with the rules that were not asked."""
        query = GlimpseQuery(
            cameras=tuple(camera or ()),
            labels=tuple(label or ()),
            reasons=tuple(reason or ()),
            after=after,
            before=before,
        )
        try:
            page = await desk.glimpses(query, limit=limit, cursor=cursor)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        return JsonAnswer(GlimpseList(list(page.items), page.next_cursor))

    return router
