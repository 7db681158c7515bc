"""Reviewing and deleting over HTTP, with a real service and store behind it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.core.metrics import Metrics
from pipeline.events.editor import EventEditor
from pipeline.events.service import EventService
from pipeline.store.audit import AuditLog
from pipeline.store.media import MediaFolder
from pipeline.store.paths import write_paths
from pipeline.store.store import EventStore
from sinks.web.audit import audit_router
from sinks.web.event_edits import MOST, event_edits_router
from sinks.web.event_path import event_path_router
from sinks.web.server import WebServer
from tests.web.conftest import TOKEN, MakeApp, client_of
from tests.web.fake_system import FakeSystem, jpeg


def event(name: str, ended_at: float | None = 2.0) -> Event:
    return Event(id=name, type="object", camera="lobby", started_at=1.0, ended_at=ended_at, label="person")


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


@pytest_asyncio.fixture
async def editor(system: FakeSystem, store: EventStore, media: MediaFolder) -> AsyncIterator[EventEditor]:
    service = EventService(store, media, ManualClock(), Metrics(), broadcast=system.events)
    await service.start()
    for happened in (event("a"), event("b"), event("here", None)):
        media.write_snapshot(happened.id, "lobby", jpeg())
        await system.happens(happened)
    yield EventEditor(service, store, media, system.edits)
    await service.close()


@pytest_asyncio.fixture
async def editing(make_app: MakeApp, editor: EventEditor, store: EventStore) -> AsyncIterator[httpx.AsyncClient]:
    audit = AuditLog(store, ManualClock())
    routers = (event_edits_router(editor), event_path_router(store), audit_router(audit))
    async with client_of(make_app(routers=routers)) as client:
        yield client


async def test_one_is_deleted_with_its_picture(editing: httpx.AsyncClient, media: MediaFolder) -> None:
    deleted = await editing.delete("/api/v1/events/a")
    again = await editing.delete("/api/v1/events/a")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (again.status_code, again.json()["detail"]) == (
        404,
        "there is no event 'a'; it may be older than what is kept",
    )
    assert (await editing.get("/api/v1/events/a")).status_code == 404
    assert media.snapshot("a") is None


async def test_what_goes_on_cannot_be_deleted(editing: httpx.AsyncClient, media: MediaFolder) -> None:
    answer = await editing.delete("/api/v1/events/here")

    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json()["detail"] == "event 'here' still goes on; it can be deleted once it has ended"
    assert (await editing.get("/api/v1/events/here")).status_code == 200
    assert media.snapshot("here") is not None


async def test_several_are_deleted_at_once_and_the_others_named(editing: httpx.AsyncClient) -> None:
    answer = await editing.post("/api/v1/events/delete", json={"ids": ["a", "here", "b", "a", "nobody"]})

    assert answer.json() == {"done": ["a", "b"], "left": {"here": "going on", "nobody": "unknown"}}
    assert [found["id"] for found in (await editing.get("/api/v1/events")).json()["events"]] == ["here"]


async def test_reviewing_and_taking_it_back(editing: httpx.AsyncClient) -> None:
    async def not_reviewed() -> list[str]:
        events = (await editing.get("/api/v1/events?reviewed=false")).json()["events"]
        return sorted(found["id"] for found in events)

    answer = await editing.post("/api/v1/events/reviewed", json={"ids": ["a", "here", "nobody"]})
    assert answer.json() == {"done": ["a", "here"], "left": {"nobody": "unknown"}}
    assert (await editing.get("/api/v1/events/a")).json()["reviewed"] is True
    assert await not_reviewed() == ["b"]
    await editing.post("/api/v1/events/reviewed", json={"ids": ["a"], "reviewed": False})
    assert await not_reviewed() == ["a", "b"]


async def test_pinning_and_taking_it_back(editing: httpx.AsyncClient) -> None:
    async def pinned() -> list[str]:
        events = (await editing.get("/api/v1/events?pinned=true")).json()["events"]
        return sorted(found["id"] for found in events)

    answer = await editing.post("/api/v1/events/pinned", json={"ids": ["a", "here", "nobody"]})
    assert answer.json() == {"done": ["a", "here"], "left": {"nobody": "unknown"}}
    assert await pinned() == ["a", "here"]
    await editing.post("/api/v1/events/pinned", json={"ids": ["a"], "pinned": False})
    assert await pinned() == ["here"]


async def test_who_did_what_is_noted(editing: httpx.AsyncClient, store: EventStore) -> None:
    for path, body in (
        ("reviewed", {"ids": ["a", "nobody"]}),
        ("reviewed", {"ids": ["a"], "reviewed": False}),
        ("pinned", {"ids": ["a", "b"]}),
        ("pinned", {"ids": ["b"], "pinned": False}),
        ("delete", {"ids": ["a", "here"]}),
        ("delete", {"ids": ["nobody"]}),
    ):
        await editing.post(f"/api/v1/events/{path}", json=body)
    newest = (await editing.get("/api/v1/audit?limit=2")).json()
    older = (await editing.get(f"/api/v1/audit?cursor={newest['next']}")).json()

    assert [(entry["action"], entry["subjects"], entry["who"]) for entry in newest["entries"] + older["entries"]] == [
        ("events.deleted", ["a"], "127.0.0.1"),
        ("events.unpinned", ["b"], "127.0.0.1"),
        ("events.pinned", ["a", "b"], "127.0.0.1"),
        ("events.unreviewed", ["a"], "127.0.0.1"),
        ("events.reviewed", ["a"], "127.0.0.1"),
    ]
    assert older["next"] is None


@pytest.mark.parametrize("query", ["cursor=0", "cursor=nonsense", "limit=0", "limit=501"])
async def test_a_page_that_is_none_is_refused(editing: httpx.AsyncClient, query: str) -> None:
    assert (await editing.get(f"/api/v1/audit?{query}")).status_code == 422


async def test_where_an_object_went(editing: httpx.AsyncClient, store: EventStore, system: FakeSystem) -> None:
    instant = Event(id="entered", type="zone_enter", camera="lobby", started_at=1.0, ended_at=1.0, object_id="a")
    await system.happens(instant)
    went = [(1.0, 0.25, 0.5, 0.3, 0.6), (2.5, 0.75, 0.5, 0.8, 0.6)]
    await asyncio.wrap_future(store.edit(lambda connection: write_paths(connection, {"a": went})))
    for event_id in ("a", "entered"):
        assert (await editing.get(f"/api/v1/events/{event_id}/path")).json() == {"points": [[*point] for point in went]}
    assert (await editing.get("/api/v1/events/b/path")).json() == {"points": []}
    assert (await editing.get("/api/v1/events/nobody/path")).status_code == 404


@pytest.mark.parametrize("path", ["delete", "reviewed", "pinned"])
@pytest.mark.parametrize(
    "body",
    [{}, {"ids": []}, {"ids": "a"}, {"ids": [1]}, {"ids": ["a"] * (MOST + 1)}, []],
    ids=["nothing", "no ids", "no list", "no text", "too many", "a list"],
)
async def test_a_body_that_is_none_is_refused(editing: httpx.AsyncClient, path: str, body: object) -> None:
    answer = await editing.post(f"/api/v1/events/{path}", json=body)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert len((await editing.get("/api/v1/events")).json()["events"]) == 3


async def test_open_pages_are_told(make_app: MakeApp, editor: EventEditor) -> None:
    server = WebServer(make_app(routers=(event_edits_router(editor),)), "127.0.0.1", 0)
    await server.start()
    url = f"{server.url}/api/v1/events"
    try:
        async with httpx.AsyncClient(timeout=30) as http, http.stream("GET", f"{url}/stream?after=3") as stream:
            lines = stream.aiter_lines()
            await http.post(f"{url}/reviewed", json={"ids": ["b"]})
            assert (await _next(lines))[:2] == ("4", "event")
            await http.delete(f"{url}/a")
            assert await _next(lines) == ("5", "deleted", {"id": "a"})
    finally:
        await server.stop()


async def _next(lines: AsyncIterator[str]) -> tuple[str, str, dict[str, object]]:
    """The number, kind and content of the next change."""
    said: dict[str, str] = {}
    while "data" not in said:
        name, _, value = (await asyncio.wait_for(anext(lines), 20)).partition(": ")
        said[name] = value
    return said["id"], said["event"], json.loads(said["data"])


async def test_nobody_else_deletes(make_app: MakeApp, editor: EventEditor) -> None:
    async with client_of(make_app(token=TOKEN, routers=(event_edits_router(editor),))) as guarded:
        assert (await guarded.delete("/api/v1/events/a")).status_code == 401
    async with client_of(make_app(routers=(event_edits_router(editor),))) as client:
        from_elsewhere = {"Origin": "https://elsewhere.example"}
        assert (await client.delete("/api/v1/events/a", headers=from_elsewhere)).status_code == 403
        assert (await client.get("/api/v1/events/a")).status_code == 200
