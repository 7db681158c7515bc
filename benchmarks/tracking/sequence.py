"""A sequence in the MOT format: what a detector found, and the truth.

A sequence is a folder with `det.txt` and `gt.txt`, or `det/det.txt` and `gt/gt.txt`; `seqinfo.ini` may say its
frame rate, length and size (https://motchallenge.net). Frames are counted from 1.
"""

from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import FramewatchError

Rows = NDArray[np.float64]

DEFAULT_FPS = 30.0
LEAST_SCORE = 0.1
"""What foreign scores are mapped to at least: the weakest that a tracker looks at."""
_DEEPEST = 2
"""How far under the folder given sequences are sought: MOT17/train/MOT17-02-SDP."""
_COLUMNS = {"det.txt": 7, "gt.txt": 6}


class SequenceError(FramewatchError, ValueError):
    """A folder that is no sequence, or a file of one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """`found` are rows of (frame, x1, y1, x2, y2, score), score in 0..1; `truth` of (frame, id, x, y, width,
    height, counts, class, visibility) as in MOT17. Without classes (`classed`), all counts.
    """

    name: str
    fps: float
    resolution_wh: tuple[int, int]
    length: int
    found: Rows
    truth: Rows
    classed: bool
    rescaled: bool = False
    """The file's scores were not in 0..1."""


def sequences(folder: Path, *, fps: float | None = None) -> list[Sequence]:
    """Those in the folder, or the folder itself. `fps` goes before what `seqinfo.ini` says; raises SequenceError."""
    if not folder.is_dir():
        raise SequenceError(f"{folder}: not a folder")
    for depth in range(_DEEPEST + 1):
        under = folder.glob("/".join(["*"] * depth)) if depth else [folder]
        places = sorted(place for place in under if _is_sequence(place))
        if places:
            return [read(place, fps=fps) for place in places]
    raise SequenceError(f"{folder}: no sequence in it (a folder with det.txt and gt.txt, or det/det.txt and gt/gt.txt)")


def read(folder: Path, *, fps: float | None = None) -> Sequence:
    """One sequence; raises SequenceError."""
    said = _seqinfo(folder)
    found, truth = _table(folder, "det.txt"), _table(folder, "gt.txt")
    corners = np.concatenate([rows[:, 2:4] + rows[:, 4:6] for rows in (found, truth)])
    last = max(int(rows[:, 0].max(initial=0)) for rows in (found, truth))
    width, height = np.ceil(corners.max(axis=0, initial=2)).astype(int).tolist()
    score, rescaled = _scores(found[:, 6])
    return Sequence(
        name=folder.resolve().name,
        fps=fps or said.get("framerate") or DEFAULT_FPS,
        resolution_wh=(int(said.get("imwidth", width)), int(said.get("imheight", height))),
        length=max(last, int(said.get("seqlength", 0))),
        found=np.column_stack([found[:, 0], found[:, 2:4], found[:, 2:4] + found[:, 4:6], score]),
        truth=_as_mot17(truth),
        classed=truth.shape[1] == 9,
        rescaled=rescaled,
    )


def write(sequence: Sequence, folder: Path) -> None:
    """As a folder of that name in `folder`."""
    place = folder / sequence.name
    for name in ("det", "gt"):
        (place / name).mkdir(parents=True, exist_ok=True)
    width, height = sequence.resolution_wh
    found = sequence.found
    boxes = np.column_stack([found[:, 1:3], found[:, 3:5] - found[:, 1:3], found[:, 5]])
    np.savetxt(place / "det" / "det.txt", np.column_stack([found[:, 0], np.full(len(found), -1), boxes]), "%.6g", ",")
    np.savetxt(place / "gt" / "gt.txt", sequence.truth, "%.6g", ",")
    (place / "seqinfo.ini").write_text(
        f"[Sequence]\nname={sequence.name}\nframeRate={sequence.fps:g}\nseqLength={sequence.length}\n"
        f"imWidth={width}\nimHeight={height}\n"
    )


def _is_sequence(folder: Path) -> bool:
    return folder.is_dir() and all(_file(folder, name).is_file() for name in _COLUMNS)


def _file(folder: Path, name: str) -> Path:
    nested = folder / name.removesuffix(".txt") / name
    return nested if nested.is_file() else folder / name


def _table(folder: Path, name: str) -> Rows:
    path, columns = _file(folder, name), _COLUMNS[name]
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    try:
        rows = np.array([[float(value) for value in line.replace(",", " ").split()] for line in lines], np.float64)
    except ValueError:
        raise SequenceError(f"{path}: wanted rows of numbers, equally many in each") from None
    if not lines:
        raise SequenceError(f"{path}: empty")
    if rows.shape[1] < columns or rows[:, 0].min() < 1:
        raise SequenceError(f"{path}: wanted {columns} columns or more, and frames counted from 1")
    return rows


def _seqinfo(folder: Path) -> dict[str, float]:
    path = folder / "seqinfo.ini"
    if not path.is_file():
        return {}
    ini, wanted = ConfigParser(), ("framerate", "seqlength", "imwidth", "imheight")
    try:
        ini.read(path)
        return {key: float(ini["Sequence"][key]) for key in wanted if key in ini["Sequence"]}
    except (IniError, KeyError, ValueError) as error:
        raise SequenceError(f"{path}: {error}") from error


def _scores(scores: Rows) -> tuple[Rows, bool]:
    """Margins and sums of other detectors, as scores; the order stays, what is out of all measure is cut off."""
    if scores.min() >= 0 and scores.max() <= 1:
        return scores, False
    low, high = np.quantile(scores, (0.02, 0.98))
    if low == high:
        return np.ones_like(scores), True
    return LEAST_SCORE + (1 - LEAST_SCORE) * np.clip((scores - low) / (high - low), 0, 1), True


def _as_mot17(truth: Rows) -> Rows:
    """Nine columns; ten are those of MOT15, which has places in the world where MOT17 has class and visibility."""
    if truth.shape[1] == 9:
        return truth
    ones = np.ones(len(truth))
    counts = truth[:, 6] if truth.shape[1] > 6 else ones
    return np.column_stack([truth[:, :6], counts, ones, ones])
