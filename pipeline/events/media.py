"""Pictures of events as files."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from pipeline.core.durable import make_folder, sync_folder
from pipeline.core.errors import FramewatchError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_NO_DAY = "undated"


class MediaError(FramewatchError, OSError):
    """A picture that cannot be kept; says where and why."""


class MediaFolder:
    """`snapshots/<day, UTC>/<camera>/<event id>.jpg` below `root`; a file is whole or not there.

    The day is the one in the event's id (`pipeline.core.ids`). Methods block: call them from a worker thread.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self) -> None:
        """Makes the folder where it is missing; raises MediaError where nothing can be written into it."""
        probe = self.root / f".{token_hex(4)}.part"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise MediaError(f"{self.root}: {error.strerror or error}, wanted a folder to write into") from error

    def write_snapshot(self, event_id: str, camera: str, jpeg: bytes) -> Path:
        """Replaces the one before; on the disk when this returns. Raises MediaError."""
        if not _ID.fullmatch(event_id):
            raise MediaError(f"got event id {event_id!r}, wanted letters, digits, '-', '_' and '.'")
        path = self._day(event_id) / _folder_name(camera) / f"{event_id}.jpg"
        try:
            _replace(path, jpeg)
        except OSError as error:
            raise MediaError(f"{path}: {error.strerror or error}") from error
        return path

    def snapshot(self, event_id: str) -> Path | None:
        """None where there is none, and for anything that is no id."""
        if not _ID.fullmatch(event_id):
            return None
        return next(self._day(event_id).glob(f"*/{event_id}.jpg"), None)

    def remove_snapshot(self, event_id: str) -> int:
        """Gone from the disk when this returns, wherever it lay; returns how many bytes it had. Raises MediaError."""
        if not _ID.fullmatch(event_id):
            return 0
        return sum(self.remove(path) for path in self._day(event_id).glob(f"*/{event_id}.jpg"))

    def snapshot_bytes(self, event_id: str) -> int:
        """0 where there is none."""
        path = self.snapshot(event_id)
        return 0 if path is None else _size(path)

    def remove(self, path: Path) -> int:
        """As `remove_snapshot`, of one that `written` found."""
        try:
            size = path.stat().st_size
            path.unlink(missing_ok=True)
            sync_folder(path.parent)
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise MediaError(f"{path}: {error.strerror or error}") from error
        return size

    def written(self, after: float, before: float) -> Iterator[Path]:
        """Files that were written at such a time (UTC seconds), whole ones and others; raises OSError."""
        for path in (self.root / "snapshots").glob("*/*/*"):
            with suppress(FileNotFoundError):  # gone since
                if after <= path.stat().st_mtime < before:
                    yield path

    def size_bytes(self) -> int:
        """Of all pictures; looks at each."""
        return sum(_size(path) for path in (self.root / "snapshots").glob("*/*/*"))

    def _day(self, event_id: str) -> Path:
        return self.root / "snapshots" / _day_of(event_id)


def _day_of(event_id: str) -> str:
    milliseconds = event_id.partition("-")[0]
    if not re.fullmatch("[0-9a-f]{11}", milliseconds):
        return _NO_DAY
    try:
        return datetime.fromtimestamp(int(milliseconds, 16) / 1000, UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return _NO_DAY


def _folder_name(camera: str) -> str:
    return re.sub(r"[^\w-]", "_", camera) or "_"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # gone since
        return 0


def _replace(path: Path, content: bytes) -> None:
    make_folder(path.parent)
    unfinished = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)
