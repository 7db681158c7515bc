"""How late events are: follows them as a program of the user's would."""

import json
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import httpx

_INSTANTS = {"zone_enter", "zone_leave", "line_cross"}


class Lateness:
    """`samples_s` are the seconds from capture to arrival here."""

    def __init__(self, url: str) -> None:
        self.samples_s: list[float] = []
        Thread(target=self._follow, args=(url,), daemon=True).start()

    def _follow(self, url: str) -> None:
        try:
            with httpx.stream("GET", f"{url}/api/v1/events/stream", timeout=None) as stream:
                for event in _events(stream.iter_lines()):
                    if event.get("type") in _INSTANTS:
                        self.samples_s.append(time.time() - event["started_at"])
        except httpx.TransportError:
            return  # the system has ended


def _events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.startswith("data:"):
            event: dict[str, Any] = json.loads(line.removeprefix("data:"))
            yield event
