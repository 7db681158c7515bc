"""The whole pipeline is measured: with a detector without weights, and with a real network."""

from pathlib import Path

import pytest

from pipeline.app.bench import Bench, bench
from pipeline.config import loads
from pipeline.core.errors import ModelError, UnavailableError
from tests.system.clips import moving_mark

DETECTOR = Path(__file__).parents[1] / "system" / "mark_detector.py"
STAGES = Path(__file__).parents[2] / "docs" / "template" / "my_plugins.py"
GENERAL = f'{{type: "{DETECTOR}:MarkDetector"}}'
CONFIG = f"""
models: {{general: {GENERAL}}}
pipeline: [detect, track, rules, crowd_count]
stages: {{crowd_count: {{type: "{STAGES}:CountPeople"}}}}
cameras:
  yard: {{inputs: [{{path: CLIP}}]}}
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_mark(tmp_path_factory.mktemp("clip") / "mark.mp4", seconds=4, size=(320, 180))


def measured(text: str, said: list[str], **limits: float) -> Bench:
    config = loads(text)
    return bench(config, config.cameras, seconds=limits.get("seconds", 4), say=said.append)


def test_every_step_of_the_pipeline_by_its_name(clip: Path) -> None:
    said: list[str] = []
    gone = "  gone: {inputs: [{path: /nowhere/film.mp4}]}\n"
    told = measured(CONFIG.replace("CLIP", str(clip)) + gone, said)
    (camera,) = told.cameras
    steps = {each.step: each for each in camera.steps}
    assert list(steps) == [
        "decode",
        *("convert", "detect", "track", "rules", "crowd_count"),
        *("snapshot", "draw", "encode"),
    ]
    assert camera.decoded == steps["decode"].times == 100
    assert camera.analysed in range(19, 22)  # 5 a second, as configured
    for stage in ("detect", "track", "rules", "crowd_count"):
        assert steps[stage].times == camera.analysed
    assert all(each.wall_ms > 0 for each in camera.steps)
    assert (steps["encode"].cpu_ms_per_frame, steps["draw"].cpu_ms_per_frame) == (None, None)
    in_steps_s = sum(each.cpu_ms * each.times for each in camera.steps if each.cpu_ms_per_frame is not None) / 1000
    assert in_steps_s + told.other_cpu_s == pytest.approx(told.cpu_s, rel=0.05)
    assert camera.core_share * camera.seconds == pytest.approx(in_steps_s)
    assert told.times_real_time == pytest.approx(4 / told.took_s, rel=0.02)
    assert told.decoded_per_s == pytest.approx(100 / told.took_s)
    assert list(told.left_out) == ["gone"]
    assert f"left out: {told.left_out['gone']}" in said


def test_a_network_is_told_apart_from_its_stage(clip: Path, yolov8n: Path) -> None:
    model = f"models: {{general: {{type: yolo, weights: {yolov8n}, imgsz: 64, device: cpu, backend: torch}}}}"
    told = measured(f"{model}\ncameras: {{yard: {{inputs: [{{path: {clip}}}]}}}}", [])
    (camera,) = told.cameras
    steps = {each.step: each for each in camera.steps}
    for step in ("convert", "infer", "suppress", "detect"):
        assert steps[step].times == camera.analysed
    assert steps["infer"].cpu_ms > steps["detect"].cpu_ms
    assert told.models == {"general": "yolov8n torch CPU 64x64"}


def test_no_camera_at_all() -> None:
    with pytest.raises(UnavailableError, match=r"no camera gave a picture: .*film.mp4: not found"):
        measured(CONFIG.replace("CLIP", "/nowhere/film.mp4"), [])


def test_a_model_that_is_not_there(clip: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.pt"):
        measured(CONFIG.replace("CLIP", str(clip)).replace(GENERAL, "{type: yolo, weights: /nowhere/none.pt}"), [])
