"""Keeps room on the disk: the oldest media go first, whatever kind they are of."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.core.room import Reclaimable
from pipeline.events.rounds import Rounds

log = logging.getLogger(__name__)

EVERY_S = 15.0
SIZED_EVERY = 20
"""Looks between two that count what media take in total: that means to look at every file."""
MARGIN = 1.05
"""A little more is freed than is missing, so that it does not begin again at once."""
GB, MB = 1_000_000_000, 1_000_000


class DiskUsage(NamedTuple):
    total: int
    used: int
    free: int


class DiskRoom:
    """Sees to it that `min_free_bytes` of the disk stay free, and that all media take no more than `max_bytes`.

    For one event loop. `trouble` says in words that there is too little room and nothing left to remove; who writes
    much (a recorder) stops while it does.
    """

    def __init__(
        self,
        folder: Path,
        parts: Sequence[Reclaimable],
        *,
        min_free_bytes: int,
        max_bytes: int | None = None,
        usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage,
    ) -> None:
        self.trouble = ""
        self._folder = folder
        self._parts = parts
        self._min_free_bytes = min_free_bytes
        self._max_bytes = max_bytes
        self._usage = usage
        self._looks = 0
        self._taken = 0
        self._rounds = Rounds("disk room", EVERY_S, self.run_once)

    def start(self) -> None:
        self._rounds.start()

    async def close(self) -> None:
        await self._rounds.close()

    async def run_once(self) -> None:
        try:
            trouble = await self._make_room()
        except OSError as error:  # StoreError and MediaError, too
            trouble = str(error)
        if trouble != self.trouble:
            (log.error if trouble else log.warning)("disk: %s", trouble or "there is room again")
        self.trouble = trouble

    async def _make_room(self) -> str:
        """Returns what is wrong even then, empty where nothing is."""
        if self._max_bytes is not None and self._looks % SIZED_EVERY == 0:
            self._taken = sum([await part.size_bytes() for part in self._parts])
        self._looks += 1
        freed = 0
        while missing := await self._missing():
            now_freed = await self._free_the_oldest(round(missing * MARGIN))
            if not now_freed:
                break
            freed += now_freed
            self._taken -= now_freed
        if freed:
            log.warning("%s of the oldest media are removed before their time: there was no room", _size(freed))
        return await self._in_words() if missing else ""

    async def _missing(self) -> int:
        """Bytes that have to go."""
        over = 0 if self._max_bytes is None else self._taken - self._max_bytes
        free = (await self._disk()).free
        return max(0, over, self._min_free_bytes - free)

    async def _free_the_oldest(self, wanted_bytes: int) -> int:
        """Bytes that went; 0 where nothing is left that may. Raises OSError where no part can give any back.

        On a disk that is wholly full a store may not even be able to note that an event is gone: what needs no store
        to be removed makes room for that.
        """
        ages = [(at, part) for part in self._parts if (at := await part.oldest_at()) is not None]
        failed: OSError | None = None
        for _, part in sorted(ages, key=lambda age: age[0]):
            try:
                if freed := await part.free(wanted_bytes):
                    return freed
            except OSError as error:
                failed = failed or error
        if failed:
            raise failed
        return 0

    async def _in_words(self) -> str:
        disk = await self._disk()
        if disk.free < self._min_free_bytes:
            found = f"{_size(disk.free)} of {_size(disk.total)} are free"
            wanted = f"wanted {_size(self._min_free_bytes)} (store.min_free)"
            return f"{found}, {wanted}; no media are left to remove"
        assert self._max_bytes is not None
        wanted = f"wanted at most {_size(self._max_bytes)} (store.max_media)"
        return f"media take {_size(self._taken)}, {wanted}; all that is left is to be kept"

    async def _disk(self) -> DiskUsage:
        return DiskUsage(*await asyncio.to_thread(self._usage, self._folder))


def _size(size_bytes: int) -> str:
    return f"{size_bytes / GB:.1f} GB" if size_bytes >= GB else f"{size_bytes / MB:.0f} MB"
