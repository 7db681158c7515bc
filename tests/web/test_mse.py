"""Live video over a WebSocket: the real server, a real hub, and clients fast and slow."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import av
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from pipeline.core.clock import SystemClock
from pipeline.core.messages import FrameResult
from pipeline.core.metrics import Metrics
from pipeline.core.objects import TrackedObject
from pipeline.core.packet import Packet, StreamInfo
from sinks.web.attempts import Attempts
from sinks.web.audience import Audience
from sinks.web.auth import Gate, Token
from sinks.web.closing import Closing
from sinks.web.mse import mse_router
from sinks.web.problems import answer_errors_as_problems
from sinks.web.server import WebServer
from tests.system.clips import moving_mark
from tests.web.live_system import Clip, LiveSystem, Player
from tests.web.websocket_client import WebSocketClient, websocket

SIZE = (320, 180)
LARGE = b"\0\0\0\1\x06" + b"\xff" * 200_000
"""A message of no meaning: each packet with it fills a socket."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return Clip(moving_mark(tmp_path_factory.mktemp("clip") / "mark.ts", seconds=2, size=SIZE, gop=10))


@pytest.fixture
def system() -> LiveSystem:
    return LiveSystem("lane")


@pytest.fixture
def playing(system: LiveSystem, clip: Clip) -> Iterator[Player]:
    with Player(clip, system.hubs["overlay"], system.hubs["burned"]) as player:
        yield player


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest_asyncio.fixture
async def audience(system: LiveSystem, metrics: Metrics) -> Audience:
    return Audience(system, max_viewers=2, metrics=metrics)


def _app(audience: Audience, token: Token | None = None) -> FastAPI:
    app = FastAPI()
    app.state.closing = Closing()
    app.include_router(mse_router(audience))
    answer_errors_as_problems(app)
    app.add_middleware(Gate, token=token)
    return app


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[WebServer]:
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@pytest_asyncio.fixture
async def server(audience: Audience) -> AsyncIterator[WebServer]:
    async with _running(_app(audience)) as server:
        yield server
    await audience.close()


@pytest.fixture
def url(server: WebServer) -> str:
    return f"{server.url}/api/v1/cameras/lane/mse"


async def first(client: WebSocketClient, kind: str) -> dict[str, Any]:
    while True:
        message = await client.message()
        if isinstance(message, dict) and message["type"] == kind:
            return message


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_viewer_gets_the_codec_then_video_with_the_cameras_own_times(
    url: str, playing: Player, clip: Clip
) -> None:
    await until(lambda: playing.newest_pts_90k > clip.first_pts_90k + 5 * clip.frame_ticks)
    async with websocket(url) as client:
        init = await client.message()
        assert isinstance(init, dict)
        assert (init["type"], init["codecs"], init["view"]) == ("init", "avc1.64000c", "overlay")
        video = [message for _ in range(40) if isinstance(message := await client.message(), bytes)]
    with av.open(io.BytesIO(b"".join(video)), "r") as container:
        pts = [init["pts_90k"] + picture.pts for picture in container.decode(video=0) if picture.pts is not None]
    assert len(pts) == len(video) - 1
    assert pts == sorted(pts)
    assert all((each - clip.first_pts_90k) % clip.frame_ticks == 0 for each in pts[-25:])
    assert pts[-1] == playing.newest_pts_90k or pts[-1] == playing.newest_pts_90k - clip.frame_ticks


async def test_objects_come_as_texts_and_nobody_is_subscribed_when_nobody_watches(
    url: str, playing: Player, system: LiveSystem, metrics: Metrics
) -> None:
    async with websocket(url) as client:
        await first(client, "init")
        await client.message()
        seen = TrackedObject("p-1", "person", 0.9, (0.1, 0.2, 0.3, 0.4), 1.0)
        system.results("lane").publish(FrameResult("lane", 1, 9_000, 1.5, 0.1, [seen], []))
        frame = await first(client, "frame")
        assert (frame["pts_90k"], frame["objects"][0]["label"]) == (9_000, "person")
        assert metrics.registry.get_sample_value("framewatch_viewers", {"camera": "lane", "view": "overlay"}) == 1
        assert (len(system.hubs["overlay"]), len(system.results("lane"))) == (1, 1)
    await until(lambda: (len(system.hubs["overlay"]), len(system.results("lane"))) == (0, 0))
    assert metrics.registry.get_sample_value("framewatch_viewers", {"camera": "lane", "view": "overlay"}) == 0


async def test_burned_video_comes_without_objects(url: str, playing: Player, system: LiveSystem) -> None:
    async with websocket(f"{url}?view=burned") as client:
        assert (await first(client, "init"))["view"] == "burned"
        assert (len(system.hubs["burned"]), len(system.results("lane"))) == (1, 0)


async def test_a_camera_that_goes_is_told_and_goes_on_as_something_else(
    url: str, system: LiveSystem, clip: Clip, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wide = Clip(moving_mark(tmp_path_factory.mktemp("wide") / "wide.ts", seconds=1, size=(640, 360), gop=10))
    hub = system.hubs["overlay"]
    async with websocket(url) as client:
        await until(lambda: len(hub))
        hub.stream_opened(clip.info)
        hub.packet(clip.packets[0])
        before = await first(client, "init")
        await client.message()
        hub.stream_lost()
        assert (await first(client, "stream"))["online"] is False
        hub.stream_opened(wide.info)
        hub.packet(_later(wide.packets[0], clip.packets[0].pts_90k + 900_000))
        after = await first(client, "init")
    assert after["codecs"] != before["codecs"]
    assert after["pts_90k"] == before["pts_90k"]


async def test_viewers_of_what_no_browser_plays_are_sent_away(url: str, playing: Player, system: LiveSystem) -> None:
    async with websocket(url) as client:
        await first(client, "init")
        system.hubs["overlay"].stream_opened(StreamInfo("hevc", *SIZE))
        with pytest.raises(EOFError):
            await first(client, "never")


async def test_a_slow_viewer_loses_video_up_to_a_key_frame_and_holds_up_nobody(
    url: str, system: LiveSystem, metrics: Metrics, clip: Clip
) -> None:
    hub = system.hubs["overlay"]
    hub.stream_opened(clip.info)
    async with websocket(url) as slow, websocket(url) as quick:
        await until(lambda: len(hub))
        sent, taken = 0, 0
        for packet, _ in zip(clip.endless(), range(400), strict=False):
            hub.packet(Packet(packet.data + LARGE, packet.pts_90k, packet.dts_90k, packet.keyframe, 0.0))
            sent += 1
            taken += await _takes_a_picture(quick)
        dropped = metrics.registry.get_sample_value("framewatch_dropped", {"camera": "lane", "place": "viewer"})
        assert taken == sent
        assert dropped
        assert dropped > 128
        await first(slow, "init")
        with av.open(io.BytesIO(b"".join([await _video(slow) for _ in range(int(sent - dropped))])), "r") as container:
            pictures = [
                (packet.pts, packet.is_keyframe) for packet in container.demux(video=0) if packet.pts is not None
            ]
    gaps = [now for before, now in pairwise(pictures) if now[0] - before[0] > clip.frame_ticks]
    assert gaps
    assert all(is_keyframe for _, is_keyframe in gaps)


async def _takes_a_picture(client: WebSocketClient) -> bool:
    while (await _video(client))[4:8] != b"moof":
        pass
    return True


async def _video(client: WebSocketClient) -> bytes:
    while not isinstance(message := await client.message(), bytes):
        pass
    return message


@pytest.mark.parametrize(
    ("target", "status", "detail"),
    [
        pytest.param("/api/v1/cameras/attic/mse", 404, "there is no camera named attic", id="no such camera"),
        pytest.param("/api/v1/cameras/lane/mse", 503, "camera lane is offline: unauthorised", id="offline"),
        pytest.param("/api/v1/cameras/lane/mse?view=odd", 422, "view: got 'odd'", id="no such view"),
    ],
)
async def test_what_is_wrong_is_told_before_the_upgrade_and_to_who_asks_plainly(
    server: WebServer, system: LiveSystem, target: str, status: int, detail: str
) -> None:
    system.state, system.reason = "offline", "unauthorised"
    async with websocket(server.url + target) as client:
        assert (client.status, client.headers["content-type"]) == (status, "application/problem+json")
        assert detail in json.loads(client.body)["detail"]
    async with httpx.AsyncClient() as plain:
        answer = await plain.get(server.url + target)
    assert (answer.status_code, detail in answer.json()["detail"]) == (status, True)


async def test_who_asks_plainly_is_told_to_upgrade(url: str, playing: Player) -> None:
    async with httpx.AsyncClient() as plain:
        answer = await plain.get(url)
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")


async def test_more_viewers_than_allowed_are_asked_to_come_later(url: str, playing: Player) -> None:
    async with websocket(url), websocket(url), websocket(url) as third:
        assert (third.status, third.headers["retry-after"]) == (503, "2")
        assert "2 viewers are watching" in json.loads(third.body)["detail"]


async def test_another_sites_page_gets_no_video(url: str, playing: Player) -> None:
    async with websocket(url, {"Origin": "https://elsewhere.example"}) as client:
        assert client.status == 403


async def test_without_the_token_there_is_no_video(system: LiveSystem, audience: Audience, playing: Player) -> None:
    app = _app(audience, Token("a token nobody guesses", Attempts(SystemClock())))
    async with _running(app) as server:
        url = f"{server.url}/api/v1/cameras/lane/mse"
        async with websocket(url) as stranger:
            assert (stranger.status, len(system.hubs["overlay"])) == (401, 0)
        async with websocket(url, {"Authorization": "Bearer wrong"}) as stranger:
            assert (stranger.status, len(system.hubs["overlay"])) == (401, 0)
        async with websocket(url, {"Authorization": "Bearer a token nobody guesses"}) as client:
            await first(client, "init")


async def test_this_sites_own_page_gets_video(url: str, playing: Player, server: WebServer) -> None:
    async with websocket(url, {"Origin": server.url}) as client:
        await first(client, "init")


async def test_a_small_picture_is_the_cameras_small_stream(url: str, clip: Clip, system: LiveSystem) -> None:
    system.has_small_stream = True
    with Player(clip, system.hubs["small"]):
        async with websocket(f"{url}?size=small") as client:
            assert (await first(client, "init"))["view"] == "small"
    system.has_small_stream = False
    with Player(clip, system.hubs["overlay"]):
        async with websocket(f"{url}?size=small") as client:
            assert (await first(client, "init"))["view"] == "overlay"


async def test_who_says_goodbye_is_let_go(url: str, playing: Player, system: LiveSystem) -> None:
    async with websocket(url) as client:
        await first(client, "init")
        await client.say("whatever a client says is read, and let go")
        await client.message()
        await client.close()
        await until(lambda: not len(system.hubs["overlay"]))


async def test_who_is_sent_away_is_told_so(url: str, playing: Player, audience: Audience) -> None:
    async with websocket(url) as client:
        await first(client, "init")
        audience.end_all()
        with pytest.raises(EOFError, match="1000"):
            await first(client, "never")


async def test_who_watches_a_camera_that_is_taken_out_is_sent_away(
    url: str, playing: Player, system: LiveSystem
) -> None:
    async with websocket(url) as client:
        await first(client, "init")
        system.gone.publish("another")
        assert isinstance(await client.message(), bytes)
        system.gone.publish(system.name)
        with pytest.raises(EOFError, match="1000"):
            await first(client, "never")


async def test_the_server_stops_whoever_watches(url: str, playing: Player, server: WebServer) -> None:
    async with websocket(url) as client:
        await first(client, "init")
        async with asyncio.timeout(2):
            await server.stop()
        with pytest.raises(EOFError, match="1012"):
            await first(client, "never")


async def test_the_server_stops_whoever_takes_nothing(
    url: str, system: LiveSystem, server: WebServer, audience: Audience, clip: Clip
) -> None:
    hub = system.hubs["overlay"]
    hub.stream_opened(clip.info)
    async with websocket(url):
        await until(lambda: len(hub))
        for packet, _ in zip(clip.endless(), range(100), strict=False):
            hub.packet(Packet(packet.data + LARGE, packet.pts_90k, packet.dts_90k, packet.keyframe, 0.0))
        await asyncio.sleep(0.5)
        async with asyncio.timeout(2):
            await server.stop()
            await audience.close()
        assert not len(hub)


def _later(packet: Packet, pts_90k: int) -> Packet:
    return Packet(packet.data, pts_90k, pts_90k, packet.keyframe, 0.0)
