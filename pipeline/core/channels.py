"""Bounded hand-over between threads: the slow side loses the oldest, and the loss is counted."""

from collections import Counter, deque
from collections.abc import Mapping
from threading import Condition
from typing import Generic, TypeVar

from pipeline.core.messages import CameraMessage, PacketIn

T = TypeVar("T")


class Closed(Exception):
    """The channel was closed and is empty."""


class Mailbox(Generic[T]):
    """Holds at most `capacity` items between two threads.

    `wait=False`: a full box loses its oldest item, counted in `dropped`. `wait=True`: the sender waits
    for room and nothing is lost.
    """

    def __init__(self, capacity: int = 1, *, wait: bool = False) -> None:
        if capacity < 1:
            raise ValueError(f"a mailbox holds at least one item, not {capacity}")
        self.capacity = capacity
        self.wait = wait
        self.dropped = 0
        self._items: deque[T] = deque()
        self._changed = Condition()
        self._closed = False

    def put(self, item: T) -> bool:
        """False when an older item was lost for it. Raises Closed once the box is closed."""
        with self._changed:
            if self.wait:
                self._changed.wait_for(lambda: len(self._items) < self.capacity or self._closed)
            if self._closed:
                raise Closed
            kept = len(self._items) < self.capacity
            if not kept:
                self._items.popleft()
                self.dropped += 1
            self._items.append(item)
            self._changed.notify_all()
            return kept

    def has_room(self, timeout_s: float = 0.0) -> bool:
        """Whether `put` would lose nothing; waits for that. Raises Closed once the box is closed."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._items) < self.capacity or self._closed, timeout_s)
            if self._closed:
                raise Closed
            return len(self._items) < self.capacity

    def get(self, timeout_s: float | None = None) -> T:
        """The oldest item; raises TimeoutError, or Closed when the box is closed and empty."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._items or self._closed, timeout_s):
                raise TimeoutError
            if not self._items:
                raise Closed
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def close(self, *, discard: bool = False) -> None:
        """Wakes everybody; what is inside can still be taken, unless it is discarded."""
        with self._changed:
            self._closed = True
            if discard:
                self._items.clear()
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._items)


MOST_BYTES = 32 * 2**20
"""Of one camera's packets between two threads: ten seconds of a very good picture."""


class PacketQueue:
    """Border messages of many cameras between two threads, bounded for each camera.

    A camera with more than `capacity` packets loses its oldest group of pictures: what is left begins at a key
    frame. One group alone may be longer, for half of it is worth nothing: as far as `most_bytes`, and then the
    queue takes no more packets of that camera until a key frame comes. Other messages are never lost and keep
    their place among the packets. Cameras are served in turn. With `wait` the sender waits instead and nothing
    is lost.
    """

    def __init__(self, capacity: int = 120, *, wait: bool = False, most_bytes: int = MOST_BYTES) -> None:
        self.capacity = capacity
        self.wait = wait
        self.patience: Mapping[str, int] = {}
        """So many of a camera's packets between key frames may gather before the consumer is woken for them, and
        then it has all that wait; 1 of those that are not here."""
        self._most_bytes = most_bytes
        self._bytes: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self._queues: dict[str, deque[CameraMessage]] = {}
        """Of the cameras of which something waits, the next to be served first."""
        self._needs_key: set[str] = set()
        self._changed = Condition()
        self._closed = False
        self._is_urgent = False
        """Whether a key frame waits, or what is no packet, or as much as the consumer had patience for."""

    def put(self, message: CameraMessage) -> None:
        """Raises Closed once the queue is closed."""
        with self._changed:
            if self.wait and isinstance(message, PacketIn):
                self._changed.wait_for(lambda: self._closed or self._waiting(message.camera) < self.capacity)
            if self._closed:
                raise Closed
            queue = self._queues.get(message.camera, deque())
            if isinstance(message, PacketIn) and not self._admits(message, queue):
                return
            self._queues[message.camera] = queue
            queue.append(message)
            self._bytes[message.camera] += _size(message)
            is_urgent = not isinstance(message, PacketIn) or message.packet.keyframe
            if self._is_urgent or is_urgent or len(queue) >= self.patience.get(message.camera, 1):
                self._is_urgent = True
                self._changed.notify_all()

    def _waiting(self, camera: str) -> int:
        return len(self._queues.get(camera, ()))

    def _admits(self, message: PacketIn, queue: deque[CameraMessage]) -> bool:
        camera = message.camera
        if camera in self._needs_key and not message.packet.keyframe:
            self.dropped[camera] += 1
            return False
        self._needs_key.discard(camera)
        if len(queue) >= self.capacity and not self._may_grow(message, queue):
            self._drop_oldest_group(camera, queue)
            if camera in self._needs_key and not message.packet.keyframe:
                self.dropped[camera] += 1
                return False
            self._needs_key.discard(camera)
        return True

    def _may_grow(self, message: PacketIn, queue: deque[CameraMessage]) -> bool:
        """Whether all that waits is of one group, and there is room for more of it."""
        held = [waiting.packet.keyframe for waiting in queue if isinstance(waiting, PacketIn)]
        is_one_group = not (message.packet.keyframe or any(held[1:]))
        return is_one_group and self._bytes[message.camera] + _size(message) <= self._most_bytes

    def _drop_oldest_group(self, camera: str, queue: deque[CameraMessage]) -> None:
        """Keeps other messages, and the packets from the next key frame on that is not the first packet."""
        kept: list[CameraMessage] = []
        dropped, found = 0, False
        for message in queue:
            if isinstance(message, PacketIn) and not found:
                found = dropped > 0 and message.packet.keyframe
                if not found:
                    dropped += 1
                    continue
            kept.append(message)
        self.dropped[camera] += dropped
        if not found:
            self._needs_key.add(camera)
        queue.clear()
        queue.extend(kept)
        if not kept:
            del self._queues[camera]
        self._bytes[camera] = sum(map(_size, kept))

    def get(self, timeout_s: float | None = None) -> CameraMessage:
        """The next message; raises TimeoutError, or Closed when the queue is closed and empty."""
        (message,) = self.get_many(1, timeout_s)
        return message

    def get_many(self, most: int, timeout_s: float | None = None) -> list[CameraMessage]:
        """What waits, at least one message; raises as `get` does. After `timeout_s` nobody is patient any more."""
        with self._changed:
            if not self._changed.wait_for(self._is_worth_it, timeout_s) and not self._queues:
                raise TimeoutError
            taken: list[CameraMessage] = []
            while len(taken) < most and self._queues:
                taken.append(self._next())
            if not taken:
                raise Closed
            self._is_urgent = self._is_urgent and bool(self._queues)
            self._changed.notify_all()
            return taken

    def _next(self) -> CameraMessage:
        camera = next(iter(self._queues))
        queue = self._queues.pop(camera)
        message = queue.popleft()
        self._bytes[camera] -= _size(message)
        if queue:
            self._queues[camera] = queue
        return message

    def _is_worth_it(self) -> bool:
        """Whether somebody has gathered enough, or cannot wait."""
        return (
            self._closed
            or self._is_urgent
            or any(len(queue) >= self.patience.get(camera, 1) for camera, queue in self._queues.items())
        )

    def close(self) -> None:
        """Wakes everybody; what is inside can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _size(message: CameraMessage) -> int:
    return len(message.packet.data) if isinstance(message, PacketIn) else 0
