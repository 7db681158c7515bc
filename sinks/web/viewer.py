"""One viewer: a peer connection that is handed a camera's own packets, and the objects in them."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence

from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)

from pipeline.core.clock import Clock
from pipeline.core.errors import FramewatchError
from pipeline.core.status import LiveView
from sinks.web import h265, rtp_clock, sdp
from sinks.web.fanout import FanOut
from sinks.web.objects_feed import ClockMessage, ObjectsFeed, StreamMessage, encode, send
from sinks.web.packet_track import PacketTrack

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 15.0
CLOCK_INTERVAL_S = 2.0
RESTART_INTERVAL_S = 1.0
OBJECTS_LABEL = "objects"


class OfferError(FramewatchError, ValueError):
    """An offer that cannot be answered; not `malformed` where it is sound but asks for something else."""

    def __init__(self, message: str, *, malformed: bool) -> None:
        self.malformed = malformed
        super().__init__(message)


class Viewer:
    """One WHEP session, on the event loop. `ended` is called once, when the connection is over for any reason.

    Without a `feed` the page is told of the stream, but of no objects: they are in the picture already.
    """

    def __init__(
        self,
        camera: str,
        view: LiveView,
        *,
        fanout: FanOut,
        feed: ObjectsFeed | None,
        ice_servers: Sequence[RTCIceServer],
        clock: Clock,
        ended: Callable[["Viewer"], None],
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.camera = camera
        self.view = view
        self._feed = feed
        self._clock = clock
        self._ended: Callable[[Viewer], None] | None = ended
        self._channel: RTCDataChannel | None = None
        self._negotiating = asyncio.Lock()
        self._clock_told_at = -CLOCK_INTERVAL_S
        self._restarted_at = clock.monotonic()
        self._track = PacketTrack(fanout, self._tell_clock)
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=list(ice_servers)))
        self._connection.on("connectionstatechange", self._connection_changed)
        self._connection.on("datachannel", self._channel_opened)
        self._track.on("ended", self.end)
        self._transceiver = self._add_track()
        self._deadline = asyncio.get_running_loop().call_later(CONNECT_TIMEOUT_S, self._end_unless_connected)

    async def answer(self, offer: str) -> str:
        """The answer to `offer`, complete with candidates; raises OfferError."""
        async with self._negotiating:
            try:
                description = RTCSessionDescription(sdp.without_hidden_candidates(offer), "offer")
                await self._connection.setRemoteDescription(description)
                await self._connection.setLocalDescription(await self._connection.createAnswer())
            except Exception as error:  # whatever aiortc makes of a text that anybody may have written
                raise _refusal(offer, error) from error
        if self._transceiver.currentDirection not in ("sendonly", "sendrecv"):
            raise OfferError("the offer does not ask to receive video", malformed=False)
        return str(self._connection.localDescription.sdp)

    async def add_candidates(self, fragment: str) -> None:
        """Raises ValueError where the fragment is malformed."""
        for candidate in sdp.candidates_of(fragment):
            await self._connection.addIceCandidate(candidate)

    @property
    def etag(self) -> str:
        return f'"{self.id[:8]}"'

    @property
    def username_fragment(self) -> str | None:
        """The page's; another one would be an ICE restart."""
        remote = self._connection.remoteDescription
        return None if remote is None else sdp.username_fragment(remote.sdp)

    def tell_online(self, online: bool) -> None:
        if self._channel is not None:
            send(self._channel, encode(StreamMessage(online)))

    def end(self) -> None:
        """Nothing more is sent; idempotent. `closed` then waits for the sockets."""
        if self._ended is None:
            return
        ended, self._ended = self._ended, None
        self._deadline.cancel()
        self._track.stop()
        if self._feed is not None and self._channel is not None:
            self._feed.leave(self._channel)
        ended(self)

    async def closed(self) -> None:
        """Returns once the connection is gone, and the page has been told."""
        async with self._negotiating:  # aiortc would open sockets after it has closed them
            await self._connection.close()

    def _add_track(self) -> RTCRtpTransceiver:
        transceiver = self._connection.addTransceiver(self._track, direction="sendonly")
        wanted = h265.NAME if self.view == "native" else "H264"
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([codec for codec in codecs if codec.name in (wanted, "rtx")])
        rtp_clock.on_picture_loss(transceiver.sender, self._restart)
        return transceiver

    def _restart(self) -> None:
        now = self._clock.monotonic()
        if now - self._restarted_at >= RESTART_INTERVAL_S:
            self._restarted_at = now
            self._track.restart()

    def _tell_clock(self, last_pts_90k: int) -> None:
        """The channel may lose a message, so this one is said again and again."""
        if self._channel is None or self._clock.monotonic() - self._clock_told_at < CLOCK_INTERVAL_S:
            return
        self._clock_told_at = self._clock.monotonic()
        rtp = rtp_clock.rtp_timestamp(self._transceiver.sender)
        send(self._channel, encode(ClockMessage(rtp, last_pts_90k)))

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        if channel.label == OBJECTS_LABEL and self._channel is None and self._ended is not None:
            self._channel = channel
            if self._feed is not None:
                self._feed.join(channel)

    def _connection_changed(self) -> None:
        if self._connection.connectionState == "connected":
            self._deadline.cancel()
        elif self._connection.connectionState in ("failed", "closed"):
            self.end()

    def _end_unless_connected(self) -> None:
        log.info("camera %s: a viewer got no connection within %.0f s", self.camera, CONNECT_TIMEOUT_S)
        self.end()


def _refusal(offer: str, error: Exception) -> OfferError:
    sound = offer.startswith("v=0") and "m=video" in offer and "a=ice-ufrag:" in offer
    if sound and "H264" not in offer:
        return OfferError("the offer has no H.264, and a camera's packets are passed on as they are", malformed=False)
    return OfferError(f"the offer cannot be used: {error or type(error).__name__}", malformed=not sound)
