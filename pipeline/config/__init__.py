"""From YAML to a configuration that was checked: merging, secrets, and every problem said at once."""

from pipeline.config.config import CameraConfig, Config, InputConfig, ModelConfig, PushConfig, SinkConfig, StageConfig
from pipeline.config.loading import demo, load, loads, shipped, single_camera
from pipeline.config.schema import schema
from pipeline.config.sections import Auth, Live, Logging, Role, Server, Store

__all__ = [
    "Auth",
    "CameraConfig",
    "Config",
    "InputConfig",
    "Live",
    "Logging",
    "ModelConfig",
    "PushConfig",
    "Role",
    "Server",
    "SinkConfig",
    "StageConfig",
    "Store",
    "demo",
    "load",
    "loads",
    "schema",
    "shipped",
    "single_camera",
]
