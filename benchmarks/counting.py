"""A program of this folder that prints how far it is, in a process of its own."""

import subprocess
import sys
from threading import Thread
from types import TracebackType
from typing import Any, Self

from tests.system.framewatch import ROOT, environment, wait_for

_LOADING_S = 180.0


class Counting:
    """`python -m benchmarks.MODULE ARGUMENTS`; `count` is the last number it printed."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._module = module
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.{module}", *arguments],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self.count = 0
        self._said: list[str] = []
        self._readers = [
            Thread(target=self._read, args=(stream,), daemon=True)
            for stream in (self._process.stdout, self._process.stderr)
        ]

    def __enter__(self) -> Self:
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def until_it_counts(self) -> None:
        """Raises RuntimeError, with what it said, where it ended."""
        wait_for(self._counts, _LOADING_S)

    def _counts(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"benchmarks.{self._module} ended: " + "\n".join(self._said[-10:]))
        return self.count > 0

    def _read(self, stream: Any) -> None:
        for line in stream:
            if line.strip().isdigit():
                self.count = int(line)
            else:
                self._said = [*self._said[-50:], line.rstrip()]
