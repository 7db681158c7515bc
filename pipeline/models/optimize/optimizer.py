"""From a model in full precision to one in eight bits that is installed only where it is as good."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError
from pipeline.models import int8, weights
from pipeline.models.backends.choice import backend_of
from pipeline.models.cache import exports_dir, workspace
from pipeline.models.export import Recipe, exported
from pipeline.models.letterbox import Letterbox
from pipeline.models.metadata import Metadata, form_of
from pipeline.models.optimize import openvino_int8, tensorrt_int8
from pipeline.models.optimize.agreement import agreement
from pipeline.models.optimize.comparison import seen, speed
from pipeline.models.optimize.pictures import LEAST, Pictures
from pipeline.models.optimize.report import Report
from pipeline.models.yolo import Yolo, placed

LEAST_OBJECTS = 10
"""Agreement on fewer says nothing."""
_FLOOR = 0.05
"""Average precision looks at detections from this score on."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`installed` is None where nothing was kept; `refused` then says why, empty where that was asked for."""

    report: Report
    installed: Path | None = None
    refused: str = ""


class Optimizer:
    """For one model of a configuration; `min_scores` are the labels that matter and when they are believed.

    `run_s` is how long each of the ten short runs takes that tell the speed. Building it finds the weights; raises
    ModelError for what cannot be made eight bits.
    """

    def __init__(self, options: Yolo.Options, min_scores: Mapping[str, float], *, run_s: float = 1.0) -> None:
        self._options = options
        self._run_s = run_s
        self._path = weights.resolve(options.weights)
        if form_of(self._path) != "torch":
            raise ModelError(f"{options.weights!r} was exported already: int8 is made from weights (.pt)")
        self._backend, self._device = backend_of(options, self._path)
        if self._backend not in ("openvino", "tensorrt"):
            raise ModelError(
                f"weights {options.weights!r} run on backend {self._backend} here: int8 is made for openvino, tensorrt"
            )
        self._metadata = Metadata.of(self._path)
        self._min_scores = {label: min_scores[label] for label in self._metadata.names.values() if label in min_scores}

    def letterbox(self, frame_wh: tuple[int, int]) -> Letterbox:
        """As the model itself takes a frame."""
        return placed(frame_wh, self._metadata, self._options.imgsz)

    def optimize(
        self, pictures: Pictures, settings: Mapping[str, str], *, threshold: float, keep: bool, say: Say
    ) -> Outcome:
        """Installs only what agrees well enough, and only with `keep`. Leaves nothing behind otherwise."""
        self._check(pictures)
        height, width = pictures.input_hw
        settings = {**settings, "frames": str(len(pictures.calibration)), **self._made_by()}
        recipe = self._recipe(pictures)
        with workspace(exports_dir()) as room:
            say(f"making an int8 model for {width}x{height} of {len(pictures.calibration)} frames …")
            made = self._quantized(pictures, recipe, room / self._path.stem)
            say(f"comparing on {len(pictures.held_out)} frames that it has not seen …")
            report = self._compared(pictures, made, settings)
            refused = self.refusal(report, threshold)
            if refused or not keep:
                return Outcome(report, refused=refused)
            folder = made if made.is_dir() else made.parent
            report.write(folder)
            return Outcome(report, int8.install(folder, self._path, recipe, settings))

    def _check(self, pictures: Pictures) -> None:
        if len(pictures.calibration) < LEAST or not pictures.held_out:
            height, width = pictures.input_hw
            raise ModelError(
                f"{len(pictures.calibration)} frames for {width}x{height} are too few to calibrate with: "
                f"wanted {LEAST} or more, and some to compare on"
            )

    def _recipe(self, pictures: Pictures) -> Recipe:
        if self._backend == "openvino":
            return Recipe("openvino", pictures.input_hw, features=self._options.features)
        most, features = self._options.max_batch, self._options.features
        return Recipe("tensorrt", pictures.input_hw, most=most, device=self._device, features=features)

    def _made_by(self) -> dict[str, str]:
        if self._backend == "openvino":
            return {"nncf": version("nncf"), "preset": openvino_int8.PRESET}
        return {"tensorrt": version("tensorrt")}

    def _quantized(self, pictures: Pictures, recipe: Recipe, folder: Path) -> Path:
        inputs = pictures.inputs(self.letterbox)
        if recipe.format == "tensorrt":
            return tensorrt_int8.build(self._path, recipe, inputs, self._metadata.names, folder)
        openvino_int8.quantize(exported(self._path, recipe), inputs, folder)
        return folder

    def _compared(self, pictures: Pictures, made: Path, settings: Mapping[str, str]) -> Report:
        height, width = pictures.input_hw
        with self._running(precision="full") as full, self._running(weights=str(made)) as small:
            agreed = agreement(self._seen(full, pictures), self._seen(small, pictures), self._min_scores)
            return Report(
                weights=self._path.name,
                size=f"{width}x{height}",
                agreement=agreed,
                speed=speed(full, small, pictures.held_out, run_s=self._run_s),
                settings=settings,
            )

    @contextmanager
    def _running(self, **changed: str) -> Iterator[Yolo]:
        model = Yolo(self._options.model_copy(update={**changed, "features": False}))  # nobody compares these
        try:
            model.load()
            yield model
        finally:
            model.close()

    def _seen(self, model: Yolo, pictures: Pictures) -> list[Detections]:
        return seen(model, pictures.held_out, min_score=min(_FLOOR, *self._min_scores.values()))

    def refusal(self, report: Report, threshold: float) -> str:
        """Why it must not be installed; empty where it may."""
        told = report.agreement
        if told.objects < LEAST_OBJECTS:
            return (
                f"full precision sees {told.objects} objects ({', '.join(self._min_scores)}) in the frames to compare "
                f"on: {LEAST_OBJECTS} are wanted; try a busier time, more --frames, or --from a video"
            )
        if told.least < threshold:
            return f"the least of recall, precision and mAP50 is {told.least:.1%}: wanted {threshold:.1%} or more"
        return ""
