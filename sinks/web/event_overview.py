"""Events as a timeline shows them, and what there is to filter them by."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.core.event_query import EventQuery
from pipeline.core.overview import EventChoices
from sinks.web.events import event_query
from sinks.web.openapi import struct
from sinks.web.protocols import EventReader
from sinks.web.wire import EventOverview, JsonAnswer

LONGEST_S = 172_800.0
Step = Annotated[float, Query(ge=1, le=3600, description="Events no further apart than this (seconds) become one")]


def event_overview_router(store: EventReader) -> APIRouter:
    router = APIRouter(prefix="/api/v1/events", tags=["events"])

    @router.get("/overview", responses={200: struct(EventOverview, "What went on, by camera, as coarse as asked for")})
    async def overview(query: Annotated[EventQuery, Depends(event_query)], step: Step = 60.0) -> Response:
        """The filters are those of the list; `after` and `before` are needed, and may be two days apart.

        What began before and went on is in it, if that was no more than a day before or has not ended yet.
        """
        after, before = query.after, query.before
        if after is None or before is None or not 0 < before - after <= LONGEST_S:
            raise HTTPException(422, f"got after {after} and before {before}, wanted both, up to two days apart")
        cameras = await asyncio.to_thread(store.overview, query, after=after, before=before, step_s=step)
        return JsonAnswer(EventOverview(after, before, step, list(cameras)))

    @router.get("/choices", responses={200: struct(EventChoices, "Every value that some event has")})
    async def choices() -> Response:
        return JsonAnswer(await asyncio.to_thread(store.choices))

    return router
