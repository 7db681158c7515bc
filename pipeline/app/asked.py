"""What the stages of the cameras ask of the models."""

from typing import Any

from pydantic import BaseModel

from pipeline import registry
from pipeline.config import CameraConfig, Config


def options_of(camera: CameraConfig, kind: str) -> list[Any]:
    """What a camera's stages of one type are told, each an `Options` of theirs."""
    stages = [stage for stage in camera.stages if stage.type == kind]
    options: type[BaseModel] | None = registry.load("stages", kind).Options if stages else None
    return [options.model_validate(dict(stage.options)) for stage in stages] if options else []


def asked_for_features(config: Config) -> set[str]:
    """The detectors of the cameras whose tracker goes by how things look, as the detector tells it."""
    looking = [camera for camera in config.cameras.values() if camera.enabled and _goes_by_looks(camera)]
    return {detect.model for camera in looking for detect in options_of(camera, "detect")}


def _goes_by_looks(camera: CameraConfig) -> bool:
    return any(track.with_reid and track.reid_model == "auto" for track in options_of(camera, "track"))
