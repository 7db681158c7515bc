"""How many 1080p30 streams one CUDA device holds with every frame analysed, and how late events are then.

    python -m benchmarks.gpu --most 64 --json gpu.json

The streams come from a real RTSP server; where there is none, from files that are read at the pace of a camera.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import contest
from benchmarks.clip import demo_clip
from benchmarks.lateness import Lateness
from benchmarks.ours import Ours, configuration, framewatch
from benchmarks.report import Figures, percentile, show
from pipeline.models import weights as known_weights
from pipeline.models.ultra import ultralytics
from tests.system.rtsp import RtspServer, missing

_FPS = 30
_ENOUGH = 0.99
"""A stream is held when at most one frame in a hundred is not analysed."""


@dataclass(frozen=True, slots=True)
class Held:
    score: contest.Score
    late_ms: tuple[float | None, float | None]
    """p50 and p95 from capture to an event's arrival at a program that follows them."""
    latency_ms: float | None
    """p95 from capture to result, of the worst camera."""
    lost: dict[str, float]
    decoders: str
    """What decodes, of all cameras."""
    network: str
    """What runs the model: backend, device, precision, whether CUDA graphs did (`graphs`), and sizes of input."""


def main(
    most: Annotated[int, typer.Option(min=1, help="Try no more streams than that.")] = 64,
    imgsz: int = 640,
    seconds: Annotated[float, typer.Option(min=1, help="How long each try is measured.")] = 20,
    warm_up: Annotated[float, typer.Option(min=0)] = 10,
    weights: str = known_weights.DEFAULT,
    clip: Annotated[Path | None, typer.Option(help="1080p30; the demo camera's picture without.")] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the figures here as well.")] = None,
) -> None:
    """Search for the largest number of streams that are analysed in full."""
    device = cuda_device()
    if device is None:
        typer.echo("no CUDA device that torch can use: nothing to measure here")
        return
    tried: dict[int, Held] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        played = (clip or demo_clip(folder / "demo.mp4", size=(1920, 1080), fps=_FPS)).absolute()
        with streams(played, most) as (urls, options):

            def holds(count: int) -> bool:
                config = configuration(urls[:count], weights, imgsz=imgsz, fps=_FPS, draw=False, options=options)
                with framewatch(folder, config, count) as ours:
                    tried[count] = measure(ours, count, warm_up, seconds)
                typer.echo(f"{count} streams: {tried[count].score.per_second:.1f} images a second")
                return tried[count].score.per_second >= _ENOUGH * _FPS * count

            held = contest.largest(holds, most)
    told: dict[str, float | str | None] = {
        "device": device,
        "streams come from": "files at a camera's pace: " + missing() if missing() else "an RTSP server",
        "streams held": f"{held}" + (" (no more were tried)" if held == most else ""),
    }
    show(f"{weights} at {imgsz}, 1080p{_FPS}, every frame", {**told, **figures(tried, held)}, json_path)


def cuda_device() -> str | None:
    """Its name; None where torch cannot use one."""
    ultralytics()  # before torch, for it sets what torch's threads start with
    import torch

    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else None


@contextmanager
def streams(clip: Path, count: int) -> Iterator[tuple[Sequence[str], str]]:
    """Addresses, and what an input needs beside its address."""
    if missing():
        yield [str(clip)] * count, ", pace: realtime, loop: true"
        return
    with RtspServer({f"camera{index}": clip for index in range(count)}) as server:
        yield [server.url(f"camera{index}") for index in range(count)], ""


def measure(ours: Ours, count: int, warm_up: float, seconds: float) -> Held:
    time.sleep(warm_up)
    lateness, before = Lateness(ours.system.url), _lost(ours)
    score = contest.score(ours, seconds)
    lost = {place: (total - before.get(place, 0)) / seconds for place, total in _lost(ours).items()}
    cameras = [ours.system.camera(f"camera{index}") for index in range(count)]
    worst = max((camera["latency_p95_ms"] or 0 for camera in cameras), default=None)
    p50_s, p95_s = (percentile(lateness.samples_s, share) for share in (0.5, 0.95))
    decoders = ", ".join(sorted({camera.get("decoder") or "software" for camera in cameras}))
    network = ", ".join(ours.system.models().values())
    return Held(score, (_ms(p50_s), _ms(p95_s)), worst, lost, decoders, network)


def figures(tried: dict[int, Held], held: int) -> Figures:
    told: dict[str, float | str | None] = {
        f"{count} streams, images a second": result.score.per_second for count, result in sorted(tried.items())
    }
    if held:
        best = tried[held]
        told |= {
            "decoded by": best.decoders,
            "run by": best.network,
            "capture to event, p50 ms": best.late_ms[0],
            "capture to event, p95 ms": best.late_ms[1],
            "capture to result, p95 ms (worst camera)": best.latency_ms,
            "CPU-ms an image": best.score.cpu_ms,
            "cores": best.score.cores,
            **{f"lost a second, {place}": lost for place, lost in best.lost.items()},
        }
    return told


def _lost(ours: Ours) -> dict[str, float]:
    return {place: ours.system.metric("framewatch_dropped", place=place) for place in ours.system.places()}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


if __name__ == "__main__":
    typer.run(main)
