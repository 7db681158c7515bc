"""`framewatch discover` as a process, against what tests/sources/onvif_device.py is."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.onvif_device import Device, onvif
from tests.system.framewatch import COMMAND, environment

STREAMS = {"sub": (640, 360, "rtsp://192.0.2.9/stream2"), "main": (2560, 1440, "rtsp://192.0.2.9/stream1")}
HERE = ("--interface", "127.0.0.1", "--seconds", "1")


@pytest.fixture
def device() -> Iterator[Device]:
    with onvif(Device(STREAMS)) as device:
        yield device


def discover(*arguments: str, folder: Path, says: str = "") -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "discover", *HERE, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(), input=says, capture_output=True, text=True, timeout=60
    )


def test_a_network_without_cameras(tmp_path: Path) -> None:
    done = discover(folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "No camera answered within 1 s." in done.stdout
    assert json.loads(discover("--json", folder=tmp_path).stdout) == {"cameras": []}


def test_who_is_there(device: Device, tmp_path: Path) -> None:
    done = discover(folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    head, line = done.stdout.splitlines()
    assert head.split() == ["address", "name", "model", "ONVIF", "service"]
    assert line.split() == ["127.0.0.1", "Front", "door", "M7", device.service]


def test_their_streams(device: Device, tmp_path: Path) -> None:
    done = discover("--user", "admin", "--password", "open-sesame", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    _, first, second = done.stdout.splitlines()
    assert "Maker Model 7" in first and first.split()[-3:] == ["rtsp://127.0.0.1/stream1", "2560x1440", "h264"]
    assert second.split() == ["rtsp://127.0.0.1/stream2", "640x360", "h264"]


def test_a_password_that_is_asked_for(device: Device, tmp_path: Path) -> None:
    done = discover("--user", "admin", "--json", folder=tmp_path, says="open-sesame\n")
    (camera,) = json.loads(done.stdout[done.stdout.index("{") :])["cameras"]
    assert camera["maker"] == "Maker"
    assert [stream["address"] for stream in camera["streams"]] == [
        "rtsp://127.0.0.1/stream1",
        "rtsp://127.0.0.1/stream2",
    ]
    assert "sesame" not in done.stdout + done.stderr


def test_a_wrong_one_is_said(device: Device, tmp_path: Path) -> None:
    done = discover("--user", "admin", "--password", "wrong", folder=tmp_path)
    assert (done.returncode, "unauthorised" in done.stdout) == (0, True)
