"""Eight-bit models for the cameras of a configuration."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.app.asked import options_of
from pipeline.app.calibration import pictures
from pipeline.app.plan import model_plans
from pipeline.config import CameraConfig, Config, single_camera
from pipeline.core.errors import ModelError
from pipeline.models.cache import sha256_of
from pipeline.models.optimize.optimizer import Optimizer, Outcome
from pipeline.models.yolo import Yolo
from pipeline.stages.detect import Detect

LONGEST_FILE_S = 600.0

Say = Callable[[str], None]


@dataclass(slots=True)
class Wanted:
    """A model and who uses it; `min_scores` by label, of the cameras' the lowest; `tiles` as `pictures` takes them."""

    name: str
    options: Yolo.Options
    cameras: dict[str, CameraConfig] = field(default_factory=dict)
    min_scores: dict[str, float] = field(default_factory=dict)
    tiles: dict[str, set[int]] = field(default_factory=dict)

    def add(self, camera: CameraConfig, detect: Detect.Options) -> None:
        self.cameras[camera.name] = camera
        if detect.roi.enabled:
            self.tiles.setdefault(camera.name, set()).add(detect.roi.size)
        objects = camera.camera.objects
        for label in objects.track:
            score = objects.filter(label).min_score
            self.min_scores[label] = min(score, self.min_scores.get(label, score))


def optimize(
    config: Config,
    *,
    model: str | None,
    frames: int,
    seconds: float,
    video: Path | None,
    threshold: float,
    keep: bool,
    say: Say,
    run_s: float = 1.0,
) -> Iterator[Outcome]:
    """One outcome for each model and size of input, as each is done.

    Frames come from the cameras that use the model, or all from `video`. Raises ModelError, UnavailableError,
    MissingExtraError.
    """
    for wanted in _wanted(config, model):
        say(f"model {wanted.name}: {wanted.options.weights}")
        optimizer = Optimizer(wanted.options, wanted.min_scores, run_s=run_s)
        cameras: Mapping[str, CameraConfig] = wanted.cameras
        tiles: Mapping[str, Collection[int]] = wanted.tiles
        if video is not None:
            cameras, seconds = single_camera(str(video.absolute()), name=video.stem).cameras, LONGEST_FILE_S
            tiles = dict.fromkeys(cameras, set().union(*wanted.tiles.values()))
        settings = {"from": _from(cameras, video), "seconds": f"{seconds:g}"}
        for each in pictures(cameras, optimizer.letterbox, frames=frames, seconds=seconds, say=say, tiles=tiles):
            yield optimizer.optimize(each, settings, threshold=threshold, keep=keep, say=say)


def _from(cameras: Mapping[str, CameraConfig], video: Path | None) -> str:
    if video is not None:
        return f"{video.name} sha256 {sha256_of(video)[:12]}"
    return ", ".join(cameras)


def _wanted(config: Config, name: str | None) -> list[Wanted]:
    """The detectors that cameras use, or the one that is asked for; raises ModelError where there is none."""
    if name is not None and name not in config.models:
        raise ModelError(f"no model is called {name!r}; models in the configuration: {', '.join(config.models)}")
    found, plans = dict[str, Wanted](), model_plans(config)
    for camera in config.cameras.values():
        for detect in options_of(camera, "detect") if camera.enabled else ():
            used, chosen = detect.model, plans[detect.model]
            if chosen.type == "yolo" and name in (None, used):
                options = Yolo.Options.model_validate(chosen.options)
                found.setdefault(used, Wanted(used, options)).add(camera, detect)
    if not found:
        which = f"model {name!r}" if name else "a model of type yolo"
        raise ModelError(f"no camera detects with {which}: there is nothing to calibrate it with")
    return list(found.values())
