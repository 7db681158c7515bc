"""Where eight-bit models lie that `framewatch models optimize` made, and which one fits."""

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pipeline.models.cache import exports_dir, sha256_of
from pipeline.models.export import Format, Recipe, is_whole, seal

log = logging.getLogger(__name__)

Precision = Literal["auto", "full", "int8"]


def installed(weights: Path, recipe: Recipe) -> Path | None:
    """The folder of the one for this size, or None; says so where there is one that other versions made."""
    prefix = _int8(recipe).name(weights)
    found = [folder for folder in exports_dir().glob(f"{prefix}-*") if is_whole(folder)]
    if found:
        return max(found, key=lambda folder: folder.stat().st_mtime)
    width, height = recipe.input_hw[::-1]
    if any(_of_any_version(weights, recipe)):
        log.warning(
            "%s: the int8 model for %dx%d is broken or made by other versions, full precision runs; "
            "framewatch models optimize makes it anew",
            weights.name,
            width,
            height,
        )
    elif recipe.features and any(_of_any_version(weights, replace(recipe, features=False))):
        log.warning(
            "%s: the int8 model for %dx%d does not tell how things look (features), full precision runs; "
            "framewatch models optimize makes one that does",
            weights.name,
            width,
            height,
        )
    return None


def has_any(weights: Path, format: Format) -> bool:
    """Whether there is one for any size, by any version."""
    return any(exports_dir().glob(f"{weights.stem}-{sha256_of(weights)[:12]}-*-int8-*-{format}*"))


def install(made: Path, weights: Path, recipe: Recipe, settings: Mapping[str, str]) -> Path:
    """Moves the folder `made`, which lies on the cache's file system, to where `installed` finds it.

    The name ends in a checksum of what it was calibrated with. Others of the same weights and size go.
    """
    checksum = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]
    folder = exports_dir() / f"{_int8(recipe).name(weights)}-{checksum}"
    seal(made)
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)
    for other in _of_any_version(weights, recipe):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _int8(recipe: Recipe) -> Recipe:
    return replace(recipe, int8=True, half=False)


def _of_any_version(weights: Path, recipe: Recipe) -> list[Path]:
    before = _int8(recipe).name(weights).partition("-ultralytics")[0]
    return list(exports_dir().glob(f"{before}-ultralytics*-{recipe.format}*"))
