"""How late the page's picture is against the camera's own stream, and whether boxes lie on their own frames."""

import json
import subprocess
import sys
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.first_frame import BROWSER_ARGUMENTS
from benchmarks.street import BIT_PX, NUMBER_BITS
from tests.system.framewatch import ROOT, environment

_SCRIPT = Path(__file__).with_suffix(".js")
_SETTLE_S = 8.0
"""Until `exact` knows how late results are."""
_LATEST_S = 5.0
"""Longer than this no picture is on its way: its number has come round again."""

Shown = dict[str, Any]
"""A picture on the page: its `number`, when it came `at` (UTC milliseconds), its `pts`, how far `ahead` of results."""


@dataclass(frozen=True, slots=True)
class Delay:
    added_ms: Sequence[float]
    """From the arrival of a picture at a program that reads the camera itself to the page, with `low_latency`."""
    since_last_packet_ms: Sequence[float]
    """From a picture's last packet on, which FFmpeg's parser holds back, there and here, until the next one begins."""
    on_own_frame: float | None
    """Which share of the analysed frames had their result when they were shown, with `exact`; 0..1."""


def measured(executable: Path, url: str, camera: str, rtsp: str, seconds: float) -> Delay:
    """`url` is Framewatch's, `rtsp` the same camera's own."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=list(BROWSER_ARGUMENTS), headless=True)
        page = running.new_page()
        with _arriving(rtsp) as arrived, _arriving(rtsp, "--pieces") as sent:
            shown, _ = _seen(page, url, camera, "low_latency", seconds)
        exact, results = _seen(page, url, camera, "exact", seconds)
        running.close()
    return Delay(list(added_ms(arrived, shown)), list(added_ms(sent, shown)), own_frames(exact, results))


def added_ms(arrived: Iterable[tuple[int, float]], shown: Iterable[Shown]) -> Iterator[float]:
    """`arrived` are numbers and UTC seconds; numbers come round again: the last arrival before the picture counts."""
    times = defaultdict(list)
    for number, at in arrived:
        times[number].append(at)
    for frame in shown:
        seen_at = frame["at"] / 1000
        before = bisect_right(times[frame["number"]], seen_at)
        if before and seen_at - times[frame["number"]][before - 1] < _LATEST_S:
            yield 1000 * (seen_at - times[frame["number"]][before - 1])


def own_frames(shown: Sequence[Shown], results: dict[int, float]) -> float | None:
    """`results` has by pts when the message came (UTC milliseconds); None where no analysed frame was shown."""
    analysed = [frame for frame in shown if frame.get("pts") in results]
    in_time = [frame for frame in analysed if results[frame["pts"]] <= frame["at"] and frame["ahead"] == 0]
    return len(in_time) / len(analysed) if analysed else None


def _seen(page: Page, url: str, camera: str, sync: str, seconds: float) -> tuple[list[Shown], dict[int, float]]:
    page.goto(f"{url}/healthz")
    page.evaluate(_SCRIPT.read_text(), {"camera": camera, "sync": sync, "bits": NUMBER_BITS, "bitPx": BIT_PX})
    time.sleep(_SETTLE_S)
    page.evaluate("delay.shown.length = 0")
    time.sleep(seconds)
    shown = page.evaluate("delay.shown")
    time.sleep(1)  # results of the last pictures
    return shown, dict(page.evaluate("[...delay.results]"))


@contextmanager
def _arriving(rtsp: str, *options: str) -> Iterator[list[tuple[int, float]]]:
    """Filled when left."""
    noted: list[tuple[int, float]] = []
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.arrivals", rtsp, *options],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        try:
            yield noted
        finally:
            told, _ = reader.communicate(timeout=20)
    noted += json.loads(told)
