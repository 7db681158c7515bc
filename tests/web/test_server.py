"""What the whole application promises: paths and types, and a socket that comes and goes."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from pipeline.core.errors import FramewatchError
from pipeline.core.event import Event
from sinks.web.server import WebServer
from tests.web.conftest import PLACES, MakeApp
from tests.web.fake_system import FakeSystem
from tests.web.websocket_client import websocket

PATHS = {
    "alive": ("/healthz", 200, "application/json"),
    "ready": ("/readyz", 200, "application/json"),
    "metrics": ("/metrics", 200, "text/plain"),
    "cameras": ("/api/v1/cameras", 200, "application/json"),
    "one camera": ("/api/v1/cameras/lobby", 200, "application/json"),
    "still": ("/api/v1/cameras/lobby/latest.jpg", 200, "image/jpeg"),
    "still with boxes, scaled": ("/api/v1/cameras/lobby/latest.jpg?annotated=1&height=360", 200, "image/jpeg"),
    "still of an offline camera": ("/api/v1/cameras/yard/latest.jpg", 503, "application/problem+json"),
    "film of an offline camera": ("/api/v1/cameras/yard/mjpeg", 503, "application/problem+json"),
    "no such camera": ("/api/v1/cameras/attic", 404, "application/problem+json"),
    "film of no camera": ("/api/v1/cameras/attic/mjpeg", 404, "application/problem+json"),
    "still of a wrong height": ("/api/v1/cameras/lobby/latest.jpg?height=1", 422, "application/problem+json"),
    "events": ("/api/v1/events", 200, "application/json"),
    "events, wrong filter": ("/api/v1/events?severity=red", 422, "application/problem+json"),
    "events, wrong cursor": ("/api/v1/events?cursor=x", 400, "application/problem+json"),
    "no such event": ("/api/v1/events/none", 404, "application/problem+json"),
    "snapshot of no event": ("/api/v1/events/none/snapshot.jpg", 404, "application/problem+json"),
    "clip of no event": ("/api/v1/events/none/clip.mp4", 404, "application/problem+json"),
    "schema": ("/api/v1/config/schema.json", 200, "application/schema+json"),
    "wrong method": ("/api/v1/config/validate", 405, "application/problem+json"),
    "description": ("/openapi.json", 200, "application/json"),
    "dashboard": ("/", 200, "text/html"),
    "static file": ("/static/style/base.css", 200, "text/css"),
    "no static file": ("/static/none.css", 404, "application/problem+json"),
    "outside of static": ("/static/..%2fserver.py", 404, "application/problem+json"),
    "nothing there": ("/nothing", 404, "application/problem+json"),
}


@pytest.mark.parametrize(("path", "status", "media_type"), PATHS.values(), ids=PATHS)
async def test_every_path_answers_in_its_type(
    client: httpx.AsyncClient, path: str, status: int, media_type: str
) -> None:
    response = await client.get(path)

    assert (response.status_code, response.headers["Content-Type"].partition(";")[0]) == (status, media_type)
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest_asyncio.fixture
async def server(make_app: MakeApp) -> AsyncIterator[WebServer]:
    server = WebServer(make_app(), "127.0.0.1", 0)
    await server.start()
    yield server
    await server.stop()


async def test_a_port_in_use_is_said_with_what_to_do_instead(make_app: MakeApp, server: WebServer) -> None:
    second = WebServer(make_app(), "127.0.0.1", server.port)

    with pytest.raises(FramewatchError) as raised:
        await second.start()

    assert str(raised.value) == (
        f"127.0.0.1:{server.port} is in use by another program; "
        f"stop that one, or set server.port to another (say {server.port + 1})"
    )
    await second.stop()


async def test_a_foreign_address_is_said_with_what_to_do_instead(make_app: MakeApp) -> None:
    with pytest.raises(FramewatchError, match=r"192\.0\.2\.1 is no address of this machine; set server\.host"):
        await WebServer(make_app(), "192.0.2.1", 0).start()


async def test_it_can_start_again_on_the_port_it_left(make_app: MakeApp, server: WebServer) -> None:
    async with httpx.AsyncClient() as client:
        await client.get(f"{server.url}/healthz")
    await server.stop()

    again = WebServer(make_app(), "127.0.0.1", server.port)
    await again.start()
    await again.stop()


async def _read(url: str, connected: asyncio.Event) -> None:
    async with httpx.AsyncClient(timeout=30) as client, client.stream("GET", url) as response:
        async for _ in response.aiter_raw():
            connected.set()


async def test_whoever_watches_moving_pictures_takes_a_place(server: WebServer, system: FakeSystem) -> None:
    url = f"{server.url}/api/v1/cameras/lobby/mjpeg"
    async with contextlib.AsyncExitStack() as viewers, httpx.AsyncClient(timeout=30) as client:
        for _ in range(PLACES):
            response = await viewers.enter_async_context(client.stream("GET", url))
            assert response.status_code == 200
        refused = await client.get(url)
        assert (refused.status_code, "no more are allowed" in refused.json()["detail"]) == (503, True)
    async with httpx.AsyncClient(timeout=30) as client:
        while (await _status(client, url)) != 200:
            await asyncio.sleep(0.05)


async def _status(client: httpx.AsyncClient, url: str) -> int:
    async with client.stream("GET", url) as response:
        return response.status_code


async def test_no_file_is_a_websocket(server: WebServer) -> None:
    async with websocket(f"{server.url}/static/app.js") as client:
        assert client.status == 403


async def test_it_stops_within_two_seconds_whoever_watches(server: WebServer, system: FakeSystem) -> None:
    urls = (f"{server.url}/api/v1/events/stream", f"{server.url}/api/v1/cameras/lobby/mjpeg")
    connected = [asyncio.Event() for _ in urls]
    readers = [asyncio.create_task(_read(url, event)) for url, event in zip(urls, connected, strict=True)]
    await asyncio.wait_for(asyncio.gather(*(event.wait() for event in connected)), 20)

    began = time.monotonic()
    await server.stop()

    assert time.monotonic() - began < 2
    await asyncio.gather(*readers)
    assert len(system.events) == 0
    assert system.watchers == 0


async def test_it_stops_within_two_seconds_though_a_client_takes_nothing(server: WebServer, system: FakeSystem) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    writer.write(b"GET /api/v1/cameras/lobby/mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n")
    while not system.watchers:
        await asyncio.sleep(0.01)
    for _ in range(8):
        system.show(bytes(4 << 20))
        await asyncio.sleep(0.01)

    began = time.monotonic()
    await server.stop()

    assert time.monotonic() - began < 2
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_signals_stay_the_callers(make_app: MakeApp) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    server = WebServer(make_app(), "127.0.0.1", 0)

    await server.start()

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    await server.stop()


async def test_an_event_reaches_a_client_over_the_socket(server: WebServer, system: FakeSystem) -> None:
    url = f"{server.url}/api/v1/events/stream"
    async with httpx.AsyncClient(timeout=30) as client, client.stream("GET", url) as response:
        lines = response.aiter_lines()
        await anext(lines)
        await system.happens(Event(id="1", type="object", camera="lobby", started_at=1.0))
        async for line in lines:
            if line.startswith("data:"):
                break

    assert '"id":"1"' in line
