"""A configuration that was checked: everything merged, every name known to exist, nothing left to ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.delivery_options import DeliveryOptions
from pipeline.alerts.profile import Profile
from pipeline.config.sections import Live, Logging, Role, Server, Store
from pipeline.core.camera import Camera
from pipeline.core.decoding import Decoding
from pipeline.core.record import Record
from pipeline.core.retain import Events
from pipeline.core.video_options import PushedView


@dataclass(frozen=True, slots=True)
class InputConfig:
    """One URL of a camera; `url` is without credentials, `options` (the source class's own) may hold them."""

    url: str
    type: str
    roles: tuple[Role, ...]
    options: BaseModel = field(repr=False)


@dataclass(frozen=True, slots=True)
class StageConfig:
    """One step of a camera's pipeline.

    `options` were validated but are handed on as they were written: plain data that crosses to the
    analysis process and is read there once more by the class that `type` names.
    """

    name: str
    type: str
    options: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SinkConfig:
    """Where alerts or video go; `options` is an instance of the sink class's own."""

    type: str
    options: BaseModel = field(repr=False)


@dataclass(frozen=True, slots=True)
class PushConfig:
    """A sink that takes a camera's video."""

    name: str
    type: str
    view: PushedView
    options: BaseModel = field(repr=False)


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """A camera with what it inherits from the global sections merged in."""

    name: str
    enabled: bool
    inputs: tuple[InputConfig, ...]
    camera: Camera
    stages: tuple[StageConfig, ...]
    live: Live
    decoding: Decoding
    record: Record
    events: Events
    pushes: tuple[PushConfig, ...] = ()

    def input(self, role: Role) -> InputConfig | None:
        """The input that has this role."""
        return next((each for each in self.inputs if role in each.roles), None)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Weights and how to run them; `options` as in StageConfig."""

    type: str
    options: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """All of it. `base` is the folder that plugins in files are relative to."""

    base: Path
    server: Server
    store: Store
    logging: Logging
    events: Events
    """Those of cameras that are none any more."""
    models: Mapping[str, ModelConfig]
    cameras: Mapping[str, CameraConfig]
    alerts: tuple[AlertRule, ...]
    """With the groups in `when.cameras` replaced by their cameras."""
    sinks: Mapping[str, SinkConfig]
    """Those that take alerts."""
    profiles: Mapping[str, Profile]
    delivery: DeliveryOptions
