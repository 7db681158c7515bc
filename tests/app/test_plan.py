"""What a configuration asks of its models."""

import pytest

from pipeline.app.plan import model_plans
from pipeline.config import loads

MODELS = """
models:
  near: {type: yolo, weights: near.pt}
  far: {type: yolo, weights: far.pt}
  other: {type: onnx, weights: other.onnx}
  cloth: {type: yolo-cls, weights: cloth.pt}
"""
BY_LOOKS = "tracker: botsort, with_reid: true"


@pytest.mark.parametrize(
    ("cameras", "telling"),
    [
        pytest.param("yard: {detect: {model: near}}", set(), id="nobody goes by looks"),
        pytest.param(f"yard: {{detect: {{model: near}}, track: {{{BY_LOOKS}}}}}", {"near"}, id="one camera does"),
        pytest.param(
            f"yard: {{detect: {{model: near}}, track: {{{BY_LOOKS}}}}}\n  lane: {{detect: {{model: far}}}}",
            {"near"},
            id="another looks with another model",
        ),
        pytest.param(
            f"yard: {{detect: {{model: near}}, track: {{{BY_LOOKS}}}, enabled: false}}",
            set(),
            id="a camera that is off",
        ),
        pytest.param(
            f"yard: {{detect: {{model: near}}, track: {{{BY_LOOKS}, reid_model: cloth}}}}", set(), id="by a classifier"
        ),
        pytest.param(f"yard: {{detect: {{model: other}}, track: {{{BY_LOOKS}}}}}", set(), id="one that cannot"),
    ],
)
def test_a_model_tells_looks_where_a_camera_goes_by_them(cameras: str, telling: set[str]) -> None:
    text = cameras.replace(": {detect", ": {inputs: [{path: demo}], detect")
    plans = model_plans(loads(f"{MODELS}cameras:\n  {text}\n"))
    assert {name for name, plan in plans.items() if plan.options.get("features")} == telling


def test_what_the_configuration_says_itself_counts() -> None:
    text = MODELS.replace("near.pt", "near.pt, features: false")
    camera = f"yard: {{inputs: [{{path: demo}}], detect: {{model: near}}, track: {{{BY_LOOKS}}}}}"
    assert model_plans(loads(f"{text}cameras: {{{camera}}}"))["near"].options["features"] is False


def test_a_section_for_all_cameras_counts_for_each() -> None:
    text = f"track: {{{BY_LOOKS}}}\ndetect: {{model: far}}\ncameras: {{yard: {{inputs: [{{path: demo}}]}}}}"
    assert model_plans(loads(f"{MODELS}{text}"))["far"].options["features"] is True
