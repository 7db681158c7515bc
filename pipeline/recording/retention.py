"""What recordings go when: by age, by size, and where the disk gets full."""

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from pipeline.core.footage import Kind, Segment
from pipeline.core.record import Record
from pipeline.recording.shelf import Shelf

log = logging.getLogger(__name__)

A_TIME = 200
_DAY_S = 86_400.0


class Index(Protocol):
    """Methods block."""

    def cameras(self) -> Sequence[str]: ...

    def expired(self, camera: str, before: Mapping[Kind, float], limit: int) -> Sequence[Segment]: ...

    def oldest(self, limit: int) -> Sequence[Segment]: ...

    def bytes(self) -> int: ...

    def remove(self, ids: Sequence[str]) -> None: ...


class Retention:
    """Called on a worker thread. Files go before their rows: what a crash leaves is a row without a file, which the
    next start sweeps.
    """

    def __init__(self, index: Index, shelf: Shelf, *, most_bytes: int | None = None, free_bytes: int = 0) -> None:
        """`most_bytes` of recordings are kept, and so many are left free on their disk."""
        self._index = index
        self._shelf = shelf
        self._most_bytes = most_bytes
        self._free_bytes = free_bytes

    def sweep(self, now: float, record_of: Callable[[str], Record]) -> int:
        """Returns how many files went; raises OSError."""
        return sum(self._sweep(camera, now, record_of(camera)) for camera in self._index.cameras()) + self._make_room()

    def _sweep(self, camera: str, now: float, record: Record) -> int:
        before = {kind: now - days * _DAY_S for kind, days in days_of(record).items()}
        gone = 0
        while segments := self._index.expired(camera, before, A_TIME):
            self._remove(segments)
            gone += len(segments)
        return gone

    def _make_room(self) -> int:
        gone = 0
        while too_much := self._too_much():
            oldest = [*self._index.oldest(A_TIME)]
            if not oldest:
                break
            going = []
            while oldest and too_much > 0:
                going.append(oldest.pop(0))
                too_much -= going[-1].bytes
            self._remove(going)
            gone += len(going)
        if gone:
            log.warning("%d recordings are gone before their time: there was no room for more", gone)
        return gone

    def _too_much(self) -> int:
        """Bytes that have to go."""
        over = 0 if self._most_bytes is None else self._index.bytes() - self._most_bytes
        missing = self._free_bytes - shutil.disk_usage(self._shelf.root).free
        return max(0, over, missing)

    def _remove(self, segments: Sequence[Segment]) -> None:
        for segment in segments:
            self._shelf.remove(segment)
        self._index.remove([segment.id for segment in segments])


def days_of(record: Record) -> Mapping[Kind, float]:
    return {
        "continuous": record.continuous.days,
        "motion": record.motion.days,
        "detection": record.detections.retain.days,
        "alert": record.alerts.retain.days,
    }
