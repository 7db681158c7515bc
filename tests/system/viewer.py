"""A viewer that decodes what it is sent and knows how old each picture is when it has it."""

import asyncio
import json
import time
from typing import Any

import av
import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpCodecCapability, RTCRtpReceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

_RTP_WRAP = 1 << 32


class Viewer:
    """One WHEP session, and what came of it so far. It takes no H.265, as most browsers.

    `ages_s` are the seconds from capture to the decoded picture, once both clocks are known; `shown_pts_90k` and
    `result_pts_90k` belong to pictures and to results.
    """

    def __init__(self) -> None:
        self.sizes_wh: set[tuple[int, int]] = set()
        self.shown_pts_90k: list[int] = []
        self.result_pts_90k: list[int] = []
        self.ages_s: list[float] = []
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = self._connection.addTransceiver("video", direction="recvonly")
        transceiver.setCodecPreferences(_without_h265())
        self._receiver = transceiver.receiver
        self._connection.createDataChannel("objects", ordered=False, maxRetransmits=0).on("message", self._told)
        self._connection.on("track", self._found)
        self._clock: tuple[int, int] | None = None
        self._capture: tuple[int, float] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def watch(self, url: str) -> None:
        """`url` is a WHEP endpoint."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        async with httpx.AsyncClient(timeout=20) as client:
            answer = await client.post(
                url, content=self._connection.localDescription.sdp, headers={"Content-Type": "application/sdp"}
            )
        answer.raise_for_status()
        await self._connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))

    async def close(self) -> None:
        await self._connection.close()
        if self._reading is not None:
            await self._reading

    def _found(self, track: MediaStreamTrack) -> None:
        self._reading = asyncio.create_task(self._read(track))

    async def _read(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                picture = await track.recv()
                assert isinstance(picture, av.VideoFrame)
                self._shown(picture, time.time())
        except MediaStreamError:
            return

    def _shown(self, picture: av.VideoFrame, now: float) -> None:
        """The frame's RTP timestamp gives its pts, the latest result the capture time of a pts.

        aiortc counts a receiver's pictures from its first RTP timestamp, which only a private field tells.
        """
        first_rtp = getattr(self._receiver, "_RTCRtpReceiver__timestamp_mapper")._origin  # noqa: B009
        self.sizes_wh.add((picture.width, picture.height))
        if self._clock is None or picture.pts is None:
            return
        rtp, pts_90k = self._clock
        since = (first_rtp + picture.pts - rtp + _RTP_WRAP // 2) % _RTP_WRAP - _RTP_WRAP // 2
        self.shown_pts_90k.append(pts_90k + since)
        if self._capture is not None:
            known_pts_90k, captured_at = self._capture
            self.ages_s.append(now - (captured_at + (pts_90k + since - known_pts_90k) / 90_000))

    def _told(self, text: str) -> None:
        message: dict[str, Any] = json.loads(text)
        if message["type"] == "clock":
            self._clock = message["rtp"], message["pts_90k"]
        elif message["type"] == "frame":
            self._capture = message["pts_90k"], message["t"]
            self.result_pts_90k.append(message["pts_90k"])


async def watched(url: str, seconds: float) -> Viewer:
    """What a viewer of the WHEP endpoint `url` got in that time."""
    viewer = Viewer()
    await viewer.watch(url)
    await asyncio.sleep(seconds)
    await viewer.close()
    return viewer


def _without_h265() -> list[RTCRtpCodecCapability]:
    """The server's own module of it, where it was imported here, lets aiortc offer what it cannot decode."""
    known = RTCRtpReceiver.getCapabilities("video")
    assert known is not None
    return [codec for codec in known.codecs if codec.name != "H265"]
