"""N real RTSP cameras under full inference load: what is analysed, what is lost, what it costs, how late it is.

    python -m benchmarks.live --cameras 2 --seconds 30 --json live.json

The cameras are played by a real RTSP server on this machine, and one viewer decodes the first of them: the
server's and the viewer's share of the processor is not in the figures, but they do compete for it.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Annotated

import psutil
import typer

from benchmarks.clip import demo_clip
from benchmarks.lateness import Lateness
from benchmarks.report import Figures, percentile, show
from tests.system.framewatch import Framewatch
from tests.system.rtsp import RtspServer
from tests.system.viewer import Viewer

_WARM_UP_S = 10.0
_CAMERA = """\
  camera{index}:
    inputs: [{{path: "{url}"}}]
    zones:
      left: {{coordinates: "0,0,0.5,0,0.5,1,0,1", inertia: 1}}
      middle: {{coordinates: "0.25,0,0.75,0,0.75,1,0.25,1", inertia: 1}}
    lines:
      centre: {{from: [0.5, 0], to: [0.5, 1]}}
"""


def main(
    cameras: Annotated[int, typer.Option(min=1)] = 2,
    seconds: Annotated[float, typer.Option(min=5, help="How long is measured, after a warm-up.")] = 30,
    fps: Annotated[float, typer.Option(help="Asked of each camera; more than can be done makes a full load.")] = 25,
    weights: str = "yolov8n.pt",
    imgsz: int = 640,
    clip: Annotated[Path | None, typer.Option(help="What the cameras show; the demo camera's picture without.")] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the figures here as well.")] = None,
) -> None:
    """Measure N live cameras under full inference load."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        played = clip or demo_clip(folder / "demo.mp4")
        with RtspServer({f"camera{index}": played for index in range(cameras)}) as server:
            config = f"models: {{general: {{type: yolo, weights: {weights}, imgsz: {imgsz}}}}}\n"
            config += f"detect: {{fps: {fps}}}\nobjects: {{track: [person, car, bus, truck]}}\ncameras:\n"
            config += "".join(_CAMERA.format(index=index, url=server.url(f"camera{index}")) for index in range(cameras))
            (folder / "live.yaml").write_text(config)
            with Framewatch("run", "live.yaml", folder=folder) as system:
                for index in range(cameras):
                    system.until_analysing(f"camera{index}", timeout_s=180)
                figures = asyncio.run(measure(system, cameras, seconds))
    show(f"{cameras} cameras, {weights} at {imgsz}, {seconds:.0f} s", figures, json_path)


async def measure(system: Framewatch, cameras: int, seconds: float) -> Figures:
    viewer, lateness = Viewer(), Lateness(system.url)
    await viewer.watch(f"{system.url}/whep/camera0")
    await asyncio.sleep(_WARM_UP_S)
    viewer.ages_s.clear()
    lateness.samples_s.clear()
    before, began = await asyncio.to_thread(Usage, system), time.monotonic()
    await asyncio.sleep(seconds)
    after, took_s = await asyncio.to_thread(Usage, system), time.monotonic() - began
    status = [await asyncio.to_thread(system.camera, f"camera{index}") for index in range(cameras)]
    await viewer.close()
    return {
        "frames received a second, all cameras": (after.packets - before.packets) / took_s,
        "frames analysed a second, all cameras": (after.analysed - before.analysed) / took_s,
        **{
            f"lost a second, {place}": (after.dropped[place] - before.dropped.get(place, 0)) / took_s
            for place in sorted(after.dropped)
        },
        "media process, % of a core": 100 * (after.cpu_s["media"] - before.cpu_s["media"]) / took_s,
        "analysis process, % of a core": 100 * (after.cpu_s["analysis"] - before.cpu_s["analysis"]) / took_s,
        "media process, RSS MB": after.rss_mb["media"],
        "analysis process, RSS MB": after.rss_mb["analysis"],
        "capture to result, p50 ms (worst camera)": max(each["latency_p50_ms"] or 0 for each in status),
        "capture to result, p95 ms (worst camera)": max(each["latency_p95_ms"] or 0 for each in status),
        "events": float(len(lateness.samples_s)),
        "capture to event, p50 ms": _ms(percentile(lateness.samples_s, 0.5)),
        "capture to event, p95 ms": _ms(percentile(lateness.samples_s, 0.95)),
        "pictures the viewer got a second": len(viewer.ages_s) / took_s,
        "capture to viewer, p50 ms": _ms(percentile(viewer.ages_s, 0.5)),
        "capture to viewer, p95 ms": _ms(percentile(viewer.ages_s, 0.95)),
    }


class Usage:
    """The counters of one moment."""

    def __init__(self, system: Framewatch) -> None:
        (analysis,) = system.children()
        processes = {"media": psutil.Process(system.process.pid), "analysis": psutil.Process(analysis)}
        self.packets = system.metric("framewatch_packets_total")
        self.analysed = system.metric("framewatch_analysed_frames")
        self.dropped = {place: system.metric("framewatch_dropped", place=place) for place in system.places()}
        self.cpu_s = {name: sum(process.cpu_times()[:2]) for name, process in processes.items()}
        self.rss_mb = {name: process.memory_info().rss / 1e6 for name, process in processes.items()}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


if __name__ == "__main__":
    typer.run(main)
