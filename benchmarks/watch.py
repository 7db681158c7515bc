"""Viewers that receive everything and decode nothing: a WHEP client as cheap as it can be, in a process of its own.

    python -m benchmarks.watch http://127.0.0.1:8080/whep/camera0 20 [--codec VP8]

Answers each line on its standard input with one of JSON: what each viewer has got so far. It ends with its input.
"""

import asyncio
import json
import sys
from queue import Queue
from typing import Any

import httpx
import typer
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription, rtcrtpreceiver
from aiortc.rtp import RtpPacket


class Watcher:
    """One viewer; packets are answered as any client does it (lost ones asked for, reports sent), then thrown away."""

    def __init__(self, codec: str = "H264") -> None:
        self.packets = 0
        self.frames = 0
        """Access units that came to their end."""
        self.messages = 0
        self.first_frame = asyncio.Event()
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = self._connection.addTransceiver("video", direction="recvonly")
        known = RTCRtpReceiver.getCapabilities("video")
        assert known is not None
        transceiver.setCodecPreferences([each for each in known.codecs if each.name in (codec, "rtx")])
        self._hear(transceiver.receiver)
        channel = self._connection.createDataChannel("objects", ordered=False, maxRetransmits=0)
        channel.on("message", self._told)

    async def offer(self) -> str:
        """Complete with candidates."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return str(self._connection.localDescription.sdp)

    async def begin(self, client: httpx.AsyncClient, url: str, offer: str) -> None:
        """Raises httpx.HTTPStatusError where the server does not want it."""
        answer = await client.post(url, content=offer, headers={"Content-Type": "application/sdp"})
        answer.raise_for_status()
        await self._connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))

    async def close(self) -> None:
        await self._connection.close()

    def _hear(self, receiver: RTCRtpReceiver) -> None:
        """aiortc shows a track's pictures, not its packets: hence the private name."""
        handle = receiver._handle_rtp_packet

        async def counted(packet: RtpPacket, arrival_time_ms: int) -> None:
            self.packets += 1
            if packet.marker:
                self.frames += 1
                self.first_frame.set()
            await handle(packet, arrival_time_ms)

        receiver._handle_rtp_packet = counted  # type: ignore[method-assign]

    def _told(self, _text: str) -> None:
        self.messages += 1


def decode_nothing() -> None:
    """From now on aiortc throws away what it would decode, in this process."""

    def discard(loop: Any, input_q: "Queue[Any]", output_q: Any, decode_error: Any) -> None:
        while input_q.get() is not None:
            pass

    rtcrtpreceiver.decoder_worker = discard


async def watch(url: str, viewers: int, codec: str) -> None:
    watchers = [Watcher(codec) for _ in range(viewers)]
    async with httpx.AsyncClient(timeout=30, verify=False) as client:
        for watcher in watchers:
            await watcher.begin(client, url, await watcher.offer())
    while await asyncio.to_thread(sys.stdin.readline):
        told = {name: [getattr(each, name) for each in watchers] for name in ("packets", "frames", "messages")}
        print(json.dumps(told), flush=True)
    await asyncio.gather(*(watcher.close() for watcher in watchers))


def main(url: str, viewers: int, codec: str = "H264") -> None:
    """Watch until the input ends."""
    decode_nothing()
    asyncio.run(watch(url, viewers, codec))


if __name__ == "__main__":
    typer.run(main)
