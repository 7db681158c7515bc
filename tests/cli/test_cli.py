"""The command as a process: what it prints, and how it ends."""

import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.system.framewatch import COMMAND, environment

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
    for command in ("run", "demo", "process", "validate", "probe", "events", "models", "schema"):
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
