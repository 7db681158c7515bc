"""Who is next: one waiting line for each camera, served in turn."""

from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    @property
    def camera(self) -> str: ...

    @property
    def kind(self) -> Hashable:
        """Only things of one kind can be served together."""
        ...


W = TypeVar("W", bound=Waiting)


class FairQueue(Generic[W]):
    """First come, first served within a camera; round robin over cameras. Not for several threads."""

    def __init__(self, per_camera: int) -> None:
        self._per_camera = per_camera
        self._lines: OrderedDict[str, deque[W]] = OrderedDict()

    def put(self, item: W) -> bool:
        """False where that camera has as many waiting as it may; nothing is changed then."""
        line = self._lines.setdefault(item.camera, deque())
        if len(line) >= self._per_camera:
            return False
        line.append(item)
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

    def _next(self, kind: Hashable | None) -> str | None:
        return next((camera for camera, line in self._lines.items() if kind is None or line[0].kind == kind), None)

    def _pop(self, camera: str) -> W:
        item = self._lines[camera].popleft()
        self._lines.move_to_end(camera)
        self._forget_if_empty(camera)
        return item

    def _forget_if_empty(self, camera: str) -> None:
        if not self._lines[camera]:
            del self._lines[camera]
