"""One camera's results on their way to the pages that draw them."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from pipeline.core.broadcast import Broadcast
from pipeline.core.context import Mark
from pipeline.core.messages import FrameResult
from pipeline.core.objects import TrackedObject

BUFFERED_BYTES = 64 << 10
"""A page that has this much still to fetch is left out until it has caught up."""


class Channel(Protocol):
    """What is used of a data channel."""

    @property
    def readyState(self) -> str: ...

    @property
    def bufferedAmount(self) -> int: ...

    def send(self, data: str) -> None: ...


class FrameMessage(msgspec.Struct, tag="frame", tag_field="type", frozen=True):
    """One analysed frame: `t` is its capture time (UTC seconds), boxes and marks are relative to the picture."""

    pts_90k: int
    t: float
    objects: list[TrackedObject]
    marks: list[Mark]


class ClockMessage(msgspec.Struct, tag="clock", tag_field="type", frozen=True):
    """A packet with this `pts_90k` carries the RTP timestamp `rtp`; the difference is constant for a session."""

    rtp: int
    pts_90k: int


class StreamMessage(msgspec.Struct, tag="stream", tag_field="type", frozen=True):
    """Whether the camera sends pictures at the moment."""

    online: bool


Message = FrameMessage | ClockMessage | StreamMessage


def send(channel: Channel, text: str) -> bool:
    """False when the page is too far behind to be told; a channel that is not open (any more) is passed over."""
    if channel.readyState != "open":
        return True
    if channel.bufferedAmount > BUFFERED_BYTES:
        return False
    channel.send(text)
    return True


def encode(message: Message) -> str:
    return msgspec.json.encode(message).decode()


class ObjectsFeed:
    """Serialises each result once, and only while a page listens."""

    def __init__(self, results: Broadcast[FrameResult], *, lost: Callable[[int], None]) -> None:
        self._results = results
        self._lost = lost
        self._channels: list[Channel] = []
        self._unsubscribe: Callable[[], None] | None = None

    def join(self, channel: Channel) -> None:
        self._channels.append(channel)
        if self._unsubscribe is None:
            self._unsubscribe = self._results.subscribe(self._publish)

    def leave(self, channel: Channel) -> None:
        """Idempotent."""
        if channel in self._channels:
            self._channels.remove(channel)
        if not self._channels and self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def _publish(self, result: FrameResult) -> None:
        text = encode(FrameMessage(result.pts_90k, result.captured_at, result.objects, result.marks))
        behind = sum(not send(channel, text) for channel in self._channels)
        if behind:
            self._lost(behind)
