"""A user's file is replaced as a whole or not at all, and what it was before may stay beside it."""

import os
import shutil
from datetime import datetime
from pathlib import Path

from pipeline.core.clock import Clock

COPIES = 20
"""So many of the latest are kept, and the first: what was there before the page changed anything."""
_STAMP = "%Y-%m-%dT%H-%M-%S"
_PATTERN = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


def replace_file(path: Path, content: bytes, *, copy_at: Clock | None = None) -> None:
    """Raises OSError, and leaves the file as it was then. A link leads to the file that is replaced.

    Mode, owner, group and what else the system knows of a file stay the same; a new one is its owner's alone. With a
    clock the file before stays beside it, as `copy_of` names it.
    """
    target = path.resolve()
    partial = target.with_name(f".{target.name}.partial")
    made = [partial]
    try:
        _write_like(target, partial, content)
        if copy_at is not None and not (copy := copy_of(target, copy_at)).exists():
            made.append(copy)
            _write_like(target, copy, target.read_bytes())
        partial.replace(target)
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise
    _drop_old_copies(target)
    _sync_folder(target.parent)


def copy_of(target: Path, clock: Clock) -> Path:
    """`NAME.yaml.2026-02-03T14-05-06.bak`, in local time; of two changes within a second the older text stays."""
    stamp = datetime.fromtimestamp(clock.time()).strftime(_STAMP)
    return target.with_name(f"{target.name}.{stamp}.bak")


def _write_like(target: Path, made: Path, content: bytes) -> None:
    """Nobody else may read it before its mode is set: it may hold passwords."""
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        if target.exists():
            _take_over(target, made)
        os.fsync(file.fileno())


def _take_over(target: Path, made: Path) -> None:
    wanted, got = target.stat(), made.stat()
    if (wanted.st_uid, wanted.st_gid) != (got.st_uid, got.st_gid):
        os.chown(made, wanted.st_uid, wanted.st_gid)
    shutil.copystat(target, made)
    os.utime(made)


def _drop_old_copies(target: Path) -> None:
    copies = sorted(target.parent.glob(f"{_literal(target.name)}.{_PATTERN}.bak"))
    for old in copies[1:-COPIES]:
        old.unlink()


def _literal(name: str) -> str:
    """A name that may hold what `glob` takes for patterns."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _sync_folder(folder: Path) -> None:
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(at)
    finally:
        os.close(at)
