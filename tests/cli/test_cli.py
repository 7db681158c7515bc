"""The command as a process: what it prints, and how it ends."""

import json
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.docs import blocks
from tests.system.clips import moving_mark
from tests.system.framewatch import COMMAND, ROOT, environment

DETECTOR = ROOT / "tests" / "system" / "mark_detector.py"
BENCHMARKS = [line for block in blocks(ROOT / "docs" / "benchmarks.md", "sh") for line in block.text.splitlines()]
CAMERA = "cameras: {yard: {inputs: [{path: demo}]}}\n"


def framewatch(*arguments: str, folder: Path, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=folder, env=environment(), capture_output=True, text=True, timeout=timeout_s
    )


def test_help_answers_at_once(tmp_path: Path) -> None:
    """Half a second is promised on a quiet machine; the fastest of three leaves room for a busy one."""
    took_s = []
    for _ in range(3):
        began = time.monotonic()
        done = framewatch("--help", folder=tmp_path)
        took_s.append(time.monotonic() - began)
    assert done.returncode == 0
    for command in (
        "run",
        "demo",
        "process",
        "validate",
        "probe",
        "discover",
        "bench",
        "events",
        "alerts",
        "models",
        "schema",
        "import",
    ):
        assert command in done.stdout
    assert min(took_s) < 2


@pytest.mark.parametrize(
    ("arguments", "config", "messages"),
    [
        pytest.param(
            ["validate", "c.yaml"],
            "detekt: {}\ncameras:\n  yard:\n    inputs: []\n    zones: {door: {coordinates: [[0, 0], [1, 1]]}}\n",
            ["c.yaml:1: detekt", "c.yaml:4: cameras.yard.inputs", "c.yaml:5: cameras.yard.zones.door.coordinates"],
            id="everything wrong at once, with its line",
        ),
        pytest.param(["run", "none.yaml"], None, ["none.yaml"], id="a file that is not there"),
        pytest.param(["run", "c.yaml"], CAMERA.replace("demo", "'${NOT_SET}'"), ["NOT_SET"], id="an unset variable"),
        pytest.param(["run"], None, ["either a configuration file or --source"], id="nothing to run"),
        pytest.param(["process", "x.mp4"], None, ["--out, --events"], id="nothing to write"),
        pytest.param(["process", "x.mp4", "--events", "e.jsonl"], None, ["x.mp4"], id="a video that is not there"),
        pytest.param(
            ["run", "c.yaml", "--host", "0.0.0.0"], CAMERA, ["server.host", "token"], id="open to all without a token"
        ),
        pytest.param(["models", "fetch", "no-such-model.pt"], None, ["no-such-model.pt"], id="weights that nobody has"),
        pytest.param(
            ["bench", "c.yaml", "--camera", "attic"], CAMERA, ["attic", "wanted one of yard"], id="no such camera"
        ),
        pytest.param(["bench", "c.yaml", "--from", "x.mp4"], CAMERA, ["x.mp4: not found"], id="nothing to measure on"),
        pytest.param(
            ["models", "optimize", "c.yaml", "--model", "night"],
            CAMERA,
            ["no model is called 'night'"],
            id="no such model",
        ),
        pytest.param(["probe", "missing.mp4"], None, ["missing.mp4: not found"], id="nothing to probe"),
    ],
)
def test_bad_input_is_said_and_ends_with_2(
    arguments: list[str], config: str | None, messages: list[str], tmp_path: Path
) -> None:
    if config is not None:
        (tmp_path / "c.yaml").write_text(config)
    done = framewatch(*arguments, folder=tmp_path)
    assert done.returncode == 2, done.stderr
    for message in messages:
        assert message in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_port_in_use(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CAMERA)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = framewatch("run", "c.yaml", "--port", str(port), folder=tmp_path)
    assert (done.returncode, f"127.0.0.1:{port} is in use" in done.stderr) == (2, True)


def test_a_model_that_is_not_there_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("models: {general: {type: yolo, weights: ./none.pt}}\n" + CAMERA)
    done = framewatch("run", "c.yaml", "--port", "0", folder=tmp_path)
    assert done.returncode == 2
    assert "none.pt" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_video_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "street.mp4").write_text("precious")
    done = framewatch("process", "street.mp4", "--out", "street.mp4", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "framewatch: street.mp4: got a file that is read, wanted another one to write\n"
    assert (tmp_path / "street.mp4").read_text() == "precious"


def test_what_is_no_video_is_said_alone(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    done = framewatch("process", "empty.mp4", "--events", "e.jsonl", folder=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["empty.mp4"]


def test_validate_says_that_all_is_fine(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CAMERA)
    done = framewatch("validate", "c.yaml", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "c.yaml: fine, 1 camera\n")


def test_no_events_yet(tmp_path: Path) -> None:
    done = framewatch("events", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "data/framewatch.db: no store there" in done.stderr


def test_the_schema_is_json(tmp_path: Path) -> None:
    assert framewatch("schema", folder=tmp_path).stdout.startswith("{")


@pytest.mark.parametrize("line", [line for line in BENCHMARKS if line.startswith("framewatch bench")])
def test_bench_prints_a_table_and_writes_it_as_json(line: str, tmp_path: Path) -> None:
    """As the docs show it, with the detector that needs no weights."""
    clip = moving_mark(tmp_path / "street.mp4", seconds=2, size=(320, 180))
    camera = CAMERA.replace("yard", "lobby").replace("demo", str(clip))
    (tmp_path / "lobby.yaml").write_text(f"models: {{general: {{type: '{DETECTOR}:MarkDetector'}}}}\n{camera}")
    done = framewatch(*line.split()[1:], folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "lobby: 320x180, 2.0 s, 50 frames decoded" in done.stdout
    for step in ("decode", "convert", "detect", "track", "rules", "annotate", "draw", "encode", "all"):
        assert f"\n{step} " in done.stdout
    if "--json" in line:
        told = json.loads((tmp_path / "costs.json").read_text())
        assert told["cameras"][0]["decoded"] == 50
        assert told["times_real_time"] > 0
