"""What happened: lists, single events, and the stream of what happens now."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from pydantic import StringConstraints
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.core.event import Event, Severity
from pipeline.core.event_query import EventQuery, attribute_of
from pipeline.core.status import RunningSystem
from sinks.web.closing import Closing
from sinks.web.event_stream import EventStream, changes
from sinks.web.openapi import Responses, answer, problem, struct
from sinks.web.protocols import EventReader
from sinks.web.wire import EventList, JsonAnswer

NO_EVENT: Responses = {404: problem("There is no such event")}

Many = Annotated[list[str] | None, Query()]


def event_query(
    id: Many = None,
    camera: Many = None,
    type: Many = None,  # the parameter's name on the wire
    label: Many = None,
    zone: str | None = None,
    rule: Annotated[str | None, Query(description="Matched the alert rule of this name")] = None,
    severity: Severity | None = None,
    object_id: str | None = None,
    attribute: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[^:]+:.+$")]] | None,
        Query(description="What is known of the object, as in `colour:red`; of one name any, of several names all"),
    ] = None,
    after: Annotated[float | None, Query(description="Began at this time (UTC seconds) or later")] = None,
    before: Annotated[float | None, Query(description="Began before this time (UTC seconds)")] = None,
    reviewed: Annotated[bool | None, Query(description="Whether somebody has seen to it")] = None,
    pinned: Annotated[bool | None, Query(description="Whether somebody wants it kept")] = None,
) -> EventQuery:
    return EventQuery(
        ids=tuple(id or ()),
        cameras=tuple(camera or ()),
        types=tuple(type or ()),
        labels=tuple(label or ()),
        zone=zone,
        rule=rule,
        severity=severity,
        object_id=object_id,
        attributes=tuple(map(attribute_of, attribute or ())),
        after=after,
        before=before,
        reviewed=reviewed,
        pinned=pinned,
    )


def events_router(system: RunningSystem, store: EventReader, closing: Closing) -> APIRouter:
    router = APIRouter(prefix="/api/v1/events", tags=["events"])

    @router.get("", responses={200: struct(EventList, "One page of events, newest first")})
    async def events(
        query: Annotated[EventQuery, Depends(event_query)],
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
    ) -> Response:
        seq = await asyncio.to_thread(store.last_seq)  # before the list: what comes between is in both
        try:
            page = await asyncio.to_thread(store.list, query, limit=limit, cursor=cursor)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        return JsonAnswer(EventList(list(page.items), page.next_cursor, seq))

    stream_schema = {
        "type": "string",
        "description": "`id` is the number of the change; `data` an Event, or the id of one that was `deleted`",
    }

    @router.get("/stream", responses={200: answer("text/event-stream", "Changes of events", stream_schema)})
    async def stream(
        after: Annotated[int | None, Query(ge=0, description="Number of the last change that is known")] = None,
        last_event_id: Annotated[int | None, Header(ge=0)] = None,
    ) -> Response:
        known_seq = last_event_id if last_event_id is not None else after
        last_seq = await asyncio.to_thread(store.last_seq)
        # A number that never was is of another store, the one before this was made: that client goes on from now.
        behind = last_seq if known_seq is None else min(known_seq, last_seq)
        return EventStream(changes(store, [system.events, system.edits], closing, behind))

    @router.get("/{event_id}", responses={200: struct(Event, "One event as it is now"), **NO_EVENT})
    async def event(event_id: str) -> Response:
        return JsonAnswer(await known_event(store, event_id))

    return router


async def known_event(store: EventReader, event_id: str) -> Event:
    event = await asyncio.to_thread(store.get, event_id)
    if event is None:
        raise HTTPException(404, f"there is no event {event_id!r}; it may be older than what is kept")
    return event
