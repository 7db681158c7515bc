"""Every command of the README, run as it stands there, with a real camera behind it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.store.store import EventStore
from tests.docs import Block, blocks
from tests.system.rtsp import RtspServer
from tests.system.terminal import Terminal

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
GOES_ON = ("framewatch run", "make demo")
BY_CI = ("make test",)
"""Runs this very test."""


def commands() -> list[tuple[Block, str]]:
    return [(block, line) for block in blocks(README, "sh") for line in block.text.splitlines()]


@pytest.fixture
def folder(tmp_path: Path, mark_clip: Path) -> Path:
    """What a reader has by then: the configuration, a store, a video, and the command on the path."""
    (tmp_path / "lobby.yaml").write_text(blocks(README, "yaml")[0].text)
    shutil.copy(mark_clip, tmp_path / "street.mp4")
    store = EventStore(f"sqlite:///{tmp_path}/data/framewatch.db")
    store.start()
    store.close()
    script = tmp_path / "bin" / "framewatch"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m pipeline.cli "$@"\n')
    script.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    "line",
    [pytest.param(line, id=line) for _, line in commands() if line not in BY_CI and not line.startswith("export")],
)
def test_it_does_what_the_readme_says(
    line: str, folder: Path, mark_clip: Path, rtsp_server: Callable[..., RtspServer]
) -> None:
    camera = rtsp_server({"stream": mark_clip}, credentials=("user", "password"))
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "CAMERA_URL": camera.url("stream"),
    }
    if line.startswith("make"):
        _make_demo(line, environment)
    elif line.startswith(GOES_ON):
        _runs_until_interrupted(f"{line} --port 0", folder, environment)
    else:
        done = subprocess.run(
            ["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=200
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr


def _make_demo(line: str, environment: dict[str, str]) -> None:
    if not (ROOT / ".venv/.run").exists():
        pytest.skip("not set up by make: make demo would install everything")
    _runs_until_interrupted(f'{line} ARGS="--port 0"', ROOT, environment)


def _runs_until_interrupted(line: str, folder: Path, environment: dict[str, str]) -> None:
    """On a terminal: starts, says where to look, and ends with 0 within 5 s of Ctrl-C, leaving nothing behind."""
    with Terminal(["sh", "-c", f"exec {line}"], folder, environment) as terminal:
        terminal.until("open http://", timeout_s=120)
        time.sleep(8)
        began = time.monotonic()
        terminal.press_ctrl_c()
        assert terminal.wait(timeout_s=20) == 0, terminal.said
        assert time.monotonic() - began < 5
    assert terminal.left_running() == []
