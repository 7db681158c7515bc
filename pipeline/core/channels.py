"""Bounded hand-over between threads: the slow side loses the oldest, and the loss is counted."""

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

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

    def close(self) -> None:
        """Wakes everybody; what is inside can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._items)
