"""Which recordings go when: by their days, and the oldest where the disk gets full."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from pipeline.core.clock import Clock
from pipeline.core.footage import Kind, Segment
from pipeline.core.record import Record
from pipeline.core.retain import Keep
from pipeline.recording.shelf import Shelf

A_TIME = 100
"""Files that go in one go: a moment, which others wait."""
_DAY_S = 86_400.0


class Index(Protocol):
    """Methods block and raise OSError."""

    def cameras(self) -> Sequence[str]: ...

    def expired(
        self, camera: str, before: Mapping[Kind, float], keep: Collection[Keep], limit: int
    ) -> Sequence[Segment]: ...

    def oldest(self, keep: Mapping[str, Collection[Keep]], limit: int) -> Sequence[Segment]: ...

    def bytes(self) -> int: ...

    def remove(self, ids: Sequence[str]) -> None: ...


class RecordingRetention:
    """A Reclaimable, used on one event loop; raises OSError.

    Files go before their rows: what a crash leaves is a row without a file, which the next start sweeps. Where the
    index could not be told (it is on the same full disk) it is told at the next sweep.
    """

    def __init__(
        self,
        index: Index,
        shelf: Shelf,
        clock: Clock,
        record_of: Callable[[str], Record],
        keep_of: Callable[[str], Collection[Keep]],
        gone: Callable[[str, float, float], None],
    ) -> None:
        """The two before the last are asked for a camera by its name, also for one that is none any more.

        `gone` is told of which camera and time (UTC seconds) something went, on a worker thread.
        """
        self._index = index
        self._shelf = shelf
        self._clock = clock
        self._record_of = record_of
        self._keep_of = keep_of
        self._gone = gone
        self._untold: dict[str, Segment] = {}
        """Files that are not there any more, by id, of which the index does not know that."""

    async def sweep(self) -> int:
        """Removes what is older than its days; returns how many files went."""
        await asyncio.to_thread(self._tell)
        return sum([await self._sweep(camera) for camera in await asyncio.to_thread(self._index.cameras)])

    async def size_bytes(self) -> int:
        return await asyncio.to_thread(self._index.bytes)

    async def oldest_at(self) -> float | None:
        oldest = await asyncio.to_thread(self._oldest, 1)
        return oldest[0].started_at if oldest else None

    async def free(self, wanted_bytes: int) -> int:
        return await asyncio.to_thread(self._free, wanted_bytes)

    async def _sweep(self, camera: str) -> int:
        now, keep = self._clock.time(), self._keep_of(camera)
        before = {kind: now - days * _DAY_S for kind, days in days_of(self._record_of(camera)).items()}
        gone = 0
        while segments := await asyncio.to_thread(self._index.expired, camera, before, keep, A_TIME):
            await asyncio.to_thread(self._remove, segments)
            gone += len(segments)
        return gone

    def _free(self, wanted_bytes: int) -> int:
        freed, going = 0, []
        for segment in self._oldest(A_TIME):
            if freed >= wanted_bytes:
                break
            going.append(segment)
            freed += 0 if segment.id in self._untold else segment.bytes
        self._remove(going)
        return freed

    def _oldest(self, limit: int) -> Sequence[Segment]:
        return self._index.oldest({camera: self._keep_of(camera) for camera in self._index.cameras()}, limit)

    def _remove(self, segments: Sequence[Segment]) -> None:
        for segment in segments:
            self._shelf.remove(segment)
            self._untold[segment.id] = segment
        self._tell()

    def _tell(self) -> None:
        segments = [*self._untold.values()]
        if segments:
            self._index.remove([segment.id for segment in segments])
        for camera in sorted({segment.camera for segment in segments}):
            own = [segment for segment in segments if segment.camera == camera]
            self._gone(camera, min(each.started_at for each in own), max(each.ended_at for each in own))
        for segment in segments:
            self._untold.pop(segment.id, None)


def days_of(record: Record) -> Mapping[Kind, float]:
    return {
        "continuous": record.continuous.days,
        "motion": record.motion.days,
        "detection": record.detections.retain.days,
        "alert": record.alerts.retain.days,
    }
