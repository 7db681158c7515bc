"""The video of an event."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

from pipeline.core.event import Event
from pipeline.core.footage import Clip
from sinks.web.events import NO_EVENT, known_event
from sinks.web.openapi import Responses, answer, problem
from sinks.web.protocols import EventReader, Recordings

VIDEO: Responses = {
    200: answer("video/mp4", "MP4 as the camera sent it, H.264 or H.265; byte ranges are answered"),
    206: answer("video/mp4", "A byte range of it"),
}

Burned = Annotated[bool, Query(description="With its object's box in the pictures: encoded again, which takes a while")]


def clips_router(store: EventReader, recordings: Recordings) -> APIRouter:
    router = APIRouter(prefix="/api/v1/events/{event_id}", tags=["events"])
    not_yet: Responses = {409: problem("It is still being recorded"), 410: problem("It is not kept any more")}

    @router.get("/clip.mp4", response_class=FileResponse, responses={**VIDEO, **NO_EVENT, **not_yet})
    async def clip(event_id: str, burned: Burned = False) -> FileResponse:
        """Its recording, from some seconds before it began; what an object at rest did not do is left out."""
        event = await known_event(store, event_id)
        _refuse_without_clip(event)
        found = await (recordings.burned_clip_of(event) if burned else recordings.clip_of(event))
        if found is None:
            raise HTTPException(410, f"the recording of event {event_id!r} is not kept any more")
        return video(found)

    return router


def video(clip: Clip) -> FileResponse:
    """Its headers say when the first picture was taken, and when the last one ends."""
    times = {"X-Framewatch-Starts-At": f"{clip.started_at:.3f}", "X-Framewatch-Ends-At": f"{clip.ended_at:.3f}"}
    return FileResponse(clip.path, media_type="video/mp4", headers={"Cache-Control": "private, no-cache", **times})


def _refuse_without_clip(event: Event) -> None:
    match event.clip:
        case "none":
            raise HTTPException(404, f"event {event.id!r} has no recording: nothing is recorded for it")
        case "failed":
            raise HTTPException(404, f"event {event.id!r} has no recording: it could not be recorded")
        case "pending":
            raise HTTPException(409, f"event {event.id!r} is still being recorded: there is a clip once it is over")
