"""HOTA, IDF1, MOTA by TrackEval (https://github.com/JonathonLuiten/TrackEval), MOT's own rules for what counts."""

from collections.abc import Sequence as Several
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.tracking.contestants import Look
from benchmarks.tracking.sequence import Rows, Sequence, SequenceError

METRICS = ("HOTA", "IDF1", "MOTA", "DetA", "AssA", "switches", "fragments")


def scores(runs: Several[tuple[Sequence, list[Rows]]], look: Look) -> dict[str, float]:
    """Over all sequences together: percent, and counts of `switches` (of id) and `fragments`.

    Only frames that were looked at count. Raises SequenceError for a truth that TrackEval refuses.
    """
    from trackeval.metrics import CLEAR, HOTA, Identity

    metrics = {"hota": HOTA(), "clear": CLEAR({"PRINT_CONFIG": False}), "identity": Identity({"PRINT_CONFIG": False})}
    each: dict[str, dict[str, Any]] = {name: {} for name in metrics}
    for sequence, shown in runs:
        data = _judged(sequence, shown, look)
        for name, metric in metrics.items():
            each[name][sequence.name] = metric.eval_sequence(data)
    hota, clear, identity = (metric.combine_sequences(each[name]) for name, metric in metrics.items())
    return {
        "HOTA": 100 * float(np.mean(hota["HOTA"])),
        "IDF1": 100 * float(identity["IDF1"]),
        "MOTA": 100 * float(clear["MOTA"]),
        "DetA": 100 * float(np.mean(hota["DetA"])),
        "AssA": 100 * float(np.mean(hota["AssA"])),
        "switches": float(clear["IDSW"]),
        "fragments": float(clear["Frag"]),
    }


def _judged(sequence: Sequence, shown: list[Rows], look: Look) -> dict[str, Any]:
    """What counts, matched by overlap; distractors of MOT17 are neither right nor wrong."""
    from trackeval.datasets import MotChallenge2DBox
    from trackeval.utils import TrackEvalException

    with TemporaryDirectory() as name:
        folder = Path(name)
        _write(sequence, shown, look, folder)
        try:
            data_set = MotChallenge2DBox(
                {
                    "GT_FOLDER": name,
                    "TRACKERS_FOLDER": name,
                    "TRACKERS_TO_EVAL": ["tracker"],
                    "BENCHMARK": _benchmark(sequence),
                    "SEQ_INFO": {"sequence": len(shown)},
                    "SKIP_SPLIT_FOL": True,
                    "PRINT_CONFIG": False,
                }
            )
            data: dict[str, Any] = data_set.get_preprocessed_seq_data(
                data_set.get_raw_seq_data("tracker", "sequence"), "pedestrian"
            )
        except TrackEvalException as error:
            raise SequenceError(f"{sequence.name}: {error}") from error
    return data


def _write(sequence: Sequence, shown: list[Rows], look: Look, folder: Path) -> None:
    """Frames are numbered anew, without those that nobody looked at."""
    number = {frame: place for place, frame in enumerate(look.frames(sequence.length), 1)}
    kept = sequence.truth[np.isin(sequence.truth[:, 0], list(number))].copy()
    kept[:, 0] = [number[frame] for frame in kept[:, 0]]
    (folder / "sequence" / "gt").mkdir(parents=True)
    np.savetxt(folder / "sequence" / "gt" / "gt.txt", kept, "%.8g", ",")
    (folder / "tracker" / "data").mkdir(parents=True)
    with (folder / "tracker" / "data" / "sequence.txt").open("w") as out:
        for place, rows in enumerate(shown, 1):
            sizes = rows[:, 3:5] - rows[:, 1:3]
            np.savetxt(out, np.column_stack([np.full(len(rows), place), rows[:, :3], sizes, rows[:, 5]]), "%.8g", ",")


def _benchmark(sequence: Sequence) -> str:
    if not sequence.classed:
        return "MOT15"
    return "MOT20" if sequence.name.startswith("MOT20") else "MOT17"
