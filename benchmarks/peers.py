"""Framewatch against ultralytics `track` with OpenVINO: the same RTSP cameras, the same weights, both draw.

    python -m benchmarks.peers --json peers.json                 # one tensor shape, 640x640
    python -m benchmarks.peers --imgsz 320
    python -m benchmarks.peers --defaults                        # each as its defaults have it, at 640
    python -m benchmarks.peers --int8                            # our INT8 against their full precision

Runs alternate, and what counts is the median of the rounds' ratios. Ultralytics is first tried in the ways that a
user has (one process or one for each camera, every frame converted or every third), and the fastest is taken.
"""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from benchmarks import contest
from benchmarks.cameras import Cameras, Clip, JsonPath, Rounds, Seconds, WarmUp, playing
from benchmarks.ours import configuration, framewatch
from benchmarks.report import show
from benchmarks.theirs import Way, exported, track
from pipeline.models import weights as known_weights
from tests.system.framewatch import COMMAND, environment
from tests.system.rtsp import missing

_BARS = {"same 640": 1.0, "same 320": 1.1, "defaults": 1.5, "int8": 1.45}
_WAYS = [Way(one_process, vid_stride) for one_process in (True, False) for vid_stride in (1, 3)]


@dataclass(frozen=True, slots=True)
class Match:
    """Who runs what."""

    title: str
    bar: float
    ours: Path
    precision: str
    """Of ours."""
    theirs: dict[bool, Path]
    """Their model for one process, and for a process for each camera: an exported model has a fixed batch."""
    imgsz: int
    their_imgsz: str


def main(
    imgsz: int = 640,
    shape: Annotated[Literal["square", "rect"], typer.Option(help="Of the network's input, for both.")] = "square",
    defaults: Annotated[bool, typer.Option(help="Each with its own shape: rectangular against square.")] = False,
    int8: Annotated[bool, typer.Option(help="Ours in the eight bits that `models optimize` makes of CLIP.")] = False,
    cameras: Cameras = 4,
    rounds: Rounds = 5,
    seconds: Seconds = 20,
    warm_up: WarmUp = 8,
    weights: str = known_weights.DEFAULT,
    clip: Clip = None,
    json_path: JsonPath = None,
) -> None:
    """Compare images a second, all cameras together."""
    if lacking := missing():
        typer.echo(lacking)
        return
    with playing(clip, cameras) as scene:
        folder, urls = scene.folder, scene.urls
        match = _match(folder, known_weights.resolve(weights), imgsz, shape, defaults, int8, cameras)
        if int8:
            _optimize(folder, match, scene.clip)
        way = _best_way(folder, urls, match, warm_up, seconds)
        played = contest.rounds(
            {"Framewatch": _ours(folder, urls, match), "ultralytics": _theirs(folder, urls, match, way)},
            rounds,
            warm_up_s=warm_up,
            seconds=seconds,
        )
    told = {"ultralytics runs as": str(way), **dict(contest.figures(played, "Framewatch", "ultralytics", match.bar))}
    show(f"{cameras} cameras, {match.title}, {rounds} rounds of {seconds:g} s, every frame analysed", told, json_path)


def _match(folder: Path, weights: Path, imgsz: int, shape: str, defaults: bool, int8: bool, cameras: int) -> Match:
    square = (imgsz, imgsz)
    is_square = defaults or (shape == "square" and not int8)
    hw = square if is_square else (_rectangular(imgsz), imgsz)
    theirs = {one: exported(weights, folder, imgsz=hw, batch=cameras if one else 1) for one in (True, False)}
    said = f"{hw[0]},{hw[1]}"
    if int8:
        title = f"{weights.stem} at {hw[1]}x{hw[0]}, INT8 against full precision"
        return Match(title, _BARS["int8"], weights, "int8", theirs, imgsz, said)
    if defaults:
        return Match(
            f"{weights.stem}, each by its defaults at {imgsz}", _BARS["defaults"], weights, "full", theirs, imgsz, said
        )
    bar = _BARS.get(f"same {imgsz}", 1.0)
    return Match(f"{weights.stem} at {hw[1]}x{hw[0]}", bar, theirs[False], "auto", theirs, imgsz, said)


def _rectangular(imgsz: int) -> int:
    """The shorter side for 16:9, in steps of 32."""
    return -(-imgsz * 9 // 16 // 32) * 32


def _optimize(folder: Path, match: Match, clip: Path) -> None:
    """With a cache of its own: what a benchmark makes is not what the user's cameras run on."""
    os.environ["FRAMEWATCH_CACHE"] = str(folder / "cache")
    config = configuration([str(clip)], match.ours, imgsz=match.imgsz, fps=25, draw=False)
    (folder / "optimize.yaml").write_text(config)
    command = [*COMMAND, "models", "optimize", "optimize.yaml", "--from", str(clip)]
    if subprocess.run(command, cwd=folder, env=environment()).returncode:
        raise typer.Exit(1)  # it has said why


def _ours(folder: Path, urls: Sequence[str], match: Match) -> contest.Contestant:
    config = configuration(urls, match.ours, imgsz=match.imgsz, fps=25, draw=True, precision=match.precision)
    return partial(framewatch, folder, config, len(urls))


def _theirs(folder: Path, urls: Sequence[str], match: Match, way: Way) -> contest.Contestant:
    return partial(track, folder, urls, match.theirs[way.one_process], imgsz=match.their_imgsz, way=way)


def _best_way(folder: Path, urls: Sequence[str], match: Match, warm_up: float, seconds: float) -> Way:
    """What a user would end up with who tries them all."""

    def per_second(way: Way) -> float:
        return contest.measure(_theirs(folder, urls, match, way), warm_up_s=warm_up, seconds=seconds).per_second

    return max(_WAYS, key=per_second)


if __name__ == "__main__":
    typer.run(main)
