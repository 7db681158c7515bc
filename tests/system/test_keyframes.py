"""A real camera that is decoded at its key frames alone while nothing happens, beside one that is decoded fully."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.system.clips import walks
from tests.system.framewatch import Framewatch, wait_for
from tests.system.rtsp import RtspServer

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

FPS, GOP = 25, 25
CLIP_S = 24
WALKS = (range(9 * FPS + 7, 12 * FPS), range(18 * FPS + 18, 21 * FPS + 3))
CONFIG = """
models:
  general: {{type: ./mark_detector.py:MarkDetector}}
detect: {{fps: 12, max_disappeared: 12}}
cameras:
  full: {{inputs: [{{path: "{url}"}}]}}
  keys: {{inputs: [{{path: "{url}"}}], decode: keyframes}}
"""


def test_events_are_those_of_a_camera_that_is_decoded_fully(
    rtsp_server: Callable[..., RtspServer], tmp_path: Path
) -> None:
    """Both look at the same pictures; what is found in full decoding is found, and begins when it begins there."""
    server = rtsp_server({"yard": walks(tmp_path / "walks.mp4", WALKS, seconds=CLIP_S, gop=GOP)})
    shutil.copy(Path(__file__).with_name("mark_detector.py"), tmp_path)
    (tmp_path / "cameras.yaml").write_text(CONFIG.format(url=server.url("yard")))
    with Framewatch("run", "cameras.yaml", folder=tmp_path) as system:
        for camera in ("full", "keys"):
            system.until_analysing(camera)
        wait_for(lambda: system.camera("keys")["quiet"], 40, lambda: str(system.camera("keys")))

        def ended(camera: str) -> list[dict[str, Any]]:
            found = system.api.get(f"/api/v1/events?type=object&camera={camera}&limit=50").json()["events"]
            return sorted((event for event in found if event["ended_at"]), key=lambda event: float(event["started_at"]))

        quiet_since = ended("full")[-1]["ended_at"] if ended("full") else 0.0
        wait_for(lambda: len([event for event in ended("full") if event["started_at"] > quiet_since]) >= 3, 60)
        status = system.camera("keys")
        wanted = [event for event in ended("full") if event["started_at"] > quiet_since][:3]
        wait_for(lambda: ended("keys") and ended("keys")[-1]["started_at"] >= wanted[-1]["started_at"] - 0.5, 20)
        found = [event for event in ended("keys") if event["started_at"] > wanted[0]["started_at"] - 0.5][:3]
        assert system.metric("framewatch_skipped_packets", camera="keys") > FPS
    begins = [one["started_at"] for one in wanted]  # up to the time between two looks at a still camera late
    assert [event["started_at"] for event in found] == pytest.approx(begins, abs=0.34)
    assert [event["ended_at"] for event in found] == pytest.approx([one["ended_at"] for one in wanted], abs=0.3)
    assert status["skipped"] > 0
    assert status["dropped"]["backlog"] == 0
    assert status["decoder"] == "software"
