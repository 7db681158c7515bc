"""So many viewers of one camera (`benchmarks.watch`), and what a server pays for them."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from benchmarks.contest import cpu_seconds
from tests.system.framewatch import ROOT, environment, wait_for

_CONNECTING_S = 60.0


@dataclass(frozen=True, slots=True)
class Paid:
    """What some seconds with an audience were like."""

    percent: Mapping[str, float]
    """Of a core, by process."""
    frames: float
    """A second, of the viewer who got the fewest; 0 without viewers. So are `messages`."""
    messages: float
    packets: float
    """A second, all viewers."""


class Audience:
    """All of them see pictures once entered; none are allowed."""

    def __init__(self, url: str, viewers: int, codec: str = "H264") -> None:
        self._viewers = viewers
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.watch", url, str(viewers), "--codec", codec],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        try:
            wait_for(lambda: all(self.got()["frames"]), _CONNECTING_S, lambda: "not all viewers see pictures")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def got(self) -> dict[str, list[int]]:
        """Of each viewer, so far; raises RuntimeError where the process ended."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
            counts: dict[str, list[int]] = json.loads(self._process.stdout.readline())
        except (OSError, ValueError) as error:
            raise RuntimeError("the viewers' process has ended; it has said why") from error
        return counts

    def paid(self, processes: Mapping[str, int], seconds: float) -> Paid:
        """What these processes, by name, use in the next `seconds`."""
        got, used_s, began = self.got(), _used_s(processes), time.monotonic()
        time.sleep(seconds)
        got_then, used_then_s, took_s = self.got(), _used_s(processes), time.monotonic() - began
        gained = {name: [b - a for a, b in zip(got[name], got_then[name], strict=True)] for name in got}
        return Paid(
            {name: 100 * (used_then_s[name] - used_s[name]) / took_s for name in processes},
            frames=min(gained["frames"], default=0) / took_s,
            messages=min(gained["messages"], default=0) / took_s,
            packets=sum(gained["packets"]) / took_s,
        )


def _used_s(processes: Mapping[str, int]) -> dict[str, float]:
    return {name: cpu_seconds([pid]) for name, pid in processes.items()}
