"""From a configuration to the models that its cameras use."""

from pathlib import Path

import pytest

from pipeline.app.optimize import optimize
from pipeline.config import loads
from pipeline.core.errors import ModelError
from pipeline.models.optimize.optimizer import Optimizer, Outcome
from pipeline.models.optimize.pictures import Pictures
from tests.system.clips import moving_mark

pytest.importorskip("nncf")

CAMERAS = """
  yard: {inputs: [{path: demo}]}
  attic: {inputs: [{path: /nowhere/film.mp4}], enabled: false}
"""


def outcomes(text: str, said: list[str], **asked: object) -> list[Outcome]:
    given = {
        "model": None,
        "frames": 20,
        "seconds": 36,
        "video": None,
        "threshold": 0.3,
        "keep": False,
        "run_s": 0.1,
        **asked,
    }
    return list(optimize(loads(text), say=said.append, **given))  # type: ignore[arg-type]


def general(weights: Path) -> str:
    return f"models: {{general: {{type: yolo, weights: {weights}, imgsz: 320, backend: openvino}}}}\n"


def test_the_demo_camera_without_keeping_anything(yolov8n: Path, cache: Path) -> None:
    said: list[str] = []
    (outcome,) = outcomes(f"{general(yolov8n)}cameras: {CAMERAS}", said)
    assert (outcome.installed, outcome.refused) == (None, "")
    assert outcome.report.size == "320x192"
    assert outcome.report.agreement.objects >= 10
    assert outcome.report.settings["from"] == "yard"
    assert said[:2] == [f"model general: {yolov8n}", "taking frames of yard, up to 36 s of each …"]
    assert not list((cache / "exports").glob("*int8*"))


@pytest.mark.parametrize(
    ("old", "new", "model", "message"),
    [
        pytest.param("", "", "night", "no model is called 'night'; models in the configuration: general", id="a name"),
        pytest.param("backend: openvino", "backend: torch", None, "run on backend torch here", id="a backend"),
    ],
)
def test_what_cannot_be_made_is_said(old: str, new: str, model: str | None, message: str, yolov8n: Path) -> None:
    with pytest.raises(ModelError, match=message):
        outcomes(f"{general(yolov8n).replace(old, new)}cameras: {CAMERAS}", [], model=model)


def test_cameras_that_look_closely_have_their_tiles_calibrated_too(
    yolov8n: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[tuple[int, int], set[str]]] = []

    def optimize(self: Optimizer, pictures: Pictures, *_: object, **__: object) -> None:
        asked.append((pictures.input_hw, {frame.camera for frame in pictures.calibration}))

    monkeypatch.setattr(Optimizer, "optimize", optimize)
    film = moving_mark(tmp_path / "film.mp4", seconds=3, size=(640, 360))
    text = f"""{general(yolov8n)}
cameras:
  yard: {{inputs: [{{path: {film}}}], detect: {{roi: {{enabled: true, size: 192}}}}}}
  hall: {{inputs: [{{path: {film}}}], detect: {{roi: {{enabled: false, size: 256}}}}}}
"""
    outcomes(text, [])
    assert asked == [((192, 320), {"yard", "hall"}), ((320, 320), {"yard"})]
    asked.clear()
    outcomes(text, [], video=film)
    assert asked == [((192, 320), {"film"}), ((320, 320), {"film"})]


def test_a_model_that_no_camera_uses(yolov8n: Path) -> None:
    text = general(yolov8n).replace("general:", "general: {type: yolo}, night:")
    with pytest.raises(ModelError, match="no camera detects with model 'night': there is nothing to calibrate it with"):
        outcomes(f"{text}cameras: {CAMERAS}", [], model="night")
