"""Where weights and exported models are kept between runs."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp


def cache_dir() -> Path:
    """`FRAMEWATCH_CACHE`, or `~/.cache/framewatch`; may not exist yet."""
    chosen = os.environ.get("FRAMEWATCH_CACHE")
    return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "framewatch"


def weights_dir() -> Path:
    return cache_dir() / "weights"


def exports_dir() -> Path:
    return cache_dir() / "exports"


@contextmanager
def workspace(parent: Path) -> Iterator[Path]:
    """A folder beside the files that will be renamed into `parent`; gone afterwards.

    It lies in `parent` itself, so that the rename never crosses a file system and is atomic.
    """
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=".part-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
