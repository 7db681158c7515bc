"""How near Framewatch comes to the limit: its images a second as a share of the bare backend's.

    python -m benchmarks.limit --json limit.json

The bare backend runs in a tight loop while a second process decodes the same RTSP cameras. Runs alternate.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import contest
from benchmarks.clip import demo_clip
from benchmarks.counting import Counting
from benchmarks.ours import configuration, framewatch
from benchmarks.report import show
from pipeline.models import weights as known_weights
from tests.system.rtsp import RtspServer, missing

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
    cameras: Annotated[int, typer.Option(min=1)] = 4,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    seconds: Annotated[float, typer.Option(min=1, help="How long each run is measured.")] = 20,
    warm_up: Annotated[float, typer.Option(min=0)] = 8,
    weights: str = known_weights.DEFAULT,
    clip: Annotated[Path | None, typer.Option(help="What the cameras show; the demo camera's picture without.")] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the figures here as well.")] = None,
) -> None:
    """Compare images a second, all cameras together."""
    if lacking := missing():
        typer.echo(lacking)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        played = (clip or demo_clip(folder / "demo.mp4")).absolute()
        with RtspServer({f"camera{index}": played for index in range(cameras)}) as server:
            urls = [server.url(f"camera{index}") for index in range(cameras)]
            config = configuration(urls, weights, imgsz=imgsz, fps=25, draw=False)
            scores = contest.rounds(
                {
                    "Framewatch": partial(framewatch, folder, config, cameras),
                    "bare backend": partial(bare, urls, weights, played, imgsz),
                },
                rounds,
                warm_up_s=warm_up,
                seconds=seconds,
            )
    told = dict(contest.figures(scores, "Framewatch", "bare backend", _BAR))
    show(f"{cameras} cameras, {weights} at {imgsz}, {rounds} rounds of {seconds:g} s", told, json_path)


@contextmanager
def bare(urls: Sequence[str], weights: str, clip: Path, imgsz: int) -> Iterator[Bare]:
    with (
        Counting("bare", weights, str(clip), "--imgsz", str(imgsz)) as network,
        Counting("decoding", *urls) as decoding,
    ):
        network.until_it_counts()
        decoding.until_it_counts()
        yield Bare(network, decoding)


if __name__ == "__main__":
    typer.run(main)
