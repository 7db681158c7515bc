"""H.265 for who takes it: what is sent, and to whom."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import av
import httpx
import pytest
import pytest_asyncio
from aiortc import RTCRtpReceiver, rtcrtpreceiver
from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtp import RtpPacket
from fastapi import FastAPI

from pipeline.core.packet import Packet, StreamInfo
from sinks.web import h265, sdp
from sinks.web.problems import answer_errors_as_problems
from sinks.web.whep import create_whep
from tests.system.clips import moving_mark
from tests.web.live_system import Clip, LiveSystem, Player
from tests.web.test_whep import WhepPlayer

SIZE = (640, 360)
START = b"\x00\x00\x00\x01"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return Clip(moving_mark(tmp_path_factory.mktemp("clip") / "mark.ts", seconds=2, size=SIZE, gop=10, codec="hevc"))


@pytest.fixture
def system() -> LiveSystem:
    system = LiveSystem("lane")
    system.has_native_stream, system.live_reason = True, "H.265"
    return system


@pytest_asyncio.fixture
async def client(system: LiveSystem) -> AsyncIterator[httpx.AsyncClient]:
    whep = create_whep(system)
    app = FastAPI()
    app.include_router(whep.router)
    answer_errors_as_problems(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client
    await whep.close()


@pytest_asyncio.fixture
async def player() -> AsyncIterator[WhepPlayer]:
    player = WhepPlayer(channel=True)
    yield player
    await player.connection.close()


def rtp(packets: Iterator[Packet]) -> Iterator[bytes]:
    number = 0
    for packet in packets:
        passed_on = av.Packet(packet.data)
        passed_on.pts = packet.pts_90k
        payloads, timestamp = h265.Packing().pack(passed_on)
        for index, payload in enumerate(payloads):
            last = index == len(payloads) - 1
            number = number + 1 & 0xFFFF
            sent = RtpPacket(
                payload_type=96, marker=int(last), sequence_number=number, timestamp=timestamp & 0xFFFFFFFF
            )
            sent.payload = payload
            yield sent.serialize()


def test_another_ones_receiver_puts_it_together_again(clip: Clip, tmp_path: Path) -> None:
    """FFmpeg's RTP receiver, over a real socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    described = tmp_path / "stream.sdp"
    described.write_text(
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m=video {port} RTP/AVP 96\na=rtpmap:96 H265/90000\n"
    )
    over = False

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for datagram in rtp(clip.endless()):
                if over:
                    return
                sender.sendto(datagram, ("127.0.0.1", port))
                time.sleep(0.003)

    thread = Thread(target=send, daemon=True)
    thread.start()
    try:
        options = {"protocol_whitelist": "file,udp,rtp", "reorder_queue_size": "0"}
        with av.open(str(described), options=options, timeout=20) as container:
            pictures = container.decode(video=0)
            sizes = {(picture.width, picture.height) for _, picture in zip(range(30), pictures, strict=False)}
    finally:
        over = True
        thread.join(5)
    assert sizes == {SIZE}


@pytest.mark.parametrize("size", [3, h265.PAYLOAD_BYTES, h265.PAYLOAD_BYTES + 1, 5000, 100_001])
def test_no_payload_is_too_large_and_nothing_is_lost(size: int) -> None:
    unit = bytes([19 << 1, 1]) + bytes(index % 251 for index in range(size - 2))
    parts = list(h265.payloads(unit))
    assert max(map(len, parts)) <= h265.PAYLOAD_BYTES
    assert joined(parts) == unit


def joined(payloads: list[bytes]) -> bytes:
    if payloads[0][0] >> 1 & 0x3F != 49:
        (unit,) = payloads
        return unit
    first, *_ = payloads
    assert first[2] & 0x80 and payloads[-1][2] & 0x40
    assert not any(part[2] & 0xC0 for part in payloads[1:-1])
    return bytes([first[0] & 0x81 | (first[2] & 0x3F) << 1, first[1]]) + b"".join(part[3:] for part in payloads)


class Hevc(Decoder):
    """What a browser has that plays H.265."""

    def __init__(self) -> None:
        self._codec = av.CodecContext.create("hevc", "r")

    def decode(self, encoded_frame: JitterFrame) -> list[Any]:
        return list(self._codec.decode(av.Packet(encoded_frame.data)))


def depayload(codec: Any, payload: bytes) -> bytes:
    if payload[0] >> 1 & 0x3F != 49:
        return START + payload
    first = bytes([payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]])
    return START + first + payload[3:] if payload[2] & 0x80 else payload[3:]


async def test_who_offers_it_gets_the_cameras_own(
    client: httpx.AsyncClient, player: WhepPlayer, system: LiveSystem, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtcrtpreceiver, "get_decoder", lambda codec: Hevc())
    monkeypatch.setattr(rtcrtpreceiver, "depayload", depayload)
    with Player(clip, system.hubs["native"]):
        response = await player.watch(client, "/whep/lane")
        assert response.headers["Framewatch-View"] == "native"
        assert sdp.names_codec(response.text, "H265") and not sdp.names_codec(response.text, "H264")
        frame = await player.frame()
    assert (frame.width, frame.height) == SIZE


async def test_others_get_it_encoded_again(client: httpx.AsyncClient, player: WhepPlayer, system: LiveSystem) -> None:
    known = RTCRtpReceiver.getCapabilities("video")
    assert known is not None
    codecs = [codec for codec in known.codecs if codec.name == "H264"]
    player.connection.getTransceivers()[0].setCodecPreferences(codecs)
    response = await player.watch(client, "/whep/lane")
    assert response.headers["Framewatch-View"] == "overlay"
    assert sdp.names_codec(response.text, "H264") and not sdp.names_codec(response.text, "H265")


async def test_a_camera_without_it_sends_what_it_has(
    client: httpx.AsyncClient, player: WhepPlayer, system: LiveSystem
) -> None:
    system.has_native_stream = False
    response = await player.watch(client, "/whep/lane")
    assert response.headers["Framewatch-View"] == "overlay"


async def test_whoever_watches_is_sent_away_when_it_becomes_something_else(
    client: httpx.AsyncClient, player: WhepPlayer, system: LiveSystem
) -> None:
    system.hubs["native"].stream_opened(StreamInfo("hevc", *SIZE))
    response = await player.watch(client, "/whep/lane")
    system.hubs["native"].stream_opened(StreamInfo("hevc", *SIZE, has_b_frames=True))
    await asyncio.sleep(0.2)
    gone = await client.delete(response.headers["Location"])
    assert gone.status_code == 404


def test_the_answer_has_the_parameters_that_were_offered() -> None:
    offer = "a=rtpmap:49 H265/90000\r\na=fmtp:49 level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST\r\n"
    answer = "a=rtpmap:49 H265/90000\r\na=fmtp:49 level-id=93;profile-id=1\r\na=fmtp:50 apt=49\r\n"
    told = sdp.with_parameters_of(offer, answer, "H265")
    assert "a=fmtp:49 level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST" in told.splitlines()
    assert "a=fmtp:50 apt=49" in told.splitlines()
