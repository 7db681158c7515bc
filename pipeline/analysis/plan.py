"""What the analysis plane is told to do: the part of the configuration that it needs, without secrets."""

from typing import Annotated, Any

from pydantic import Field

from pipeline.core.camera import Camera
from pipeline.core.decoding import Decoding, HwAccel
from pipeline.core.options import Options


class StagePlan(Options):
    """One stage of a camera; `options` are those of the plugin `type`."""

    name: str
    type: str
    options: dict[str, Any] = Field(default_factory=dict)


class ModelPlan(Options):
    type: str
    options: dict[str, Any] = Field(default_factory=dict)


class ViewPlan(Options):
    """How the shared encode of a camera looks."""

    height: Annotated[int, Field(ge=90)] | None = None
    """None keeps the camera's."""
    fps: Annotated[float, Field(gt=0)] = 25.0
    bitrate: Annotated[int, Field(ge=100)] = 2000
    """Kilobits a second."""
    hwaccel: HwAccel = "none"
    """What may encode beside the processor."""


class CameraPlan(Options):
    """`realtime` False: nothing may be lost, the stream waits for the stages.

    `every_frame` analyses all of them instead of `camera.fps`, which stays what frame counts refer to.
    `snapshots` False: nobody keeps the best pictures of objects, so none are made.
    """

    camera: Camera
    stages: tuple[StagePlan, ...]
    decoding: Decoding = Decoding()
    view: ViewPlan = ViewPlan()
    realtime: bool = True
    every_frame: bool = False
    snapshots: bool = True


class AnalysisPlan(Options):
    models: dict[str, ModelPlan]
    cameras: dict[str, CameraPlan]
