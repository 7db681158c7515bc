"""How near Framewatch comes to the limit: its images a second as a share of the bare backend's.

    python -m benchmarks.limit --json limit.json
    python -m benchmarks.limit --float32                         # as a processor without bfloat16 would be

The bare backend runs in a tight loop while a second process decodes the same RTSP cameras. Runs alternate.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import contest
from benchmarks.cameras import Cameras, Clip, JsonPath, Rounds, Seconds, WarmUp, playing
from benchmarks.counting import Counting
from benchmarks.ours import configuration, framewatch
from benchmarks.report import show
from pipeline.models import weights as known_weights
from tests.system.rtsp import missing

_BAR = 0.9


class Bare:
    def __init__(self, network: Counting, decoding: Counting) -> None:
        self._network = network
        self._decoding = decoding

    def frames(self) -> float:
        return self._network.count

    def pids(self) -> Sequence[int]:
        return [self._network.pid, self._decoding.pid]


def main(
    imgsz: int = 640,
    cameras: Cameras = 4,
    rounds: Rounds = 5,
    seconds: Seconds = 20,
    warm_up: WarmUp = 8,
    weights: str = known_weights.DEFAULT,
    float32: Annotated[bool, typer.Option(help="Keep the processor from bfloat16, which some do not have.")] = False,
    clip: Clip = None,
    json_path: JsonPath = None,
) -> None:
    """Compare images a second, all cameras together."""
    if lacking := missing():
        typer.echo(lacking)
        return
    with playing(clip, cameras) as scene:
        config = configuration(scene.urls, weights, imgsz=imgsz, fps=25, draw=False, float32=float32)
        scores = contest.rounds(
            {
                "Framewatch": partial(framewatch, scene.folder, config, cameras),
                "bare backend": partial(bare, scene.urls, weights, scene.clip, imgsz, float32),
            },
            rounds,
            warm_up_s=warm_up,
            seconds=seconds,
        )
    told = dict(contest.figures(scores, "Framewatch", "bare backend", _BAR))
    what = f"{weights} at {imgsz}{' in float32' if float32 else ''}"
    show(f"{cameras} cameras, {what}, {rounds} rounds of {seconds:g} s", told, json_path)


@contextmanager
def bare(urls: Sequence[str], weights: str, clip: Path, imgsz: int, float32: bool) -> Iterator[Bare]:
    options = ["--imgsz", str(imgsz), *(["--float32"] if float32 else [])]
    with (
        Counting("bare", weights, str(clip), *options) as network,
        Counting("decoding", *urls) as decoding,
    ):
        network.until_it_counts()
        decoding.until_it_counts()
        yield Bare(network, decoding)


if __name__ == "__main__":
    typer.run(main)
