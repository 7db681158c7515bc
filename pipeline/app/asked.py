"""What the stages of the cameras ask of the models."""

from typing import Any

from pydantic import BaseModel

from pipeline import registry
from pipeline.config import CameraConfig, Config, StageConfig


def detector_of(stage: StageConfig) -> str | None:
    """The name of the model that a stage looks with; None for a stage that does not."""
    return str(_options(stage).model) if stage.type == "detect" else None


def asked_for_features(config: Config) -> set[str]:
    """The detectors of the cameras whose tracker goes by how things look, as the detector tells it."""
    looking = [camera for camera in config.cameras.values() if camera.enabled and any(map(_goes_by, camera.stages))]
    return {name for camera in looking for name in _detectors(camera)}


def _goes_by(stage: StageConfig) -> bool:
    if stage.type != "track":
        return False
    options = _options(stage)
    return bool(options.with_reid and options.reid_model == "auto")


def _detectors(camera: CameraConfig) -> list[str]:
    return [name for name in map(detector_of, camera.stages) if name is not None]


def _options(stage: StageConfig) -> Any:
    options: type[BaseModel] = registry.load("stages", stage.type).Options
    return options.model_validate(dict(stage.options))
