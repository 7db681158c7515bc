"""Who is next: one waiting line for each camera, served by priority."""

from collections import deque
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    @property
    def camera(self) -> str: ...

    @property
    def priority(self) -> float:
        """More than 0; twice as much is served twice as often, where not all can be served."""
        ...

    @property
    def kind(self) -> Hashable:
        """Only things of one kind can be served together."""
        ...


W = TypeVar("W", bound=Waiting)


class FairQueue(Generic[W]):
    """First come, first served within a camera; over cameras each has its share. Not for several threads.

    Start-time fair queueing (Goyal, Vin and Cheng, 1996): every camera has a clock of its own that goes on by
    1 / priority with each item served, and the one that is furthest behind is next. A camera that had nothing
    waiting begins at the time of whoever was served last, so that nobody saves up for later. With equal
    priorities it is round robin.
    """

    def __init__(self, per_camera: int) -> None:
        self._per_camera = per_camera
        self._lines: dict[str, deque[W]] = {}
        self._clocks: dict[str, float] = {}
        self._now = 0.0

    def put(self, item: W) -> bool:
        """False where that camera has as many waiting as it may; nothing is changed then."""
        line = self._lines.get(item.camera)
        if line is None:
            self._begin(item)
        elif len(line) < self._per_camera:
            line.append(item)
        else:
            return False
        return True

    def take(self, most: int) -> list[W]:
        """Up to `most` items of one kind: that of the camera whose turn it is."""
        taken: list[W] = []
        while len(taken) < most and (camera := self._next(taken[0].kind if taken else None)) is not None:
            taken.append(self._pop(camera))
        return taken

    def discard(self, item: W) -> None:
        """Takes back what is still waiting; nothing happens where it is not."""
        line = self._lines.get(item.camera)
        if line is not None and item in line:
            line.remove(item)
            self._forget_if_empty(item.camera)

    def clear(self) -> list[W]:
        """Everything that waited."""
        left = [item for line in self._lines.values() for item in line]
        self._lines.clear()
        return left

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def _begin(self, item: W) -> None:
        self._lines[item.camera] = deque([item])
        # a clock that is not ahead says nothing: it need not be kept for a camera that has gone
        self._clocks = {
            camera: clock for camera, clock in self._clocks.items() if clock > self._now or camera in self._lines
        }
        self._clocks[item.camera] = max(self._now, self._clocks.get(item.camera, self._now))

    def _next(self, kind: Hashable | None) -> str | None:
        ready = [camera for camera, line in self._lines.items() if kind is None or line[0].kind == kind]
        return min(ready, key=self._clocks.__getitem__, default=None)

    def _pop(self, camera: str) -> W:
        item = self._lines[camera].popleft()
        self._now = max(self._now, self._clocks[camera])
        self._clocks[camera] += 1 / item.priority
        self._forget_if_empty(camera)
        return item

    def _forget_if_empty(self, camera: str) -> None:
        if not self._lines[camera]:
            del self._lines[camera]
