"""Events over HTTP: lists, single ones, their pictures, and the stream that goes on where it ended."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.types import Message

from pipeline.core.broadcast import Broadcast
from pipeline.core.event import Event
from pipeline.store.store import EventStore
from sinks.web.closing import Closing
from sinks.web.event_stream import EventStream, changes
from sinks.web.server import WebServer
from tests.web.conftest import MakeApp
from tests.web.fake_system import FakeSystem, jpeg


def event(number: int, **facts: object) -> Event:
    return Event(**{"id": f"e{number}", "type": "object", "camera": "lobby", "started_at": float(number), **facts})  # type: ignore[arg-type]


HISTORY = (
    event(1, label="person", zones=["entrance"]),
    event(2, label="car", camera="yard", attributes={"colour": "red"}),
    event(3, type="zone_enter", label="person", zone="entrance", object_id="e1", severity="alert", rules=["night"]),
    event(4, type="camera_offline", camera="yard"),
    event(5, label="person", attributes={"colour": "blue"}),
)

FILTERS = {
    "everything": ("", "5 4 3 2 1"),
    "one camera": ("camera=yard", "4 2"),
    "two cameras": ("camera=yard&camera=lobby", "5 4 3 2 1"),
    "one type": ("type=zone_enter", "3"),
    "two labels": ("label=car&label=person", "5 3 2 1"),
    "a zone": ("zone=entrance", "3 1"),
    "alerts": ("severity=alert", "3"),
    "an object": ("object_id=e1", "3"),
    "an attribute": ("attribute=colour:red", "2"),
    "one of two values": ("attribute=colour:red&attribute=colour:blue", "5 2"),
    "a span": ("after=2&before=4", "3 2"),
    "all at once": ("camera=lobby&label=person&zone=entrance&before=3", "1"),
    "an alert rule": ("rule=night", "3"),
    "some of them by id": ("id=e1&id=e5&id=e9", "5 1"),
    "not reviewed": ("reviewed=false&camera=yard", "4 2"),
    "reviewed": ("reviewed=true", ""),
    "nothing": ("camera=attic", ""),
}


@pytest_asyncio.fixture
async def history(system: FakeSystem) -> None:
    for happened in HISTORY:
        await system.happens(happened)


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(("query", "expected"), FILTERS.values(), ids=FILTERS)
async def test_filters(client: httpx.AsyncClient, query: str, expected: str) -> None:
    answer = (await client.get(f"/api/v1/events?{query}")).json()

    assert [found["id"] for found in answer["events"]] == [f"e{number}" for number in expected.split()]
    assert (answer["next"], answer["seq"]) == (None, 5)


@pytest.mark.parametrize("wrong", ["red", "colour:", ":red"])
async def test_an_attribute_has_a_name_and_a_value(client: httpx.AsyncClient, wrong: str) -> None:
    answer = await client.get("/api/v1/events", params={"attribute": wrong})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.usefixtures("history")
async def test_pages_hold_still_while_events_come_in(client: httpx.AsyncClient, system: FakeSystem) -> None:
    first = (await client.get("/api/v1/events?limit=2")).json()
    await system.happens(event(9))
    second = (await client.get("/api/v1/events", params={"limit": 3, "cursor": first["next"]})).json()

    assert [found["id"] for found in first["events"] + second["events"]] == ["e5", "e4", "e3", "e2", "e1"]
    assert second["next"] is None


@pytest.mark.usefixtures("history")
async def test_an_event_tells_everything_it_knows(client: httpx.AsyncClient) -> None:
    told = (await client.get("/api/v1/events/e3")).json()

    assert told["zone"] == "entrance"
    assert told["rules"] == ["night"]
    assert told["clip"] == "none"


@pytest.mark.usefixtures("history")
async def test_pictures_are_the_events_own_or_their_objects(client: httpx.AsyncClient, snapshots: Path) -> None:
    (snapshots / "e1.jpg").write_bytes(jpeg())

    own = await client.get("/api/v1/events/e1/snapshot.jpg")
    of_object = await client.get("/api/v1/events/e3/snapshot.jpg")
    none = await client.get("/api/v1/events/e5/snapshot.jpg")
    again = await client.get("/api/v1/events/e1/snapshot.jpg", headers={"If-None-Match": own.headers["ETag"]})

    assert own.content == of_object.content == jpeg()
    assert (own.headers["Content-Type"], own.headers["Cache-Control"]) == ("image/jpeg", "private, no-cache")
    assert (none.status_code, none.json()["detail"]) == (404, "event 'e5' has no picture")
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("history")
async def test_a_picture_that_is_replaced_meanwhile_comes_whole(client: httpx.AsyncClient, snapshots: Path) -> None:
    pictures, over = [jpeg(), jpeg(width=640, height=360)], threading.Event()
    assert len(pictures[0]) != len(pictures[1])
    (snapshots / "e1.jpg").write_bytes(pictures[0])

    def replace_it() -> None:
        while not over.is_set():
            for picture in pictures:
                (snapshots / "better.tmp").write_bytes(picture)
                (snapshots / "better.tmp").replace(snapshots / "e1.jpg")

    replacing = threading.Thread(target=replace_it)
    replacing.start()
    try:
        for _ in range(200):
            answer = await client.get("/api/v1/events/e1/snapshot.jpg")
            assert answer.content in pictures
            assert int(answer.headers["Content-Length"]) == len(answer.content)
    finally:
        over.set()
        replacing.join(10)


class Client:
    """A reader of the stream, over a real socket."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def ids(self, count: int) -> list[str]:
        """`seq:event` of the next changes."""
        found: list[str] = []
        seq = ""
        while len(found) < count:
            line = await asyncio.wait_for(anext(self._lines), 20)
            if line.startswith("id: "):
                seq = line.removeprefix("id: ")
            elif line.startswith("data: "):
                found.append(f"{seq}:{json.loads(line.removeprefix('data: '))['id']}")
        return found


@pytest_asyncio.fixture
async def server(make_app: MakeApp) -> AsyncIterator[WebServer]:
    server = WebServer(make_app(), "127.0.0.1", 0)
    await server.start()
    yield server
    await server.stop()


RESUMPTIONS = {
    "by the browser's header": ({"Last-Event-ID": "2"}, ""),
    "by parameter": ({}, "?after=2"),
    "the header is newer than the parameter": ({"Last-Event-ID": "2"}, "?after=0"),
}


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(("headers", "query"), RESUMPTIONS.values(), ids=RESUMPTIONS)
async def test_the_stream_goes_on_where_it_ended(
    server: WebServer, system: FakeSystem, headers: dict[str, str], query: str
) -> None:
    url = f"{server.url}/api/v1/events/stream{query}"
    async with httpx.AsyncClient(timeout=30) as http, http.stream("GET", url, headers=headers) as response:
        client = Client(response.aiter_lines())
        assert await client.ids(3) == ["3:e3", "4:e4", "5:e5"]
        await system.happens(event(5, state="end"))
        assert await client.ids(1) == ["6:e5"]


@pytest.mark.usefixtures("history")
async def test_a_new_client_hears_only_what_is_new(server: WebServer, system: FakeSystem) -> None:
    url = f"{server.url}/api/v1/events/stream"
    async with httpx.AsyncClient(timeout=30) as http, http.stream("GET", url) as response:
        client = Client(response.aiter_lines())
        await system.happens(event(6))
        assert await client.ids(1) == ["6:e6"]


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("seq", [6, 2**63, 10**30], ids=["a little", "more than SQLite counts", "absurdly"])
async def test_who_knows_more_than_there_is_hears_what_is_new(server: WebServer, system: FakeSystem, seq: int) -> None:
    """A page that stayed open while the store was made anew."""
    url = f"{server.url}/api/v1/events/stream?after={seq}"
    async with httpx.AsyncClient(timeout=30) as http, http.stream("GET", url) as response:
        client = Client(response.aiter_lines())
        await system.happens(event(6))
        assert await client.ids(1) == ["6:e6"]


async def test_a_slow_client_gets_the_latest_state_of_each_event(store: EventStore) -> None:
    events: Broadcast[Event] = Broadcast()
    stream = changes(store, [events], Closing(), after=0)
    await anext(stream)
    for number in (1, 2):
        for state in ("new", "update", "end"):
            await asyncio.wrap_future(store.save(event(number, state=state)))
            events.publish(event(number))

    assert [(await anext(stream)).id for _ in range(2)] == ["3", "6"]
    await stream.aclose()  # type: ignore[attr-defined]
    assert len(events) == 0


async def test_a_stuck_client_is_let_go(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    events: Broadcast[Event] = Broadcast()
    stream = EventStream(changes(store, [events], Closing(), after=0))
    stream.send_timeout = 0.01
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        if message.get("more_body"):
            await asyncio.Event().wait()

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    await stream({"type": "http", "method": "GET", "client": ("127.0.0.1", 1)}, receive, send)

    assert sent[-1]["more_body"] is False
    assert len(events) == 0
