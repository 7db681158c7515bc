"""A disk of a few megabytes, which can really be full."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

MB = 1_000_000
_PIECE = bytes(65_536)


class SmallDisk:
    """What others have on it is one file, `ballast`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._ballast = root / "ballast"
        self._filling: Thread | None = None
        self._enough = Event()

    def fill(self) -> None:
        """To the last byte."""
        with self._ballast.open("ab", buffering=0) as file:
            _fill_up(file.fileno())

    def keep_full(self) -> None:
        """Whatever others give back is taken at once, until `make_room`."""
        self._filling = Thread(target=self._fill_again_and_again, daemon=True)
        self._filling.start()

    def make_room(self) -> None:
        self._enough.set()
        if self._filling:
            self._filling.join(10)
        self._ballast.unlink(missing_ok=True)

    def _fill_again_and_again(self) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            while not self._enough.wait(0.005):
                _fill_up(file.fileno())


def _fill_up(descriptor: int) -> None:
    piece = _PIECE
    while piece:
        try:
            os.write(descriptor, piece)
        except OSError as error:
            assert error.errno == errno.ENOSPC
            piece = piece[: len(piece) // 2]


@contextmanager
def small_disk(root: Path, size_bytes: int) -> Iterator[SmallDisk]:
    """Skips where nothing may be mounted."""
    root.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(root)]
    try:
        refused = subprocess.run(mounting, capture_output=True, text=True, timeout=30)
    except FileNotFoundError:
        pytest.skip("a small disk cannot be mounted here: there is no program mount")
    if refused.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {refused.stderr.splitlines()[0]}")
    disk = SmallDisk(root)
    try:
        yield disk
    finally:
        disk.make_room()
        if subprocess.run(["umount", str(root)], capture_output=True, timeout=30).returncode:
            subprocess.run(["umount", "--lazy", str(root)], check=True, timeout=30)
