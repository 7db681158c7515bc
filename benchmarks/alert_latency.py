"""From the camera to the phone: how long after its capture a frame that fires a rule is told to a webhook.

    python -m benchmarks.alert_latency --fps 5 --seconds 60

A real RTSP camera (1280x720, 25 frames a second) shows a mark that goes to and fro; `framewatch run` analyses it with a
detector that takes as long as `--detector-ms` says, and sends every zone and line event to a receiver on this machine.
Capture is the moment on the camera's clock at which the frame that fired the rule was taken: what a rule waits for
before (`inertia`, `loitering_time`) is no part of it.
"""

import asyncio
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from benchmarks.cameras import JsonPath, Seconds, WarmUp, playing
from benchmarks.report import percentile, show
from tests.sinks.receiver import Receiver
from tests.system.clips import moving_mark
from tests.system.framewatch import ROOT, Framewatch

_CONFIG = """\
models:
  general: {{type: ./mark_detector.py:MarkDetector, takes_s: {takes_s}}}
detect: {{fps: {fps}}}
cameras:
  yard:
    inputs: [{{path: "{url}"}}]
    zones:
      left: {{coordinates: "0,0,0.3,0,0.3,1,0,1", inertia: 1}}
      middle: {{coordinates: "0.4,0,0.6,0,0.6,1,0.4,1", inertia: 1}}
      right: {{coordinates: "0.7,0,1,0,1,1,0.7,1", inertia: 1}}
    lines:
      centre: {{from: [0.5, 0], to: [0.5, 1]}}
alerts:
  - {{name: all, when: {{event: [zone_enter, zone_leave, line_cross]}}, send: phone}}
sinks:
  phone: {{type: webhook, url: "{hook}"}}
"""


class _Timed(Receiver):
    """Notes when each alert came (UTC seconds)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.times: list[float] = []

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        before = len(self.bodies)
        await super()._app(scope, receive, send)
        self.times += [time.time()] * (len(self.bodies) - before)


def main(
    fps: Annotated[float, typer.Option(min=1)] = 5.0,
    seconds: Seconds = 60.0,
    warm_up: WarmUp = 5.0,
    detector_ms: Annotated[float, typer.Option(min=0)] = 40.0,
    json: JsonPath = None,
) -> None:
    """Measure capture to webhook."""
    late_ms = asyncio.run(_measured(fps, seconds, warm_up, detector_ms))
    figures = {f"capture to webhook, p{share} ms": percentile(late_ms, share / 100) for share in (50, 95, 99)}
    show(f"{fps:g} frames a second, {detector_ms:g} ms a look", {"alerts": len(late_ms), **figures}, json)


async def _measured(fps: float, seconds: float, warm_up: float, detector_ms: float) -> Sequence[float]:
    receiver = _Timed()
    await receiver.start()
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "tests" / "system" / "mark_detector.py", folder)
        clip = moving_mark(folder / "mark.mp4", seconds=8)
        with playing(clip, 1) as cameras:
            written = _CONFIG.format(fps=fps, takes_s=detector_ms / 1000, url=cameras.urls[0], hook=receiver.url)
            (folder / "cameras.yaml").write_text(written)
            await asyncio.to_thread(_run, folder, warm_up, seconds, receiver)
    await receiver.stop()
    return [
        1000 * (came_at - body["event"]["started_at"])
        for came_at, body in zip(receiver.times, receiver.bodies, strict=True)
    ]


def _run(folder: Path, warm_up: float, seconds: float, receiver: _Timed) -> None:
    with Framewatch("run", "cameras.yaml", folder=folder) as system:
        system.until_analysing("yard")
        time.sleep(warm_up)
        receiver.bodies.clear()
        receiver.times.clear()
        time.sleep(seconds)


if __name__ == "__main__":
    typer.run(main)
