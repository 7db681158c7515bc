"""The whole system with a real RTSP camera: what a user would see when things go well, and when they do not."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.framewatch import Framewatch, wait_for
from tests.system.rtsp import RtspServer

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

CONFIG = """
models:
  general: {{type: ./mark_detector.py:MarkDetector}}
detect: {{fps: 12}}
cameras:
  yard:
    inputs: [{{path: "{url}"}}]
    zones:
      middle: {{coordinates: "0.3,0,0.7,0,0.7,1,0.3,1", inertia: 2}}
    lines:
      centre: {{from: [0.5, 0], to: [0.5, 1]}}
"""


def configuration(folder: Path, url: str) -> str:
    shutil.copy(Path(__file__).with_name("mark_detector.py"), folder)
    (folder / "cameras.yaml").write_text(CONFIG.format(url=url))
    return "cameras.yaml"


@pytest.fixture
def camera(rtsp_server: Callable[..., RtspServer], mark_clip: Path) -> RtspServer:
    return rtsp_server({"yard": mark_clip})


def test_events_of_a_real_stream(camera: RtspServer, tmp_path: Path) -> None:
    with Framewatch("run", configuration(tmp_path, camera.url("yard")), folder=tmp_path) as system:
        system.until_analysing("yard")
        wanted = {"object", "zone_enter", "zone_leave", "line_cross"}

        def seen() -> set[str]:
            return {event["type"] for event in system.api.get("/api/v1/events").json()["events"]}

        wait_for(lambda: wanted <= seen(), 60, lambda: str(seen()))
        status = system.camera("yard")
        assert status["state"] == "online"
        assert (status["inputs"][0]["codec"], status["inputs"][0]["width"]) == ("h264", 1280)
        event = system.api.get("/api/v1/events?type=object").json()["events"][0]
        assert event["label"] == "person"
        wait_for(lambda: system.api.get(f"/api/v1/events/{event['id']}").json()["has_snapshot"], 20)
        snapshot = system.api.get(f"/api/v1/events/{event['id']}/snapshot.jpg")
        assert snapshot.headers["content-type"] == "image/jpeg"
        latest = system.api.get("/api/v1/cameras/yard/latest.jpg?annotated=1")
        assert latest.content.startswith(b"\xff\xd8")
        assert system.api.get("/readyz").status_code == 200
        status_code, took_s = system.interrupt()
    assert (status_code, took_s < 5) == (0, True)


def test_a_camera_that_goes_away_comes_back(camera: RtspServer, tmp_path: Path) -> None:
    with Framewatch("run", configuration(tmp_path, camera.url("yard")), folder=tmp_path) as system:
        system.until_analysing("yard")
        camera.stop()
        wait_for(lambda: system.camera("yard")["state"] != "online", 20)
        assert "yard" in " ".join(system.api.get("/readyz").json()["reasons"])
        time.sleep(10)
        assert system.camera("yard")["last_error"]
        analysed = system.metric("framewatch_result_latency_seconds_count", camera="yard")
        camera.start()
        answered = time.monotonic()
        wait_for(lambda: system.metric("framewatch_result_latency_seconds_count", camera="yard") > analysed, 20)
        assert time.monotonic() - answered < 3


def test_the_analysis_is_killed_and_comes_back(camera: RtspServer, tmp_path: Path) -> None:
    with Framewatch("run", configuration(tmp_path, camera.url("yard")), folder=tmp_path) as system:
        system.until_analysing("yard")
        (before,) = system.children()
        packets = system.metric("framewatch_packets_total", camera="yard")
        os.kill(before, signal.SIGKILL)
        killed = time.monotonic()
        wait_for(lambda: system.camera("yard")["analysis"] == "restarting", 5)
        assert system.api.get("/readyz").status_code == 503
        assert system.api.get("/api/v1/cameras/yard/latest.jpg").status_code == 503
        wait_for(lambda: system.camera("yard")["analysis"] == "running", 20)
        wait_for(lambda: system.camera("yard")["fps_analysed"] > 0, 10)
        assert time.monotonic() - killed < 10
        assert system.metric("framewatch_packets_total", camera="yard") > packets
        assert system.children() != [before]


def test_what_cannot_be_opened_says_why_and_the_others_run(
    rtsp_server: Callable[..., RtspServer], mark_clip: Path, tmp_path: Path
) -> None:
    server = rtsp_server({"yard": mark_clip}, credentials=("user", "open-sesame"))
    name = configuration(tmp_path, server.url("yard"))
    with (tmp_path / name).open("a") as file:
        file.write(f'  locked: {{inputs: [{{path: "{server.url("yard", credentials=("user", "guessed"))}"}}]}}\n')
        file.write('  gone: {inputs: [{path: "rtsp://127.0.0.1:9/none"}]}\n')
    with Framewatch("run", name, folder=tmp_path) as system:
        system.until_analysing("yard")
        wait_for(lambda: "unauthorised" in system.camera("locked")["last_error"], 20)
        wait_for(lambda: "unreachable" in system.camera("gone")["last_error"], 20)
        assert system.camera("gone")["inputs"][0]["retry_in_s"] is not None
        assert "guessed" not in system.api.get("/api/v1/cameras").text
    said = " ".join(system.errors + system.lines)
    assert "open-sesame" not in said
    assert "guessed" not in said
