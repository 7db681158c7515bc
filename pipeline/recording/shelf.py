"""The folder that recordings lie in: a file there is whole, or hidden and not finished."""

import logging
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from av import FFmpegError

from pipeline.core.durable import make_folder, sync_folder
from pipeline.core.footage import KINDS, Segment
from pipeline.recording import mp4

log = logging.getLogger(__name__)

FOLDER = "recordings"
_ENDING = ".mp4"
_UNFINISHED = ".part"
_PROBE_BYTES = 4 * 2**20

OpenFile = Callable[[Path], BinaryIO]


def open_unbuffered(path: Path) -> BinaryIO:
    """A new file whose writes are on their way when they return."""
    return path.open("xb", buffering=0)


class Shelf:
    """`recordings/<day, UTC>/<camera>/<id>.mp4` below `root`, the media folder; methods block.

    An id begins with the milliseconds at which the video begins (`pipeline.core.ids`).
    """

    def __init__(self, root: Path, open_file: OpenFile = open_unbuffered) -> None:
        self.root = root
        self.open_file = open_file

    def unfinished(self, segment_id: str, camera: str) -> Path:
        """Where a file lies while it is written; the folder is there when this returns."""
        final = self._final(segment_id, camera)
        make_folder(final.parent)
        return final.with_name(f".{final.name}{_UNFINISHED}")

    def finish(self, unfinished: Path) -> str:
        """Gives it its name, for good; returns the path below `root`."""
        final = unfinished.with_name(unfinished.name.removeprefix(".").removesuffix(_UNFINISHED))
        unfinished.replace(final)
        sync_folder(final.parent)
        return str(final.relative_to(self.root))

    def probe(self) -> None:
        """Raises OSError where there is no room for some seconds of video."""
        folder = self.root / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f".{token_hex(4)}{_UNFINISHED}"
        try:
            with self.open_file(path) as file:
                rest = memoryview(bytes(_PROBE_BYTES))
                while rest:
                    rest = rest[file.write(rest) :]
        finally:
            path.unlink(missing_ok=True)

    def path(self, segment: Segment) -> Path:
        return self.root / segment.path

    def remove(self, segment: Segment) -> None:
        """Also the folders that are empty then; raises OSError."""
        path = self.path(segment)
        path.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            sync_folder(path.parent)
        for folder in (path.parent, path.parent.parent):
            try:
                folder.rmdir()
            except OSError:  # there is more in it
                return

    def files(self) -> Iterator[Path]:
        """What is whole, below `root`."""
        for path in (self.root / FOLDER).glob(f"*/*/*{_ENDING}"):
            if not path.name.startswith("."):
                yield path.relative_to(self.root)

    def recover(self) -> None:
        """Cuts what a run that was killed did not finish to what is whole of it, and removes what holds nothing."""
        for path in [*(self.root / FOLDER).glob(f"*/*/.*{_ENDING}{_UNFINISHED}")]:
            with path.open("r+b") as file:
                whole = mp4.whole_bytes(file)
                file.truncate(whole)
                os.fsync(file.fileno())
            if whole:
                self.finish(path)
            else:
                path.unlink()

    def found(self, path: Path) -> Segment | None:
        """What a file holds that nobody noted down; None where that cannot be told.

        Why it was kept is not known any more, so it may have been for any reason.
        """
        try:
            started_at = int(path.stem.partition("-")[0], 16) / 1000
            length_s = mp4.length_s(str(self.root / path))
            size = (self.root / path).stat().st_size
        except (ValueError, FFmpegError, OSError) as error:
            log.warning("%s is no recording that can be played: %s", path, error)
            return None
        if not length_s:
            return None
        camera = path.parent.name
        return Segment(path.stem, camera, started_at, started_at + length_s, str(path), size, frozenset(KINDS))

    def strangers(self, known: Collection[str]) -> list[Segment]:
        """Files that are not among `known` paths: what they hold; those that hold nothing are removed."""
        strangers = []
        for path in [path for path in self.files() if str(path) not in known]:
            if segment := self.found(path):
                strangers.append(segment)
            else:
                (self.root / path).unlink(missing_ok=True)
        return strangers

    def _final(self, segment_id: str, camera: str) -> Path:
        milliseconds = int(segment_id.partition("-")[0], 16)
        day = datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d")
        return self.root / FOLDER / day / camera / f"{segment_id}{_ENDING}"
