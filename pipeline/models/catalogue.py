"""What weights there are, for `framewatch models`; imports no torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.models import weights
from pipeline.models.cache import exports_dir, weights_dir
from pipeline.models.optimize.report import Report
from pipeline.models.ways import WHEELS, PackageIndex, Release

RELEASED = tuple(f"{family}{size}.pt" for family in ("yolov8", "yolo11", "yolo12", "yolo26") for size in "nsmlx")
"""Ultralytics' detectors by name; larger ones see more and take longer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalogue.

    `weights`, `export` (made for one size of input) and `int8` (an export by `models optimize`) lie in the cache,
    `fetchable` can be had by name. `source` says from where; empty for what is in the cache.
    """

    name: str
    kind: Literal["weights", "export", "int8", "fetchable"]
    path: Path | None = None
    size_bytes: int | None = None
    source: str = ""
    about: str = ""


def listing() -> list[Entry]:
    """The cache first, then what can be fetched and is not there yet."""
    cached = list(_cached())
    here = {entry.name for entry in cached}
    return cached + [entry for entry in _fetchable() if entry.name not in here]


def fetch(name: str) -> Path:
    """Brings weights into the cache, with a progress bar; raises ModelError, which says what was tried."""
    return weights.resolve(name)


def _cached() -> Iterator[Entry]:
    for path in _visible(weights_dir()):
        yield Entry(path.name, "weights", path, path.stat().st_size)
    for path in _visible(exports_dir()):
        size = sum(file.stat().st_size for file in path.iterdir() if file.is_file()) if path.is_dir() else 0
        report = Report.of(path)
        if report is None:
            yield Entry(path.name, "export", path, size)
        else:
            yield Entry(path.name, "int8", path, size, about=report.summary)


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def _fetchable() -> Iterator[Entry]:
    for name in dict.fromkeys((weights.DEFAULT, *RELEASED)):
        sources = [Release.name] + ([PackageIndex.name] if name in WHEELS else [])
        yield Entry(name, "fetchable", source=" or ".join(sources))
