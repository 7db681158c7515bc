"""The whole system as a user starts it: the command, in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

import httpx
import psutil

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "pipeline.cli")


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


class Framewatch:
    """`framewatch ARGUMENTS --port PORT` in `folder`; `api` talks to it once it has said its address."""

    def __init__(self, *arguments: str, folder: Path, port: int = 0) -> None:
        self.lines: list[str] = []
        self.errors: list[str] = []
        self.process = subprocess.Popen(
            [*COMMAND, *arguments, "--port", str(port)],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._readers = [
            Thread(target=_collect, args=(self.process.stdout, self.lines), daemon=True),
            Thread(target=_collect, args=(self.process.stderr, self.errors), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        try:
            address = wait_for(self._address, 60, lambda: f"no address; it said {self.lines} {self.errors}")
            self.url = str(address)
            self.api = httpx.Client(base_url=self.url, timeout=10)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if hasattr(self, "api"):
            self.api.close()
        if self.process.poll() is None:
            self.interrupt()
        for reader in self._readers:
            reader.join(5)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        if kind is not None:
            print("\n".join(["--- framewatch said:", *self.lines, *self.errors]))

    def interrupt(self) -> tuple[int, float]:
        """Ctrl-C; returns the exit status and how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        try:
            status = self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return status, time.monotonic() - began

    def camera(self, name: str) -> dict[str, Any]:
        answer = self.api.get(f"/api/v1/cameras/{name}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def models(self) -> dict[str, str]:
        """What runs each model."""
        answer = self.api.get("/api/v1/models")
        answer.raise_for_status()
        return {model["name"]: model["runs"] for model in answer.json()["models"]}

    def metric(self, name: str, **labels: str) -> float:
        """The sum over all series of that name with those labels."""
        total = 0.0
        for line in self.api.get("/metrics").text.splitlines():
            if re.match(rf"{name}[{{ ]", line) and all(f'{key}="{value}"' in line for key, value in labels.items()):
                total += float(line.rsplit(" ", 1)[1])
        return total

    def places(self) -> list[str]:
        """Where something has been counted as lost."""
        found = re.findall(r'^framewatch_dropped{.*place="(\w+)"', self.api.get("/metrics").text, re.MULTILINE)
        return sorted(set(found))

    def until_analysing(self, camera: str, timeout_s: float = 60) -> None:
        wait_for(lambda: self.camera(camera)["fps_analysed"] > 0, timeout_s, lambda: str(self.camera(camera)))

    def children(self) -> list[int]:
        """Process ids of the planes that run now."""
        return [child.pid for child in psutil.Process(self.process.pid).children()]

    def _address(self) -> str | None:
        assert self.process.poll() is None, f"it ended: {self.errors}"
        found = re.search(r"http://\S+", " ".join(self.lines))
        return found.group() if found else None


def wait_for(true: Callable[[], object], timeout_s: float, why_not: Callable[[], str] = lambda: "") -> object:
    """What `true` returns once that is truthy; fails after `timeout_s`."""
    until = time.monotonic() + timeout_s
    while not (result := true()):
        assert time.monotonic() < until, f"not within {timeout_s} s: {why_not()}"
        time.sleep(0.1)
    return result


def _collect(stream: Any, lines: list[str]) -> None:
    for line in stream:
        lines.append(line.rstrip())
