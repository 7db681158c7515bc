"""A real terminal in front of a command: Ctrl-C goes where a keyboard's would."""

import os
import pty
import select
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil


class Terminal:
    """Runs `command` with a pseudo-terminal as its controlling one; `said` is all that it wrote."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.said = ""
        self._family: dict[int, psutil.Process] = {}
        self._pid, self._screen = pty.fork()
        if self._pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._family.values():
            if process.is_running():
                process.send_signal(signal.SIGKILL)
        os.close(self._screen)

    def until(self, text: str, timeout_s: float) -> None:
        """Reads until it has said `text`."""
        end = time.monotonic() + timeout_s
        while text not in self.said:
            assert time.monotonic() < end, f"it did not say {text!r} within {timeout_s} s, but: {self.said}"
            assert self._read(0.2), f"it ended without saying {text!r}: {self.said}"

    def press_ctrl_c(self) -> None:
        self._remember_family()
        os.write(self._screen, b"\x03")

    def wait(self, timeout_s: float) -> int:
        """Its exit status, once it has ended."""
        end = time.monotonic() + timeout_s
        while True:
            self._read(0.05)
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < end, f"it did not end within {timeout_s} s; it said: {self.said}"

    def left_running(self) -> list[str]:
        """The command's descendants of before Ctrl-C that still run."""
        return [" ".join(process.cmdline()) for process in self._family.values() if _runs(process)]

    def _remember_family(self) -> None:
        parent = psutil.Process(self._pid)
        self._family = {process.pid: process for process in [parent, *parent.children(recursive=True)]}

    def _read(self, timeout_s: float) -> bool:
        """False once the terminal was closed from the other side."""
        readable, _, _ = select.select([self._screen], [], [], timeout_s)
        if not readable:
            return True
        try:
            data = os.read(self._screen, 65536)
        except OSError:  # Linux says EIO when the last one has left
            return False
        self.said += data.decode(errors="replace")
        return bool(data)


def _runs(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
