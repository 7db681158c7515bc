"""A plane as a process of its own; lives in the media plane and never imports torch."""

import socket
import subprocess
import sys
from typing import Protocol

from pipeline.analysis.link import Link, SocketLink
from pipeline.core.messages import Down, Up
from pipeline.core.own_process import environment

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


class ChildProcess:
    """A plane in a process of its own, joined by a socket pair."""

    def __init__(self, log_level: str) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "pipeline.app.child", str(theirs.fileno()), log_level],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=environment(),
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
