"""Pictures that wait to be written."""

import logging
from collections.abc import Callable, Sequence

from pipeline.core.messages import Snapshot
from pipeline.store.media import MediaError, MediaFolder

log = logging.getLogger(__name__)


class PendingSnapshots:
    """The best picture so far of each object, until its event is there to own it.

    Bounded: the one that waits longest goes, counted in `dropped`. A better one takes the place of the one before.
    """

    def __init__(self, capacity: int = 128) -> None:
        self.dropped = 0
        self._capacity = capacity
        self._waiting: dict[str, Snapshot] = {}

    def put(self, snapshot: Snapshot) -> Snapshot | None:
        """Returns the one that had to go."""
        self._waiting[snapshot.object_id] = snapshot
        if len(self._waiting) <= self._capacity:
            return None
        self.dropped += 1
        return self._waiting.pop(next(iter(self._waiting)))

    def take(self, is_wanted: Callable[[str], bool], limit: int) -> list[Snapshot]:
        """Up to `limit` whose object `is_wanted`."""
        chosen = [object_id for object_id in self._waiting if is_wanted(object_id)][:limit]
        return [self._waiting.pop(object_id) for object_id in chosen]

    def __len__(self) -> int:
        return len(self._waiting)


class SnapshotWriter:
    """Writes pictures; a disk that is full is told once a burst and costs pictures only. Blocks."""

    def __init__(self, media: MediaFolder) -> None:
        self.failed = 0
        self._media = media
        self._failing = False

    def write(self, snapshots: Sequence[Snapshot]) -> list[str]:
        """Returns the ids of the objects whose picture is on the disk now."""
        return [snapshot.object_id for snapshot in snapshots if self._write(snapshot)]

    def _write(self, snapshot: Snapshot) -> bool:
        try:
            self._media.write_snapshot(snapshot.object_id, snapshot.camera, snapshot.jpeg)
        except MediaError as error:
            self.failed += 1
            if not self._failing:
                log.error("snapshots are not kept: %s", error)
            self._failing = True
            return False
        self._failing = False
        return True
