"""One camera's packets, brought to the event loop once and handed to all viewers of a view."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Lock

from msgspec.structs import replace

from pipeline.core.contracts import PacketStream
from pipeline.core.packet import Packet, StreamInfo

GOP_BYTES = 8 << 20
GOP_PACKETS = 900
"""A cached GOP longer than this (half a minute at 30 fps) is let go; viewers then wait for a key frame."""
BACKLOG_PACKETS = 128
"""How far a viewer, or the event loop, may fall behind: 5 s at 25 fps."""


class Gop:
    """The packets since the last key frame, or nothing where they became too many."""

    def __init__(self, max_packets: int = GOP_PACKETS, max_bytes: int = GOP_BYTES) -> None:
        self._max_packets = max_packets
        self._max_bytes = max_bytes
        self._bytes = 0
        self._packets: list[Packet] = []

    @property
    def packets(self) -> tuple[Packet, ...]:
        return tuple(self._packets)

    def add(self, packet: Packet) -> None:
        if packet.keyframe:
            self.clear()
        elif not self._packets:
            return
        self._packets.append(packet)
        self._bytes += len(packet.data)
        if len(self._packets) > self._max_packets or self._bytes > self._max_bytes:
            self.clear()

    def clear(self) -> None:
        self._packets.clear()
        self._bytes = 0


class ViewerQueue:
    """What one viewer still has to be sent; it starts at a key frame, and again at one after it fell behind.

    A cached GOP is handed out first, its pts squeezed into the last moments before its newest packet: a
    player that gets a second of video at once with the true times would show it for a second, and stay
    that much behind. The newest packet keeps its pts, so that whatever comes after it is exact.
    """

    def __init__(self, lost: Callable[[int], None], capacity: int = BACKLOG_PACKETS) -> None:
        self.started = False
        self.behind = False
        """True when more was waiting behind the packet handed out last."""
        self._lost = lost
        self._capacity = capacity
        self._replay: deque[Packet] = deque()
        self._live: deque[Packet] = deque()
        self._last_pts_90k: int | None = None
        self._wants_keyframe = False
        self._changed = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._replay) + len(self._live)

    def restart(self, gop: tuple[Packet, ...]) -> None:
        """Begins at the key frame of `gop`, whose last packet is the newest one there is."""
        self.started = True
        self._wants_keyframe = False
        self._live.clear()
        self._replay = deque(_squeezed(gop))
        self._changed.set()

    def offer(self, packet: Packet) -> None:
        if len(self._live) >= self._capacity:
            self._give_up_backlog()
        if self._wants_keyframe and not packet.keyframe:
            self._lost(1)
            return
        self._wants_keyframe = False
        self._live.append(packet)
        self._changed.set()

    async def get(self) -> Packet | None:
        """The next packet to send, its pts always above the one before; None once the queue is closed."""
        while not len(self) and not self._closed:
            self._changed.clear()
            await self._changed.wait()
        if self._closed:
            return None
        packet = (self._replay or self._live).popleft()
        self.behind = len(self) > 0
        return self._in_order(packet)

    def close(self) -> None:
        self._closed = True
        self._changed.set()

    def _give_up_backlog(self) -> None:
        self._lost(len(self))
        self._replay.clear()
        self._live.clear()
        self._wants_keyframe = True

    def _in_order(self, packet: Packet) -> Packet:
        if self._last_pts_90k is not None and packet.pts_90k <= self._last_pts_90k:
            packet = replace(packet, pts_90k=self._last_pts_90k + 1)
        self._last_pts_90k = packet.pts_90k
        return packet


def _squeezed(gop: tuple[Packet, ...]) -> Iterator[Packet]:
    first = gop[-1].pts_90k - len(gop) + 1
    return (replace(packet, pts_90k=first + index) for index, packet in enumerate(gop))


class FanOut:
    """A hub's consumer that lives on the event loop while somebody looks.

    `stream_opened`, `packet` and `stream_lost` are called on the capture thread; everything else on the
    loop. A packet wakes the loop at most once, however many viewers there are.
    """

    def __init__(
        self,
        stream: PacketStream,
        *,
        lost: Callable[[int], None],
        opened: Callable[[StreamInfo], None] = lambda info: None,
        interrupted: Callable[[], None] = lambda: None,
        capacity: int = GOP_PACKETS,
    ) -> None:
        self._stream = stream
        self._lost = lost
        self._opened = opened
        self._interrupted = interrupted
        self._capacity = capacity
        self._loop = asyncio.get_running_loop()
        self._gop = Gop()
        self._viewers: list[ViewerQueue] = []
        self._unsubscribe: Callable[[], None] | None = None
        self._lock = Lock()
        self._inbox: deque[Packet | StreamInfo | None] = deque()
        self._inbox_wants_keyframe = False
        self._lost_in_inbox = 0

    def __len__(self) -> int:
        return len(self._viewers)

    def join(self) -> ViewerQueue:
        """A queue that starts at the cached GOP, or the next key frame; the first viewer opens the stream."""
        viewer = ViewerQueue(self._lost)
        self._viewers.append(viewer)
        if self._unsubscribe is None:
            self._unsubscribe = self._stream.subscribe(self, replay=True)
        self._start(viewer)
        return viewer

    def leave(self, viewer: ViewerQueue) -> None:
        """Ends that queue; the last viewer to leave lets the stream go. Idempotent."""
        viewer.close()
        if viewer in self._viewers:
            self._viewers.remove(viewer)
        if not self._viewers and self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
            with self._lock:
                self._inbox.clear()
            self._gop.clear()

    def restart(self, viewer: ViewerQueue) -> None:
        """The viewer lost the picture: it gets the cached GOP again, or waits for the next key frame."""
        self._start(viewer)

    def _start(self, viewer: ViewerQueue) -> None:
        if self._gop.packets:
            viewer.restart(self._gop.packets)

    # the capture thread

    def stream_opened(self, info: StreamInfo) -> None:
        self._hand_over(info)

    def packet(self, packet: Packet) -> None:
        self._hand_over(packet)

    def stream_lost(self) -> None:
        self._hand_over(None)

    def _hand_over(self, item: Packet | StreamInfo | None) -> None:
        with self._lock:
            wake = not self._inbox
            if isinstance(item, Packet) and not self._has_room(item):
                self._lost_in_inbox += 1
                return
            self._inbox.append(item)
        if wake:
            with suppress(RuntimeError):  # the loop has ended: nobody is looking any more
                self._loop.call_soon_threadsafe(self._drain)

    def _has_room(self, packet: Packet) -> bool:
        """While the loop stands still, what would not fit goes, up to the next key frame."""
        full = len(self._inbox) >= self._capacity
        self._inbox_wants_keyframe = full or (self._inbox_wants_keyframe and not packet.keyframe)
        return not self._inbox_wants_keyframe

    # the event loop

    def _drain(self) -> None:
        with self._lock:
            items, self._inbox = self._inbox, deque()
            lost, self._lost_in_inbox = self._lost_in_inbox, 0
        if lost:
            self._lost(lost)
        for item in items:
            self._deliver(item)
        for viewer in self._viewers:
            if not viewer.started:
                self._start(viewer)

    def _deliver(self, item: Packet | StreamInfo | None) -> None:
        if isinstance(item, Packet):
            self._gop.add(item)
            for viewer in self._viewers:
                if viewer.started:
                    viewer.offer(item)
        elif item is None:
            self._gop.clear()
            self._interrupted()
        else:
            self._opened(item)
