"""HOTA, IDF1 and MOTA of our track stage beside ultralytics' own trackers, on the same detections, in one run.

    python -m benchmarks.mot MOT17/train                   # a folder of sequences in the MOT format, or one of them
    python -m benchmarks.mot --synthetic 3 --json mot.json # three made-up crowds of each kind

Needs the extra `bench` (TrackEval). What is scored is what was found in the very frame and belongs to an object that
the tracker believes: predictions across gaps are shown to people, but are nobody's measurement. Frames that were not
analysed are not scored. Ultralytics' trackers get the same boxes, and their own configuration files. Both hold an
unseen object for as many frames (`track_buffer`, `max_disappeared`); a third row has what Framewatch holds by default.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.tracking.contestants import TRACKERS, UNSEEN_S, Look, framewatch, theirs
from benchmarks.tracking.crowd import SCENES, crowd
from benchmarks.tracking.scores import METRICS, scores
from benchmarks.tracking.sequence import Sequence, SequenceError, sequences
from pipeline.app.machine import machine

_PEER = "ultralytics"
_OURS = "framewatch"
_BY_DEFAULT = f"{_OURS}, {UNSEEN_S:g} s unseen"
_WIDE = 120
"""Columns of text, in a file too."""


def main(
    folder: Annotated[Path | None, typer.Argument(help="A sequence, or a folder of them.")] = None,
    synthetic: Annotated[int, typer.Option(min=0, help="So many made-up crowds of each kind instead.")] = 0,
    tracker: Annotated[list[str] | None, typer.Option(help=" | ".join(TRACKERS) + "; all without.")] = None,
    every: Annotated[str, typer.Option(help="Analysed are every frame, every 2nd, …")] = "1,2,3,6",
    drop: Annotated[float, typer.Option(min=0, max=0.9, help="And again with this share lost; 0: not again.")] = 0.3,
    fps: Annotated[float | None, typer.Option(min=1, help="Frames a second, where seqinfo.ini is not right.")] = None,
    option: Annotated[list[str] | None, typer.Option(help="Of our stage: match_thresh=0.9.")] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the figures here as well.")] = None,
) -> None:
    """Compare trackers on sequences in the MOT format."""
    try:
        given = _sequences(folder, synthetic, fps)
        looks = _looks(every, drop)
        wanted, options = _trackers(tracker), _options(option or [])
        for line in _told(given):
            print(line, file=sys.stderr)
        results = list(_results(given, wanted, looks, options))
    except (SequenceError, typer.BadParameter) as error:
        print(f"mot: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    _show(results)
    if json_path is not None:
        rows = [
            {"look": str(each.look), "tracker": each.tracker, "by": each.by, **each.figures, "sequences": len(given)}
            for each in results
        ]
        json_path.write_text(json.dumps({"machine": machine(), "results": rows}, indent=2) + "\n")


@dataclass(frozen=True, slots=True)
class Result:
    look: Look
    tracker: str
    by: str
    figures: dict[str, float]


def _sequences(folder: Path | None, synthetic: int, fps: float | None) -> list[Sequence]:
    if (folder is None) == (synthetic == 0):
        raise SequenceError("either a folder or --synthetic")
    if find_spec("trackeval") is None:
        raise SequenceError("needs TrackEval: pip install 'framewatch[bench]'")
    if folder is not None:
        return sequences(folder, fps=fps)
    return [
        crowd(scene, name=f"{name}-{seed}", seed=seed) for name, scene in SCENES.items() for seed in range(synthetic)
    ]


def _looks(every: str, drop: float) -> list[Look]:
    try:
        steps = [int(step) for step in every.split(",")]
    except ValueError:
        steps = []
    if not steps or min(steps) < 1:
        raise typer.BadParameter(f"--every: wanted numbers from 1 on, as 1,2,6, got {every}")
    return [Look(step, share) for share in ([0.0, drop] if drop else [0.0]) for step in steps]


def _trackers(wanted: list[str] | None) -> list[str]:
    unknown = set(wanted or ()) - set(TRACKERS)
    if unknown:
        raise typer.BadParameter(f"--tracker: wanted {' | '.join(TRACKERS)}, got {' '.join(sorted(unknown))}")
    return wanted or list(TRACKERS)


def _options(given: list[str]) -> dict[str, Any]:
    if any("=" not in each for each in given):
        raise typer.BadParameter("--option: wanted name=value")
    return {name: json.loads(value) for name, value in (each.split("=", 1) for each in given)}


def _told(given: list[Sequence]) -> Iterator[str]:
    for each in given:
        size, notes = "{}x{}".format(*each.resolution_wh), []
        if each.rescaled:
            notes.append("scores rescaled to 0.1..1")
        if not each.classed:
            notes.append("no classes: all counts")
        yield ", ".join([f"{each.name}: {each.length} frames at {each.fps:g} a second, {size}", *notes])


def _results(
    given: list[Sequence], trackers: list[str], looks: list[Look], options: dict[str, Any]
) -> Iterator[Result]:
    for look in looks:
        for tracker in trackers:
            peer = [(each, theirs(tracker, each, look)) for each in given]
            yield Result(look, tracker, _PEER, scores(peer, look))
            ours = [(each, framewatch(tracker, each, look, options)) for each in given]
            yield Result(look, tracker, _OURS, scores(ours, look))
            longer = [(each, framewatch(tracker, each, look, options, unseen_s=UNSEEN_S)) for each in given]
            yield Result(look, tracker, _BY_DEFAULT, scores(longer, look))


def _show(results: list[Result]) -> None:
    table = Table("analysed", "tracker", "by", box=None, caption=machine(), title="Tracking", title_justify="left")
    for name in METRICS:
        table.add_column(name, justify="right")
    before: tuple[str, str] | None = None
    for each in results:
        head = (str(each.look), each.tracker)
        shown = ("", "") if head == before else head
        figures = (f"{each.figures[name]:,.{0 if name in ('switches', 'fragments') else 1}f}" for name in METRICS)
        table.add_row(*shown, each.by, *figures)
        before = head
    Console(width=max(Console().width, _WIDE)).print(table)


if __name__ == "__main__":
    typer.run(main)
