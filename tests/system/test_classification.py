"""What a classifier finds out, all the way: camera → detector → classifier → event → alert → API."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import shipped
from tests.models.conftest import shared, yolov8n
from tests.models.networks import magenta_or_grey, yolo_red_or_blue
from tests.system.framewatch import ROOT, Framewatch, wait_for
from tests.system.rtsp import RtspServer

__all__ = ["shared", "yolov8n"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

CONFIG = """
models:
  general: {{type: ./mark_detector.py:MarkDetector}}
  colour:
    type: onnx-cls
    weights: colours.onnx
    labels: [magenta, grey]
    mean: [0, 0, 0]
    std: [1, 1, 1]
    backend: {backend}
pipeline: [detect, track, colour_of_mark, rules]
stages:
  colour_of_mark: {{type: classify, model: colour, objects: [person]}}
detect: {{fps: 12}}
cameras:
  yard:
    inputs: [{{path: "{url}"}}]
    zones:
      middle: {{coordinates: "0.3,0,0.7,0,0.7,1,0.3,1", inertia: 2, attributes: {{colour_of_mark: [magenta, red]}}}}
      grey: {{coordinates: "0.3,0,0.7,0,0.7,1,0.3,1", inertia: 2, attributes: {{colour_of_mark: grey}}}}
alerts:
  - {{name: magenta, when: {{event: zone_enter, attributes: {{colour_of_mark: [magenta, red]}}}}, send: log}}
  - {{name: seen, when: {{event: object, attributes: {{colour_of_mark: magenta}}}}, send: log}}
  - {{name: grey, when: {{attributes: {{colour_of_mark: grey}}}}, send: log}}
sinks: {{log: {{type: jsonl, path: alerts.jsonl}}}}
"""


@pytest.mark.parametrize("backend", ["openvino", "onnx"])
def test_from_a_real_camera_to_an_alert(
    backend: str, rtsp_server: Callable[..., RtspServer], mark_clip: Path, tmp_path: Path
) -> None:
    camera = rtsp_server({"yard": mark_clip})
    shutil.copy(Path(__file__).with_name("mark_detector.py"), tmp_path)
    magenta_or_grey(tmp_path / "colours.onnx")
    (tmp_path / "cameras.yaml").write_text(CONFIG.format(backend=backend, url=camera.url("yard")))
    with Framewatch("run", "cameras.yaml", folder=tmp_path) as system:
        system.until_analysing("yard")

        def told() -> set[tuple[str, str]]:
            return {(alert["rule"], alert["event"]["type"]) for alert in _alerts(tmp_path / "alerts.jsonl")}

        wait_for(lambda: told() >= {("magenta", "zone_enter"), ("seen", "object")}, 60, lambda: str(told()))
        assert "grey" not in {rule for rule, _ in told()}
        found = system.api.get("/api/v1/events?attribute=colour_of_mark:magenta").json()["events"]
        assert {event["type"] for event in found} >= {"object", "zone_enter"}
        assert all(event["attributes"]["colour_of_mark_score"] > 0.9 for event in found)
        assert {event["zone"] for event in found} <= {None, "middle"}
        assert system.api.get("/api/v1/events?attribute=colour_of_mark:grey").json()["events"] == []
        wait_for(lambda: "colour_of_mark" in system.camera("yard")["dropped"], 10)  # told once a second
        assert system.camera("yard")["dropped"]["colour_of_mark"] == 0
        listed = _events(tmp_path, "--attribute", "colour_of_mark:magenta")
        assert listed and all(event["attributes"]["colour_of_mark"] == "magenta" for event in listed)


def _alerts(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _events(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "pipeline.cli", "events", "cameras.yaml", "--format", "jsonl", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


RUN = """
import framewatch
known = []
for result in framewatch.stream(config="car-colour.yaml"):
    known += [thing.attributes for thing in result.objects if "colour" in thing.attributes]
    if len(known) > 3:
        break
print(known[-1]["colour"])
"""


def test_the_worked_example_runs(yolov8n: Path, tmp_path: Path) -> None:
    """On the demo's street, where a bus stands that is blue more than red."""
    shutil.copy(shipped("car-colour.yaml"), tmp_path)
    shutil.copy(yolov8n, tmp_path / "yolov8n.pt")
    weights = yolo_red_or_blue(tmp_path / "colours.pt")
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CAMERA_URL": "demo", "COLOUR_WEIGHTS": str(weights)},
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in {"red", "blue"}
