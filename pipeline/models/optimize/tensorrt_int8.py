"""An eight-bit engine for a CUDA device, by ultralytics' exporter and TensorRT."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import cv2
from ruamel.yaml import YAML

from pipeline.core.errors import MissingExtraError, ModelError
from pipeline.core.frame import Image
from pipeline.models.cache import workspace
from pipeline.models.export import Recipe, export
from pipeline.models.ultra import ultralytics


def build(weights: Path, recipe: Recipe, pictures: Sequence[Image], names: Mapping[int, str], folder: Path) -> Path:
    """Writes the engine into `folder` and returns its path; minutes. Raises ModelError, MissingExtraError.

    The exporter wants its pictures as a data set, so they are written down for it; not compressed, for that would
    change them.
    """
    _check(recipe.device)
    with workspace(folder.parent) as room:
        copy = room / weights.name
        shutil.copyfile(weights, copy)
        data = data_set(room / "data", pictures, names)
        options = {"int8": True, "data": str(data), "dynamic": True, "batch": recipe.most}
        try:
            made = Path(export(copy, replace(recipe, int8=True), **options))
        except Exception as error:  # ultralytics and TensorRT raise what they like
            raise ModelError(f"{weights.name} cannot be made an int8 engine: {error}") from error
        folder.mkdir(parents=True)
        return made.rename(folder / made.name)


def _check(device: str) -> None:
    for package in ("tensorrt", "onnx"):
        if find_spec(package) is None:
            raise MissingExtraError(package, "tensorrt")
    ultralytics()
    import torch

    if not torch.cuda.is_available():
        raise ModelError(f"int8 for TensorRT is made on the GPU that it runs on: no CUDA device for {device}")


def data_set(folder: Path, pictures: Sequence[Image], names: Mapping[int, str]) -> Path:
    images = folder / "images"
    images.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(images / f"{number:05}.bmp"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    path = folder / "data.yaml"
    described = {"path": str(folder), "train": "images", "val": "images", "names": dict(names)}
    YAML(typ="safe").dump(described, path)
    return path
