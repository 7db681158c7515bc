import asyncio
import gc
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import av
import httpx
import pytest
import pytest_asyncio
from aiortc import RTCConfiguration, RTCDataChannel, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from fastapi import FastAPI

from pipeline.core.messages import FrameResult
from pipeline.core.metrics import Metrics
from pipeline.core.objects import TrackedObject
from pipeline.core.packet import StreamInfo
from pipeline.core.status import InputState
from sinks.web.problems import answer_errors_as_problems
from sinks.web.whep import Whep, create_whep
from tests.system.clips import moving_mark
from tests.web.live_system import Clip, LiveSystem, Player

SIZE = (320, 180)
OFFER = {"Content-Type": "application/sdp"}
TRICKLE = {"Content-Type": "application/trickle-ice-sdpfrag"}


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
async def whep(system: LiveSystem, metrics: Metrics) -> AsyncIterator[Whep]:
    whep = create_whep(system, max_viewers=2, metrics=metrics)
    yield whep
    await whep.close()


@pytest_asyncio.fixture
async def client(whep: Whep) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(whep.router)
    answer_errors_as_problems(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


class WhepPlayer:
    """A standard player: offers, takes the answer, and receives."""

    def __init__(self, *, audio: bool = False, channel: bool = False) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.messages: list[dict[str, Any]] = []
        self.told = asyncio.Event()
        self._track: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        if audio:
            self.connection.addTransceiver("audio", direction="recvonly")
        self.connection.addTransceiver("video", direction="recvonly")
        if channel:
            self._listen(self.connection.createDataChannel("objects", ordered=False, maxRetransmits=0))
        self.connection.on("track", self._found)

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def watch(self, client: httpx.AsyncClient, url: str) -> httpx.Response:
        response = await client.post(url, content=await self.offer(), headers=OFFER)
        if response.status_code == 201:
            await self.connection.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        return response

    async def frame(self) -> av.VideoFrame:
        frame = await asyncio.wait_for((await self._track).recv(), 20)
        assert isinstance(frame, av.VideoFrame)
        return frame

    async def message(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while not (found := [message for message in self.messages if message["type"] == kind]):
                self.told.clear()
                await self.told.wait()
        return found[0]

    def _found(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            self._track.set_result(track)

    def _listen(self, channel: RTCDataChannel) -> None:
        def received(text: str) -> None:
            self.messages.append(json.loads(text))
            self.told.set()

        channel.on("message", received)


@pytest_asyncio.fixture
async def player() -> AsyncIterator[WhepPlayer]:
    player = WhepPlayer(channel=True)
    yield player
    await player.connection.close()


def viewers(metrics: Metrics, view: str) -> float | None:
    return metrics.registry.get_sample_value("framewatch_viewers", {"camera": "lane", "view": view})


@pytest.mark.parametrize("view", ["overlay", "burned"])
async def test_a_standard_player_sees_the_camera(
    view: str, client: httpx.AsyncClient, playing: Player, metrics: Metrics
) -> None:
    player = WhepPlayer(audio=True)
    response = await player.watch(client, f"/whep/lane?view={view}")
    assert response.status_code == 201
    assert response.headers["content-type"] == "application/sdp"
    assert response.headers["framewatch-view"] == view
    assert response.headers["location"].startswith("/whep/lane/")
    assert response.headers["etag"]
    frames = [await player.frame() for _ in range(5)]
    assert {(frame.width, frame.height) for frame in frames} == {SIZE}
    assert viewers(metrics, view) == 1

    assert (await client.delete(response.headers["location"])).status_code == 204
    assert (await client.delete(response.headers["location"])).status_code == 404
    assert viewers(metrics, view) == 0
    await player.connection.close()


async def test_the_page_is_told_the_clock_and_the_objects(
    client: httpx.AsyncClient, playing: Player, system: LiveSystem, player: WhepPlayer
) -> None:
    await player.watch(client, "/whep/lane")
    clock = await player.message("clock")
    assert 0 <= clock["rtp"] < 1 << 32
    found = TrackedObject("a-1", "person", 0.75, (0.1, 0.2, 0.3, 0.4), 1.0)
    system.results("lane").publish(FrameResult("lane", 1, clock["pts_90k"], 1.0, 0.1, [found], []))
    frame = await player.message("frame")
    assert frame["pts_90k"] == clock["pts_90k"]
    assert [found["id"] for found in frame["objects"]] == ["a-1"]


async def test_the_page_is_told_when_the_camera_goes_and_comes_back(
    client: httpx.AsyncClient, playing: Player, system: LiveSystem, player: WhepPlayer, clip: Clip
) -> None:
    await player.watch(client, "/whep/lane")
    await player.message("clock")
    system.hubs["overlay"].stream_lost()
    assert (await player.message("stream"))["online"] is False
    player.messages.clear()
    system.hubs["overlay"].stream_opened(clip.info)
    assert (await player.message("stream"))["online"] is True
    await player.frame()


async def test_a_camera_whose_packets_cannot_be_passed_on_is_sent_burned(
    client: httpx.AsyncClient, playing: Player, system: LiveSystem, player: WhepPlayer
) -> None:
    system.live = "burned"
    response = await player.watch(client, "/whep/lane?view=overlay")
    assert response.headers["framewatch-view"] == "burned"
    assert (await player.frame()).width == SIZE[0]
    assert len(system.hubs["overlay"]) == 0


async def test_viewers_are_sent_away_when_the_stream_comes_back_as_something_unplayable(
    client: httpx.AsyncClient, playing: Player, system: LiveSystem, player: WhepPlayer
) -> None:
    response = await player.watch(client, "/whep/lane")
    await player.frame()
    system.hubs["overlay"].stream_lost()
    system.hubs["overlay"].stream_opened(StreamInfo("hevc", *SIZE))
    async with asyncio.timeout(10):
        while (await client.delete(response.headers["location"])).status_code != 404:
            await asyncio.sleep(0.05)


async def test_a_viewer_that_goes_without_a_word_is_noticed(
    client: httpx.AsyncClient, playing: Player, system: LiveSystem, player: WhepPlayer
) -> None:
    await player.watch(client, "/whep/lane")
    await player.frame()
    await player.connection.close()
    async with asyncio.timeout(20):
        while len(system.hubs["overlay"]):
            await asyncio.sleep(0.05)


async def test_nobody_is_subscribed_when_nobody_watches(
    client: httpx.AsyncClient, playing: Player, system: LiveSystem, player: WhepPlayer
) -> None:
    response = await player.watch(client, "/whep/lane")
    await player.message("clock")
    assert (len(system.hubs["overlay"]), len(system.results("lane"))) == (1, 1)
    await client.delete(response.headers["location"])
    assert (len(system.hubs["overlay"]), len(system.results("lane"))) == (0, 0)


async def test_more_viewers_than_allowed_are_asked_to_come_later(client: httpx.AsyncClient, playing: Player) -> None:
    players = [WhepPlayer() for _ in range(3)]
    answers = [await player.watch(client, "/whep/lane") for player in players]
    assert [answer.status_code for answer in answers] == [201, 201, 503]
    assert "2 viewers are watching" in answers[2].json()["detail"]
    assert answers[2].headers["retry-after"]
    await client.delete(answers[0].headers["location"])
    assert (await players[2].watch(client, "/whep/lane")).status_code == 201
    await asyncio.gather(*(player.connection.close() for player in players))


@pytest.mark.parametrize(
    ("main", "sub", "view", "live_reason", "expected"),
    [
        pytest.param("online", "offline", "overlay", "", 201, id="its own packets need no analysis"),
        pytest.param("online", "offline", "burned", "", 503, id="boxes are burned into what is analysed"),
        pytest.param("online", "offline", "overlay", "H.265", 503, id="what is encoded again is what is analysed"),
        pytest.param("offline", "online", "overlay", "", 503, id="the picture on show is away"),
        pytest.param("offline", "online", "burned", "", 201, id="burned into what is analysed"),
    ],
)
async def test_of_two_streams_the_one_on_show_must_be_there(
    client: httpx.AsyncClient,
    system: LiveSystem,
    player: WhepPlayer,
    main: InputState,
    sub: InputState,
    view: str,
    live_reason: str,
    expected: int,
) -> None:
    system.state, system.sub_stream, system.live_reason = main, sub, live_reason
    response = await player.watch(client, f"/whep/lane?view={view}")
    assert response.status_code == expected


@pytest.mark.parametrize(
    ("query", "has_small_stream", "live", "shown"),
    [
        pytest.param("?size=small", True, "overlay", "small", id="as asked"),
        pytest.param("?size=small", False, "overlay", "overlay", id="there is none"),
        pytest.param("", True, "overlay", "overlay", id="who does not ask has the large one"),
        pytest.param("?size=small&view=burned", True, "overlay", "burned", id="burned has one size"),
        pytest.param("?size=small", True, "burned", "burned", id="the configuration asks for burned"),
    ],
)
async def test_a_small_picture_is_the_cameras_small_stream(
    client: httpx.AsyncClient,
    system: LiveSystem,
    player: WhepPlayer,
    query: str,
    has_small_stream: bool,
    live: Literal["overlay", "burned"],
    shown: str,
) -> None:
    system.has_small_stream, system.live = has_small_stream, live
    response = await player.watch(client, f"/whep/lane{query}")
    assert response.status_code == 201
    assert response.headers["framewatch-view"] == shown
    assert {view: len(hub) for view, hub in system.hubs.items() if len(hub)} == {shown: 1}


async def test_an_offline_camera_says_why(client: httpx.AsyncClient, system: LiveSystem, player: WhepPlayer) -> None:
    system.state, system.reason = "offline", "unauthorised"
    response = await player.watch(client, "/whep/lane")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "camera lane is offline: unauthorised"


@pytest.mark.parametrize(
    ("url", "body", "headers", "status", "detail"),
    [
        pytest.param("/whep/nowhere", "", {}, 404, "there is no camera named nowhere", id="unknown camera"),
        pytest.param(
            "/whep/lane", "{}", {"Content-Type": "text/plain"}, 415, "got a body of type text/plain", id="type"
        ),
        pytest.param("/whep/lane", "", {"Accept": "text/html"}, 406, "answers are application/sdp", id="accept"),
        pytest.param("/whep/lane", "hello", {}, 400, "the offer cannot be used", id="not an offer"),
        pytest.param("/whep/lane", "v=0\r\nm=video x", {}, 400, "the offer cannot be used", id="a broken offer"),
        pytest.param("/whep/lane", "x" * 70_000, {}, 413, "at most 65536 bytes", id="too long"),
        pytest.param("/whep/lane?view=radar", "", {}, 422, "'overlay' or 'burned'", id="unknown view"),
    ],
)
async def test_a_bad_request_is_told_what_is_wrong(
    url: str,
    body: str,
    headers: dict[str, str],
    status: int,
    detail: str,
    client: httpx.AsyncClient,
    system: LiveSystem,
) -> None:
    response = await client.post(url, content=body, headers=OFFER | headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert detail in response.json()["detail"]
    assert len(system.hubs["overlay"]) == 0


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        pytest.param(lambda sdp: sdp.replace("H264", "VP9"), "has no H.264", id="no H.264"),
        pytest.param(lambda sdp: sdp.replace("recvonly", "inactive"), "does not ask to receive", id="inactive"),
    ],
)
async def test_an_offer_that_cannot_be_met_is_not_acceptable(
    change: Any, detail: str, client: httpx.AsyncClient, player: WhepPlayer
) -> None:
    response = await client.post("/whep/lane", content=change(await player.offer()), headers=OFFER)
    assert response.status_code == 406
    assert detail in response.json()["detail"]


async def test_only_an_offer_can_be_posted(client: httpx.AsyncClient) -> None:
    assert (await client.get("/whep/lane")).status_code == 405
    options = await client.options("/whep/lane")
    assert (options.status_code, options.headers["accept-post"]) == (204, "application/sdp")


async def test_candidates_may_come_later(client: httpx.AsyncClient, playing: Player, player: WhepPlayer) -> None:
    offer = await player.offer()
    lines = offer.splitlines()
    candidates = [line for line in lines if line.startswith("a=candidate:")]
    without = [line for line in lines if not line.startswith(("a=candidate:", "a=end-of-candidates"))]
    response = await client.post("/whep/lane", content="\r\n".join([*without, ""]), headers=OFFER)
    location, etag = response.headers["location"], response.headers["etag"]
    ufrag = next(line for line in lines if line.startswith("a=ice-ufrag:"))
    fragment = "\r\n".join([ufrag, "m=video 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", *candidates, ""])
    assert (await client.patch(location, content=fragment, headers=TRICKLE | {"If-Match": etag})).status_code == 204
    await player.connection.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
    await player.frame()

    answers = {
        "another tag": await client.patch(location, content=fragment, headers=TRICKLE | {"If-Match": '"other"'}),
        "a restart": await client.patch(location, content="a=ice-ufrag:new1\r\n", headers=TRICKLE),
        "broken": await client.patch(location, content="a=candidate:1 1 udp 5\r\n", headers=TRICKLE),
        "another type": await client.patch(location, content=fragment, headers=OFFER),
        "no session": await client.patch("/whep/lane/none", content=fragment, headers=TRICKLE),
    }
    assert {case: answer.status_code for case, answer in answers.items()} == {
        "another tag": 412,
        "a restart": 422,
        "broken": 400,
        "another type": 415,
        "no session": 404,
    }


async def test_advertised_addresses_are_in_the_answer(system: LiveSystem, playing: Player, player: WhepPlayer) -> None:
    whep = create_whep(system, advertised_ips=["203.0.113.9"])
    app = FastAPI()
    app.include_router(whep.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        response = await client.post("/whep/lane", content=await player.offer(), headers=OFFER)
    await whep.close()
    assert " 203.0.113.9 " in response.text


async def test_ice_servers_are_told_before_and_with_the_answer(
    system: LiveSystem, playing: Player, player: WhepPlayer
) -> None:
    whep = create_whep(system, ice_servers=[RTCIceServer(["stun:127.0.0.1:9"]), RTCIceServer(["stun:127.0.0.1:10"])])
    app = FastAPI()
    app.include_router(whep.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        asked = await client.options("/whep/lane")
        answered = await client.post("/whep/lane", content=await player.offer(), headers=OFFER)
    await whep.close()
    told = [f'<stun:127.0.0.1:{port}>; rel="ice-server"' for port in (9, 10)]
    assert asked.headers.get_list("Link") == answered.headers.get_list("Link") == told


async def test_a_session_may_be_ended_while_it_begins(
    client: httpx.AsyncClient, whep: Whep, playing: Player, system: LiveSystem, player: WhepPlayer
) -> None:
    """No socket is left behind: warnings are errors."""
    starting = asyncio.create_task(client.post("/whep/lane", content=await player.offer(), headers=OFFER))
    while not len(system.hubs["overlay"]):
        await asyncio.sleep(0)
    await whep.close()
    assert (await starting).status_code == 503
    gc.collect()


async def test_closing_ends_every_session_and_refuses_new_ones(
    client: httpx.AsyncClient, whep: Whep, playing: Player, system: LiveSystem, player: WhepPlayer
) -> None:
    await player.watch(client, "/whep/lane")
    await player.frame()
    async with asyncio.timeout(2):
        await whep.close()
    assert len(system.hubs["overlay"]) == 0
    assert (await client.post("/whep/lane", content="v=0", headers=OFFER)).status_code == 503
