"""What an event has to show: its best picture."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.core.event import Event
from sinks.web.events import NO_EVENT, known_event
from sinks.web.openapi import answer
from sinks.web.protocols import EventReader

MediaPath = Callable[[str], Path | None]
"""The picture or the recording of an event, by its id; None where there is none."""


def event_files_router(store: EventReader, snapshot_path: MediaPath) -> APIRouter:
    router = APIRouter(prefix="/api/v1/events/{event_id}", tags=["events"])

    @router.get("/snapshot.jpg", responses={200: answer("image/jpeg", "Its best picture"), **NO_EVENT})
    async def snapshot(event_id: str, request: Request) -> Response:
        event = await known_event(store, event_id)
        jpeg = await asyncio.to_thread(first_picture, snapshot_path, event)
        if jpeg is None:
            raise HTTPException(404, f"event {event_id!r} has no picture")
        headers = {"Cache-Control": "private, no-cache", "ETag": f'"{sha256(jpeg).hexdigest()}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(jpeg, media_type="image/jpeg", headers=headers)

    return router


def first_picture(snapshot_path: MediaPath, event: Event) -> bytes | None:
    """Its own picture, or that of the object that it is about.

    Read as a whole: while an object is in view a better picture may take this one's place at any moment.
    """
    for event_id in (event.id, event.object_id):
        path = snapshot_path(event_id) if event_id else None
        if path is not None:
            with suppress(FileNotFoundError):  # never made, or gone since
                return path.read_bytes()
    return None
