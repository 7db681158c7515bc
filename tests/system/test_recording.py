"""Recording of a real RTSP camera by the whole system, every clip looked at with ffprobe."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.system.clip_probe import Probed, probed
from tests.system.clips import moving_mark
from tests.system.framewatch import Framewatch, wait_for
from tests.system.pages import endless_mark
from tests.system.rtsp import RtspServer
from tests.system.test_system import configuration

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

Event = dict[str, Any]

PRE_S, POST_S = 3.0, 2.0
GOP_S, PICTURE_S = 1.0, 0.04
MOST_LOST_S = 6.0
"""What a camera on a busy machine has not brought yet, and the group of pictures that was not complete."""
RECORD = """
store: {{url: "sqlite:///events.db", media: media}}
record: {record}
"""
ON = f"{{enabled: true, detections: {{pre_capture: {PRE_S:g}, post_capture: {POST_S:g}}}}}"


def recording(folder: Path, camera: str, record: str = ON) -> str:
    name = configuration(folder, camera)
    with (folder / name).open("a") as file:
        file.write(RECORD.format(record=record))
    return name


def events(system: Framewatch) -> list[Event]:
    answer = system.api.get("/api/v1/events", params={"limit": "500"})
    found: list[Event] = answer.json()["events"]
    return found


def settled(system: Framewatch) -> list[Event]:
    """Events whose recording has come to its end."""
    return [event for event in events(system) if event["clip"] in ("ready", "failed")]


def saved(system: Framewatch, address: str, folder: Path) -> Path:
    answer = system.api.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4"), answer.text[:300]
    path = folder / f"{abs(hash(address))}.mp4"
    path.write_bytes(answer.content)
    return path


def has_no_faults(clip: Probed, size: tuple[int, int] = (1280, 720)) -> None:
    assert clip.size == size
    assert clip.pictures[0] == 0.0
    assert clip.largest_gap_s < PICTURE_S + 0.005
    assert clip.is_seekable
    assert max(later - earlier for earlier, later in zip([0.0, *clip.keys], clip.keys, strict=False)) < GOP_S + 0.005


def marks(path: Path) -> list[tuple[float, float]]:
    """When (seconds from the beginning) and where (relative, from the left) the mark is in each picture."""
    found = []
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            row = picture.to_ndarray(format="rgb24")[picture.height // 2].astype(int)
            (at,) = np.nonzero((row[:, 0] > 180) & (row[:, 1] < 100) & (row[:, 2] > 180))
            if len(at) and picture.time is not None:
                found.append((picture.time, float(at.mean()) / picture.width))
    return found


def begins_early_enough(event: Event, path: Path) -> None:
    """What the event is about is to be seen `pre_capture` after the clip's beginning, and a key frame later at most."""
    middle = (event["box"][0] + event["box"][2]) / 2
    shown_at = [at for at, where in marks(path) if abs(where - middle) < 0.008]
    earliest, latest = PRE_S - PICTURE_S / 2, PRE_S + GOP_S + PICTURE_S
    assert any(earliest <= at <= latest for at in shown_at), (event["type"], middle, shown_at)


def test_events_have_clips(rtsp_server: Callable[..., RtspServer], tmp_path: Path) -> None:
    clip_played = endless_mark(tmp_path / "mark.mp4")
    camera = rtsp_server({"yard": clip_played})
    with Framewatch("run", recording(tmp_path, camera.url("yard")), folder=tmp_path) as system:
        system.until_analysing("yard")
        began = time.time()

        def instants() -> list[Event]:
            return [each for each in settled(system) if each["type"] != "object" and each["started_at"] > began + 4]

        def crossings() -> int:
            return sum(event["type"] == "line_cross" for event in instants())

        wait_for(lambda: crossings() >= 2, 60, lambda: str(events(system)))
        assert {event["clip"] for event in settled(system)} == {"ready"}
        for event in instants():
            path = saved(system, f"/api/v1/events/{event['id']}/clip.mp4", tmp_path)
            clip = probed(path)
            has_no_faults(clip, (664, 360))
            assert (clip.codec, clip.tag) == ("h264", "avc1")
            assert PRE_S + POST_S <= clip.length_s <= PRE_S + POST_S + GOP_S + 2 * PICTURE_S
            if event["type"] == "line_cross":
                begins_early_enough(event, path)
        _answers_ranges(system, instants()[0])
        _says_what_is_not_there(system)
        assert system.camera("yard")["recording"]["state"] == "recording"
        assert system.camera("yard")["recording"]["dropped"] == 0
        (span,) = system.api.get("/api/v1/recordings?camera=yard").json()["recordings"]
        assert span["kinds"] == ["detection"], "events that overlap share one recording"
        on_disk = sum(path.stat().st_size for path in (tmp_path / "media" / "recordings").rglob("[!.]*.mp4"))
        assert span["bytes"] <= on_disk
        seconds = span["ended_at"] - span["started_at"]
        per_second = clip_played.stat().st_size / 8
        assert span["bytes"] < 1.3 * per_second * seconds + 100_000, "each picture once"
        status, took_s = system.interrupt()
    assert (status, took_s < 5) == (0, True)
    assert not [*(tmp_path / "media").rglob("*.part")], "what was being written is finished"


def _answers_ranges(system: Framewatch, event: Event) -> None:
    address = f"/api/v1/events/{event['id']}/clip.mp4"
    whole = system.api.get(address).content
    part = system.api.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"


def _says_what_is_not_there(system: Framewatch) -> None:
    now = time.time()

    def problem(address: str) -> tuple[int, str]:
        answer = system.api.get(address)
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.status_code, answer.json()["detail"]

    clip = "/api/v1/recordings/yard/clip.mp4"
    assert problem(f"{clip}?after={now}&before={now - 5}")[0] == 400
    assert problem(f"{clip}?after={now - 3700}&before={now}") == (400, "got 3700 s, wanted at most an hour at once")
    assert problem(f"{clip}?after={now - 86400}&before={now - 86300}") == (404, "nothing of that time is kept")
    assert problem(f"/api/v1/recordings/attic/clip.mp4?after={now - 60}&before={now}")[0] == 404
    assert problem(f"{clip}?after=soon&before={now}")[0] == 422
    assert problem("/api/v1/events/nothing/clip.mp4")[0] == 404


def test_h265_is_recorded_as_it_is_and_exported_by_time(rtsp_server: Callable[..., RtspServer], tmp_path: Path) -> None:
    clip = moving_mark(tmp_path / "hevc.mp4", size=(640, 360), codec="hevc")
    camera = rtsp_server({"yard": clip})
    config = recording(tmp_path, camera.url("yard"), "{enabled: true, continuous: {days: 1}}")
    with Framewatch("run", config, folder=tmp_path) as system:

        def span() -> dict[str, Any] | None:
            found = system.api.get("/api/v1/recordings").json()["recordings"]
            return found[0] if found and found[0]["ended_at"] - found[0]["started_at"] > 15 else None

        wait_for(span, 60, lambda: str(system.camera("yard")))
        kept = span()
        assert kept and kept["kinds"][0] == "continuous"
        begin, end = kept["started_at"] + 3.3, kept["started_at"] + 13.1
        path = saved(system, f"/api/v1/recordings/yard/clip.mp4?after={begin}&before={end}", tmp_path)
        exported = probed(path)
        assert (exported.codec, exported.tag) == ("hevc", "hvc1")
        has_no_faults(exported, (640, 360))
        assert end - begin <= exported.length_s <= end - begin + GOP_S + 2 * PICTURE_S


def test_a_run_that_is_killed_leaves_whole_recordings(
    rtsp_server: Callable[..., RtspServer], mark_clip: Path, tmp_path: Path
) -> None:
    """Three cameras at once: what was written is there after the next start, up to the last whole group of pictures."""
    camera = rtsp_server({"yard": mark_clip})
    name = recording(tmp_path, camera.url("yard"), "{enabled: true, continuous: {days: 1}}")
    text = (tmp_path / name).read_text()
    more = "".join(f'  more{each}: {{inputs: [{{path: "{camera.url("yard")}"}}], pipeline: []}}\n' for each in "ab")
    (tmp_path / name).write_text(text.replace("cameras:\n", f"cameras:\n{more}"))
    media = tmp_path / "media" / "recordings"
    for alive_s in (6.0, 12.5):
        with Framewatch("run", name, folder=tmp_path) as system:
            wait_for(lambda: len([*media.rglob(".*.part")]) == 3, 30)
            time.sleep(alive_s)
            killed_at = time.time()
            system.process.send_signal(signal.SIGKILL)
            system.process.wait(10)
        assert len([*media.rglob(".*.part")]) >= 1, "something was being written"
        for path in media.rglob("[!.]*.mp4"):
            assert probed(path).largest_gap_s < PICTURE_S + 0.005
        with Framewatch("run", name, folder=tmp_path) as system:
            spans = system.api.get("/api/v1/recordings").json()["recordings"]
            assert {span["camera"] for span in spans} == {"yard", "morea", "moreb"}
            newest = [span["ended_at"] for span in spans]
            assert sum(at > killed_at - MOST_LOST_S for at in newest) >= 3, (killed_at, newest)
            for span in spans:
                after, before = span["started_at"], span["ended_at"]
                address = f"/api/v1/recordings/{span['camera']}/clip.mp4?after={after}&before={before}"
                clip = probed(saved(system, address, tmp_path))
                has_no_faults(clip)
                assert abs(clip.length_s - (before - after)) < 0.3
