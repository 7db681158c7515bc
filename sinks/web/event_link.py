"""The page of one event, for whoever has the signed link of an alert: no login, and nothing else to be seen."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response

from pipeline.core.event import Event
from pipeline.core.footage import Clip
from pipeline.core.links import BadLinkError, EventLinks, ExpiredLinkError, Linked
from pipeline.core.sentence import sentence, spoken
from pipeline.core.status import RunningSystem
from sinks.web.event_files import MediaPath, first_picture
from sinks.web.page import STATIC
from sinks.web.protocols import EventReader

_PAGES = Environment(loader=FileSystemLoader(STATIC), autoescape=True, undefined=StrictUndefined)
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


ClipOf = Callable[[Event], Awaitable[Clip | None]]
"""The recording of an event; None where it is not kept any more."""


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus, title: str, detail: str) -> None:
        self.status, self.title, self.detail = status, title, detail


class LinkedEvents:
    """What signed links lead to; raises _RefusedError for those that lead nowhere."""

    def __init__(self, links: EventLinks, store: EventReader, snapshot_path: MediaPath, clip_of: ClipOf) -> None:
        self._links = links
        self._store = store
        self._snapshot_path = snapshot_path
        self._clip_of = clip_of

    async def open(self, signed: str) -> tuple[Event, float]:
        """The event, and when its link ends."""
        linked = _read(self._links, signed)
        event = await asyncio.to_thread(self._store.get, linked.event_id)
        if event is None:
            raise _RefusedError(HTTPStatus.GONE, "This event is not kept any more", "It was deleted, or grew too old.")
        return event, linked.until

    async def picture(self, event: Event) -> Response | None:
        jpeg = await asyncio.to_thread(first_picture, self._snapshot_path, event)
        return None if jpeg is None else Response(jpeg, media_type="image/jpeg", headers=_HEADERS)

    async def recording(self, event: Event) -> Response | None:
        clip = await self._clip_of(event) if event.clip == "ready" else None
        return None if clip is None else FileResponse(clip.path, media_type="video/mp4", headers=_HEADERS)


def event_link_router(events: LinkedEvents, system: RunningSystem) -> APIRouter:
    router = APIRouter(prefix="/e/{signed}", include_in_schema=False)

    @router.get("")
    async def page(signed: str) -> Response:
        try:
            event, until = await events.open(signed)
        except _RefusedError as error:
            return _page("no_event_link.html", error.status, title=error.title, detail=error.detail)
        words = _words(event, _camera_name(system, event.camera), until)
        has_picture = await events.picture(event) is not None
        return _page("event_link.html", event=event, place=f"/e/{signed}", picture=has_picture, **words)

    @router.get("/snapshot.jpg")
    async def snapshot(signed: str) -> Response:
        return await _file(events, signed, events.picture)

    @router.get("/clip.mp4")
    async def clip(signed: str) -> Response:
        return await _file(events, signed, events.recording)

    return router


async def _file(events: LinkedEvents, signed: str, find: Callable[[Event], Awaitable[Response | None]]) -> Response:
    try:
        event, _ = await events.open(signed)
    except _RefusedError as error:
        raise HTTPException(error.status, f"{error.title}. {error.detail}", headers=_HEADERS) from None
    found = await find(event)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "this event has none", headers=_HEADERS)
    return found


async def no_clip(_event: Event) -> Clip | None:
    """Where nothing is recorded."""
    return None


def _read(links: EventLinks, signed: str) -> Linked:
    try:
        return links.read(signed)
    except ExpiredLinkError:
        days = f"{links.days:g} day{'s' if links.days != 1 else ''}"
        raise _RefusedError(HTTPStatus.GONE, "This link has expired", f"Links of alerts open for {days}.") from None
    except BadLinkError:
        detail = "It is not whole, or the server's token has changed since. Open it from the message once more."
        raise _RefusedError(HTTPStatus.FORBIDDEN, "This link opens nothing", detail) from None


def _page(name: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    return HTMLResponse(_PAGES.get_template(name).render(values), status, headers=_HEADERS)


def _words(event: Event, camera_name: str, until: float) -> dict[str, Any]:
    facts = [(spoken(name), str(value)) for name, value in event.attributes.items()]
    if event.score is not None:
        facts.insert(0, ("certain to", f"{100 * event.score:.0f} %"))
    if event.rules:
        facts.append(("alert", ", ".join(event.rules)))
    return {
        "what": sentence(event),
        "camera_name": camera_name,
        "at": datetime.fromtimestamp(event.started_at).astimezone(),
        "facts": facts,
        "until": datetime.fromtimestamp(until).astimezone(),
    }


def _camera_name(system: RunningSystem, name: str) -> str:
    try:
        return system.camera(name).friendly_name or name
    except KeyError:  # it has gone since
        return name
