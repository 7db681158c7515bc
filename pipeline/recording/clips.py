"""Clips that somebody asked for, kept for a while."""

import asyncio
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Protocol

from av import FFmpegError
from msgspec.structs import replace

from pipeline.core.errors import UnavailableError
from pipeline.core.footage import Clip, Segment
from pipeline.recording.cut import cut

FOLDER = "clips"
MOST_BYTES = 2 * 2**30
UNUSED_S = 3600.0
_AT_ONCE = 2
_UNFINISHED = ".part"


class Found(Protocol):
    """Where it is noted what there is; blocks."""

    def between(self, camera: str | None, begin: float, end: float) -> Sequence[Segment]: ...


class Clips:
    """Made on demand below `root`, the media folder; the same is made once. Used on one event loop.

    What nobody asked for within UNUSED_S is removed, and what is too much, the least wanted first. A Reclaimable.
    """

    def __init__(self, root: Path, index: Found, *, most_bytes: int = MOST_BYTES) -> None:
        self._root = root
        self._folder = root / FOLDER
        self._index = index
        self._most_bytes = most_bytes
        self._making: dict[tuple[str, float, float], asyncio.Future[Clip | None]] = {}
        self._made: dict[Path, Clip] = {}
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def clip(self, camera: str, begin: float, end: float) -> Clip | None:
        """None where nothing of that time was recorded or is kept; raises UnavailableError where it cannot be made."""
        asked = (camera, begin, end)
        making = self._making.get(asked)
        if making is None:
            making = self._making[asked] = asyncio.ensure_future(self._clip(camera, begin, end))
            making.add_done_callback(lambda _: self._making.pop(asked, None))
        return await asyncio.shield(making)

    async def _clip(self, camera: str, begin: float, end: float) -> Clip | None:
        async with self._room:
            try:
                return await asyncio.to_thread(self._make, camera, begin, end)
            except (OSError, FFmpegError) as error:
                raise UnavailableError(f"the clip cannot be made: {error.strerror or error}") from error

    def _make(self, camera: str, begin: float, end: float) -> Clip | None:
        segments = self._index.between(camera, begin, end)
        if not segments:
            return None
        path = self._folder / f"{_name(segments, begin, end)}.mp4"
        made = self._made.get(path)
        if made and path.exists():
            path.touch()
            return made
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{token_hex(4)}{_UNFINISHED}")
        try:
            done = cut(segments, self._root, begin, end, unfinished)
            if done is None:
                return None
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        self._made[path] = replace(done, path=path)
        return self._made[path]

    def prepare(self) -> None:
        """Nothing of an earlier run is needed; blocks."""
        for path in self._files():
            path.unlink(missing_ok=True)
        self._made.clear()

    def sweep(self) -> None:
        """Blocks. Somebody who is reading a file goes on reading it."""
        now, total = time.time(), 0
        stats = [(path, path.stat()) for path in self._files() if path.suffix != _UNFINISHED]
        for path, stat in sorted(stats, key=lambda each: each[1].st_mtime, reverse=True):
            total += stat.st_size
            if total > self._most_bytes or now - stat.st_mtime > UNUSED_S:
                path.unlink(missing_ok=True)
                self._made.pop(path, None)

    async def size_bytes(self) -> int:
        return await asyncio.to_thread(lambda: sum(_size(path) for path in self._files()))

    async def oldest_at(self) -> float | None:
        """Whatever else there is goes later: these can be made again."""
        return float("-inf") if self._made else None

    async def free(self, wanted_bytes: int) -> int:
        """All of them."""
        return await asyncio.to_thread(self._free)

    def _free(self) -> int:
        freed = 0
        for path in [*self._made]:
            freed += _size(path)
            path.unlink(missing_ok=True)
            del self._made[path]
        return freed

    def _files(self) -> list[Path]:
        return [*self._folder.iterdir()] if self._folder.is_dir() else []


def _name(segments: Sequence[Segment], begin: float, end: float) -> str:
    """Another one once more, or less, is there of the same time."""
    files = " ".join(segment.id for segment in segments)
    return sha256(f"{files} {begin:.3f} {end:.3f}".encode()).hexdigest()[:32]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # gone since
        return 0
