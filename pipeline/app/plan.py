"""The part of the configuration that the analysis plane needs."""

from pipeline.analysis.plan import AnalysisPlan, CameraPlan, ModelPlan, StagePlan, ViewPlan
from pipeline.app.asked import asked_for_features
from pipeline.config import CameraConfig, Config


def analysis_plan(config: Config, *, realtime: bool = True) -> AnalysisPlan:
    """Every enabled camera, and the models that their stages name."""
    return AnalysisPlan(
        models=model_plans(config),
        cameras={
            name: camera_plan(camera, realtime=realtime) for name, camera in config.cameras.items() if camera.enabled
        },
    )


def camera_plan(camera: CameraConfig, *, realtime: bool = True) -> CameraPlan:
    return CameraPlan(
        camera=camera.camera,
        stages=tuple(
            StagePlan(name=stage.name, type=stage.type, options=dict(stage.options)) for stage in camera.stages
        ),
        decoding=camera.decoding,
        view=ViewPlan(
            height=camera.live.height,
            fps=camera.live.fps,
            bitrate=camera.live.bitrate,
            hwaccel=camera.decoding.hwaccel,
        ),
        realtime=realtime,
    )


def model_plans(config: Config) -> dict[str, ModelPlan]:
    """Each with what the cameras' stages ask of it, unless the configuration itself says something else."""
    telling = asked_for_features(config)
    return {
        name: ModelPlan(
            type=model.type,
            options=({"features": True} if name in telling and model.type == "yolo" else {}) | dict(model.options),
        )
        for name, model in config.models.items()
    }
