"""A plane as a process of its own; lives in the media plane and never imports torch."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from pipeline.analysis.link import Link, SocketLink
from pipeline.core.messages import Down, Up

_PATIENCE_S = 2.0


class PlaneProcess(Protocol):
    """A running plane and the media side's end of its link."""

    link: Link[Down, Up]

    def kill(self) -> None:
        """Ends it at once; idempotent."""
        ...

    def wait(self) -> str:
        """Waits for its end and says how it ended."""
        ...


def _python_path() -> str:
    """The child imports the same Framewatch, whatever folder it is started in."""
    root = str(Path(__file__).parents[2])
    return os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))


class ChildProcess:
    """A plane in a process of its own, joined by a socket pair."""

    def __init__(self, log_level: str) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "pipeline.app.child", str(theirs.fileno()), log_level],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": _python_path()},
            )
        self.pid = self._process.pid
        self.link: Link[Down, Up] = SocketLink(ours, Up)

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> str:
        try:
            status = self._process.wait(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        return f"signal {-status}" if status < 0 else f"exit status {status}"
