"""Where an event's object went."""

import asyncio

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.core.event_path import EventPath
from sinks.web.events import NO_EVENT
from sinks.web.openapi import struct
from sinks.web.protocols import PathReader
from sinks.web.wire import JsonAnswer


def event_path_router(store: PathReader) -> APIRouter:
    router = APIRouter(prefix="/api/v1/events/{event_id}", tags=["events"])

    @router.get("/path", responses={200: struct(EventPath, "Where its object went"), **NO_EVENT})
    async def path(event_id: str) -> Response:
        """Empty where that is not known; the last seconds of an object that is still there may be missing."""
        event = await asyncio.to_thread(store.get, event_id)
        if event is None:
            raise HTTPException(404, f"there is no event {event_id!r}; it may be older than what is kept")
        points = await asyncio.to_thread(store.path, event.object_id or event.id)
        return JsonAnswer(EventPath(list(points)))

    return router
