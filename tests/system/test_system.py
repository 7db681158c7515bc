"""The whole system with a real RTSP camera: what a user would see when things go well, and when they do not."""

import asyncio
import io
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.system.clips import moving_mark
from tests.system.framewatch import Framewatch, wait_for
from tests.system.rtsp import RtspServer
from tests.system.viewer import Viewer, watched

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

RESULTS = "framewatch_result_latency_seconds_count"
ALIGNED_90K = 9_000
"""A tenth of a second: how far a result may be from the picture of another stream that it belongs to."""
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
        assert not _networks(system.process.pid)
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
        analysed = system.metric(RESULTS, camera="yard")
        camera.start()
        answered = time.monotonic()
        wait_for(lambda: system.metric(RESULTS, camera="yard") > analysed, 20)
        assert time.monotonic() - answered < 3


def test_the_analysis_is_killed_and_comes_back(camera: RtspServer, tmp_path: Path) -> None:
    with Framewatch("run", configuration(tmp_path, camera.url("yard")), folder=tmp_path) as system:
        system.until_analysing("yard")
        (before,) = system.children()
        killed = asyncio.run(_kill_while_somebody_looks(system, before))
        assert system.api.get("/readyz").status_code == 503
        assert system.api.get("/api/v1/cameras/yard/latest.jpg").status_code == 503
        wait_for(lambda: system.camera("yard")["analysis"] == "running", 20)
        analysed = system.metric(RESULTS, camera="yard")
        wait_for(lambda: system.metric(RESULTS, camera="yard") > analysed, 10)
        assert time.monotonic() - killed < 10
        assert system.children() != [before]


async def _kill_while_somebody_looks(system: Framewatch, analysis: int) -> float:
    """Kills the plane; the pictures of a viewer go on meanwhile. Returns when it was killed (monotonic)."""
    viewer = Viewer()
    await viewer.watch(f"{system.url}/whep/yard")
    await asyncio.to_thread(wait_for, lambda: len(viewer.shown_pts_90k) > 10, 20)
    os.kill(analysis, signal.SIGKILL)
    killed, shown = time.monotonic(), len(viewer.shown_pts_90k)
    await asyncio.to_thread(wait_for, lambda: system.camera("yard")["analysis"] == "restarting", 5)
    await asyncio.to_thread(wait_for, lambda: len(viewer.shown_pts_90k) > shown + 15, 2)
    await viewer.close()
    return killed


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


def test_the_sub_stream_is_analysed_and_the_main_one_shown(
    rtsp_server: Callable[..., RtspServer], mark_clip: Path, tmp_path: Path
) -> None:
    small = moving_mark(tmp_path / "small.mp4", size=(640, 360))
    server = rtsp_server({"main": mark_clip, "sub": small})
    name = configuration(tmp_path, server.url("main"))
    text = (tmp_path / name).read_text()
    both = (
        f'[{{path: "{server.url("main")}", roles: [record, live]}}, {{path: "{server.url("sub")}", roles: [detect]}}]'
    )
    (tmp_path / name).write_text(text.replace(f'[{{path: "{server.url("main")}"}}]', both))
    with Framewatch("run", name, folder=tmp_path) as system:
        system.until_analysing("yard")
        main, sub = system.camera("yard")["inputs"]
        assert (main["width"], sub["width"]) == (1280, 640)
        assert _size(system.api.get("/api/v1/cameras/yard/latest.jpg").content) == (640, 360)
        seen = asyncio.run(watched(f"{system.url}/whep/yard", seconds=6))
    assert seen.sizes_wh == {(1280, 720)}
    assert seen.result_pts_90k
    for pts_90k in seen.result_pts_90k[5:]:
        assert min(abs(pts_90k - shown) for shown in seen.shown_pts_90k) < ALIGNED_90K


def test_h265_is_encoded_again_for_browsers_and_the_overlay_stays(
    rtsp_server: Callable[..., RtspServer], tmp_path: Path
) -> None:
    clip = moving_mark(tmp_path / "hevc.mp4", size=(640, 360), codec="hevc")
    server = rtsp_server({"yard": clip})
    with Framewatch("run", configuration(tmp_path, server.url("yard")), folder=tmp_path) as system:
        system.until_analysing("yard")
        assert system.camera("yard")["inputs"][0]["codec"] == "hevc"
        assert system.camera("yard")["live_reason"] == "H.265 is encoded again for browsers that do not take it"
        seen = asyncio.run(watched(f"{system.url}/whep/yard", seconds=8))
    assert seen.sizes_wh == {(640, 360)}
    assert set(seen.result_pts_90k) & set(seen.shown_pts_90k)


def _size(jpeg: bytes) -> tuple[int, int]:
    with av.open(io.BytesIO(jpeg), "r", format="jpeg_pipe") as container:
        stream = container.streams.video[0]
        return stream.width, stream.height


def _networks(pid: int) -> list[str]:
    """What runs networks, of which that process has loaded something."""
    loaded = Path(f"/proc/{pid}/maps").read_text()
    return [name for name in ("torch", "openvino") if name in loaded]
