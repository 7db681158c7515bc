"""What a viewer costs and how long it waits, while inference takes all of the machine that it can get.

    python -m benchmarks.live_view --rounds 3 --seconds 15 --json live_view.json

One camera (1280x720, 25 frames a second, 2 Mbit/s) on a real RTSP server, with 0, 1, 5 and 20 viewers that receive
everything and decode nothing; then the same camera through a small server as aiortc's examples have it. Viewers and
RTSP server run on the same machine: what they use is in no figure.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psutil
import typer

from benchmarks.audience import Audience, Paid
from benchmarks.cameras import JsonPath, Rounds, Seconds, WarmUp, playing
from benchmarks.counting import Counting
from benchmarks.delay import measured
from benchmarks.first_frame import browser, by_aiortc, in_browser
from benchmarks.ours import Ours, configuration, framewatch
from benchmarks.report import show
from benchmarks.street import FPS, street
from benchmarks.viewing import ANALYSIS, CHROMIUM, CLIENT, CODECS, MEDIA, THEIRS, VIEWERS, Round, figures
from pipeline.models import weights as known_weights
from tests.system.rtsp import free_port, missing


def main(
    rounds: Rounds = 3,
    seconds: Seconds = 15,
    warm_up: WarmUp = 8,
    starts: Annotated[int, typer.Option(min=1, help="Of each client in each round.")] = 20,
    weights: str = known_weights.DEFAULT,
    json_path: JsonPath = None,
) -> None:
    """Measure viewers of one camera under full inference load."""
    if lacking := missing():
        typer.echo(lacking)
        return
    if browser() is None:
        typer.echo("Chromium is missing, and its figures will be: apt-get install chromium")
    with playing(street(), 1) as scene, tempfile.TemporaryDirectory() as name:
        config = configuration(scene.urls, weights, imgsz=640, fps=FPS, draw=False)
        played = [
            _round(Path(name), config, scene.urls[0], seconds, warm_up, starts, reverse=number % 2 == 1)
            for number in range(rounds)
        ]
    show(f"one camera, 720p25 at 2 Mbit/s, {rounds} rounds of {seconds:g} s", dict(figures(played)), json_path)


def _round(
    folder: Path, config: str, camera: str, seconds: float, warm_up: float, starts: int, *, reverse: bool
) -> Round:
    with framewatch(folder, config, 1) as ours:
        endpoint = f"{ours.system.url}/whep/camera0"
        processes = {MEDIA: ours.system.process.pid, ANALYSIS: ours.system.children()[0]}
        paid: dict[int, Paid] = {}
        analysed: dict[int, float] = {}
        for viewers in reversed(VIEWERS) if reverse else VIEWERS:
            with Audience(endpoint, viewers) as audience:
                audience.paid(processes, warm_up)
                before = ours.frames()
                paid[viewers] = audience.paid(processes, seconds)
                analysed[viewers] = (ours.frames() - before) / seconds
        waited_ms = {CLIENT: by_aiortc(endpoint, starts)}
        delay = None
        if executable := browser():
            waited_ms[CHROMIUM] = in_browser(executable, ours.system.url, "camera0", starts)
            delay = measured(executable, ours.system.url, "camera0", camera, seconds)
        theirs = _theirs(ours, camera, seconds, warm_up)
    return Round(paid, analysed, theirs, waited_ms, delay)


def _theirs(ours: Ours, camera: str, seconds: float, warm_up: float) -> dict[tuple[str, int], Paid]:
    """Inference goes on, but stands back: a server that gets no processor would seem to need none."""
    psutil.Process(ours.system.children()[0]).nice(19)
    paid = {}
    for codec in CODECS:
        for viewers in (1, 2):
            with _aiortc(camera) as (pid, endpoint), Audience(endpoint, viewers, codec) as audience:
                audience.paid({}, warm_up)
                paid[codec, viewers] = audience.paid({THEIRS: pid}, seconds)
    return paid


@contextmanager
def _aiortc(camera: str) -> Iterator[tuple[int, str]]:
    """Its process and where it takes offers."""
    port = free_port()
    with Counting("aiortc_way", camera, str(port)) as server:
        server.until_it_counts()
        yield server.pid, f"http://127.0.0.1:{port}/whep/camera0"


if __name__ == "__main__":
    typer.run(main)
