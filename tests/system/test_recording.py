"""Recording of a real RTSP camera by the whole system, every clip looked at with ffprobe."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.system.clip_probe import Probed, probed
from tests.system.framewatch import Framewatch, wait_for
from tests.system.rtsp import RtspServer
from tests.system.test_system import configuration

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

RECORD = """
store: {{url: "sqlite:///events.db", media: media}}
record: {record}
"""
ON = "{enabled: true, detections: {pre_capture: 3, post_capture: 2}}"


def recording(folder: Path, camera: str, record: str = ON) -> str:
    name = configuration(folder, camera)
    with (folder / name).open("a") as file:
        file.write(RECORD.format(record=record))
    return name


def ended(system: Framewatch, **query: str) -> list[dict[str, Any]]:
    """Events whose recording has come to its end."""
    events = system.api.get("/api/v1/events", params={"limit": "500", **query}).json()["events"]
    return [event for event in events if event["clip"] in ("ready", "failed")]


def clip_of(system: Framewatch, event: dict[str, Any], folder: Path) -> Probed:
    return saved(system, f"/api/v1/events/{event['id']}/clip.mp4", folder / f"{event['id']}.mp4")


def saved(system: Framewatch, address: str, path: Path) -> Probed:
    answer = system.api.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4"), answer.text[:300]
    path.write_bytes(answer.content)
    return probed(path)


def test_events_have_clips(rtsp_server: Callable[..., RtspServer], mark_clip: Path, tmp_path: Path) -> None:
    camera = rtsp_server({"yard": mark_clip})
    with Framewatch("run", recording(tmp_path, camera.url("yard")), folder=tmp_path) as system:
        system.until_analysing("yard")
        wait_for(lambda: len(ended(system)) >= 3, 60, lambda: str(system.camera("yard")))
        events = ended(system)
        print(events)
        assert {event["clip"] for event in events} == {"ready"}
        for event in events:
            clip = clip_of(system, event, tmp_path)
            print(clip)
