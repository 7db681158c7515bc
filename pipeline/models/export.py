"""Weights as OpenVINO models, made once for each size and kept in the cache."""

import logging
import os
import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.core.errors import ModelError
from pipeline.models.cache import exports_dir, sha256_of, workspace
from pipeline.models.ultra import ultralytics

log = logging.getLogger(__name__)
_exporting = Lock()


class Metadata(BaseModel):
    """What ultralytics writes beside an exported model, as far as it matters here."""

    task: str
    stride: int
    names: dict[int, str]
    end2end: bool = False

    @classmethod
    def of(cls, folder: Path) -> "Metadata":
        """Raises ModelError where `folder` is none that ultralytics exported."""
        try:
            return cls.model_validate(YAML(typ="safe").load(folder / "metadata.yaml"))
        except (OSError, YAMLError, ValidationError) as error:
            raise ModelError(f"{folder}: no readable metadata.yaml; wanted a folder from ultralytics") from error


def exported(weights: Path, input_hw: tuple[int, int], *, half: bool) -> Path:
    """The folder of `weights` as a static OpenVINO model; seconds where it is not in the cache yet.

    The name says all that the content depends on: weights, size, precision, and who exported.
    """
    height, width = input_hw
    versions = f"ultralytics{version('ultralytics')}-openvino{version('openvino')}"
    checksum = sha256_of(weights)[:12]
    folder = exports_dir() / f"{weights.stem}-{checksum}-{width}x{height}-{'fp16' if half else 'fp32'}-{versions}"
    with _exporting:
        if not is_whole(folder):
            log.info("%s: exporting to OpenVINO at %dx%d, once; this takes some seconds", weights.name, width, height)
            _export(weights, folder, input_hw, half)
    return folder


def is_whole(folder: Path) -> bool:
    return {path.suffix for path in folder.glob("*")} >= {".xml", ".bin", ".yaml"}


def forget(folder: Path) -> None:
    """Removes an exported model that turned out to be broken."""
    shutil.rmtree(folder, ignore_errors=True)


def _export(weights: Path, folder: Path, input_hw: tuple[int, int], half: bool) -> None:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    with workspace(folder.parent) as room:
        copy = room / weights.name  # the exporter writes beside the weights
        shutil.copyfile(weights, copy)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # torch's deprecation of the tracing that the exporter uses
                made = (
                    ultralytics()
                    .YOLO(copy)
                    .export(format="openvino", imgsz=input_hw, half=half, device="cpu", verbose=False)
                )
        except Exception as error:
            raise ModelError(f"{weights.name} cannot be exported to OpenVINO: {error}") from error
        finally:
            _restore_visible_devices(visible)  # exporting on the CPU hides every CUDA device from the process
        forget(folder)
        Path(made).rename(folder)


def _restore_visible_devices(visible: str | None) -> None:
    if visible is None:
        os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    else:
        os.environ["CUDA_VISIBLE_DEVICES"] = visible
