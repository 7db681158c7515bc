"""Marking events as seen to, and deleting them."""

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.core.event_edit import EditOutcome
from sinks.web.events import NO_EVENT
from sinks.web.openapi import Responses, problem, struct
from sinks.web.protocols import EventEditor
from sinks.web.wire import JsonAnswer

MOST = 500
Ids = Annotated[list[str], Body(min_length=1, max_length=MOST, embed=True)]
Pinned = Annotated[bool, Body(description="False takes it back", embed=True)]
Reviewed = Annotated[bool, Body(description="False takes it back", embed=True)]


def event_edits_router(editor: EventEditor) -> APIRouter:
    router = APIRouter(prefix="/api/v1/events", tags=["events"])
    outcome: Responses = {200: struct(EditOutcome, "What it was done to, and why not to the others")}

    @router.post("/reviewed", responses=outcome)
    async def review(ids: Ids, reviewed: Reviewed = True) -> Response:
        return JsonAnswer(await editor.review(list(dict.fromkeys(ids)), reviewed))

    @router.post("/pinned", responses=outcome)
    async def pin(ids: Ids, pinned: Pinned = True) -> Response:
        """They are kept, however old they get."""
        return JsonAnswer(await editor.pin(list(dict.fromkeys(ids)), pinned))

    @router.post("/delete", responses=outcome)
    async def delete(ids: Ids) -> Response:
        """With their pictures. What still goes on is left."""
        return JsonAnswer(await editor.delete(list(dict.fromkeys(ids))))

    going_on: Responses = {409: problem("It still goes on")}

    @router.delete("/{event_id}", status_code=204, responses={**NO_EVENT, **going_on})
    async def delete_one(event_id: str) -> Response:
        """With its picture."""
        left = (await editor.delete([event_id])).left.get(event_id)
        if left == "unknown":
            raise HTTPException(404, f"there is no event {event_id!r}; it may be older than what is kept")
        if left == "going on":
            raise HTTPException(409, f"event {event_id!r} still goes on; it can be deleted once it has ended")
        return Response(status_code=204)

    return router
