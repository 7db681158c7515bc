"""Notices when aiortc changes what `rtp_clock` relies on: a real pair of connections, and what was really sent."""

import asyncio
from fractions import Fraction
from typing import Any

import av
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender
from aiortc.rtp import RTCP_PSFB_PLI, HeaderExtensionsMap, RtcpPsfbPacket, RtpPacket

from sinks.web import rtp_clock

FIRST_PTS = (1 << 32) - 9000
"""The RTP clock wraps while the test runs."""
STEP = 3600


class Counting(MediaStreamTrack):
    """Sends small access units, each STEP after the one before, and notes the sender's clock in between."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.sender: RTCRtpSender | None = None
        self.pts: int | None = None
        self.offsets: list[int] = []
        self.enough = asyncio.Event()

    async def recv(self) -> "av.Packet[Any]":
        if self.pts is not None and self.sender is not None:
            self.offsets.append((rtp_clock.rtp_timestamp(self.sender) - self.pts) % (1 << 32))
        if len(self.offsets) == 5:
            self.enough.set()
            await asyncio.Event().wait()
        self.pts = FIRST_PTS if self.pts is None else self.pts + STEP
        unit = av.Packet(b"\x00\x00\x00\x01\x65" + bytes(3000))
        unit.pts, unit.time_base = self.pts, Fraction(1, 90_000)
        return unit


async def connect(sending: RTCPeerConnection, receiving: RTCPeerConnection) -> None:
    await sending.setLocalDescription(await sending.createOffer())
    await receiving.setRemoteDescription(sending.localDescription)
    await receiving.setLocalDescription(await receiving.createAnswer())
    await sending.setRemoteDescription(receiving.localDescription)


async def test_the_rtp_timestamp_less_the_pts_is_constant_and_is_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    original = RtpPacket.serialize

    def noted(packet: RtpPacket, extensions: HeaderExtensionsMap = HeaderExtensionsMap()) -> bytes:  # noqa: B008
        sent.append(packet.timestamp)
        return original(packet, extensions)

    monkeypatch.setattr(RtpPacket, "serialize", noted)
    sending, receiving = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    track = Counting()
    transceiver = sending.addTransceiver(track, direction="sendonly")
    codecs = [codec for codec in RTCRtpSender.getCapabilities("video").codecs if codec.name == "H264"]
    transceiver.setCodecPreferences(codecs)
    track.sender = transceiver.sender
    try:
        await connect(sending, receiving)
        await asyncio.wait_for(track.enough.wait(), 20)
    finally:
        await sending.close()
        await receiving.close()

    assert len(set(track.offsets)) == 1
    offset = track.offsets[0]
    assert sorted({(timestamp - offset) % (1 << 32) for timestamp in sent}) == sorted(
        (FIRST_PTS + index * STEP) % (1 << 32) for index in range(5)
    )


async def test_picture_loss_comes_to_us() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    sender = connection.addTransceiver("video", direction="sendonly").sender
    told: list[str] = []
    rtp_clock.on_picture_loss(sender, lambda: told.append("lost"))
    await sender._handle_rtcp_packet(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=sender._ssrc))
    await connection.close()
    assert told == ["lost"]
