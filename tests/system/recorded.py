"""A system that records two real RTSP cameras, for tests of a module to share, and what they look at."""

import shutil
import signal
import time
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.system.clip_probe import Probed
from tests.system.clips import moving_mark
from tests.system.framewatch import Framewatch
from tests.system.pages import endless_mark
from tests.system.rtsp import RtspServer

Event = dict[str, Any]

PRE_S, POST_S = 3.0, 2.0
GOP_S, PICTURE_S, LOOK_S = 1.0, 0.04, 0.125
SLEWED_S = 0.3
"""On a busy machine a camera's packets come late, and its clock is followed by up to a twentieth."""
CONFIG = """
store: {{url: "sqlite:///events.db", media: media}}
models:
  general: {{type: ./mark_detector.py:MarkDetector}}
detect: {{fps: 8}}
record: {{enabled: true, detections: {{pre_capture: {pre}, post_capture: {post}}}}}
cameras:
  yard:
    inputs: [{{path: "{yard}"}}]
    lines:
      centre: {{from: [0.5, 0], to: [0.5, 1]}}
  attic:
    inputs: [{{path: "{attic}"}}]
    pipeline: []
    record: {{continuous: {{days: 1}}}}
  shed:
    inputs: [{{path: "{attic}"}}]
    pipeline: []
    record: {{enabled: false}}
"""
YARD_SIZE, ATTIC_SIZE = (664, 360), (320, 180)


class Recorded:
    """`yard` sends H.264 and has events, `attic` H.265 that is recorded without end, and `shed` is not recorded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clip = endless_mark(folder / "mark.mp4")
        attic = moving_mark(folder / "attic.mp4", size=ATTIC_SIZE, codec="hevc")
        self.cameras = RtspServer({"yard": self.clip, "attic": attic})
        shutil.copy(Path(__file__).with_name("mark_detector.py"), folder)

    def start(self) -> None:
        self.cameras.start()
        text = CONFIG.format(yard=self.cameras.url("yard"), attic=self.cameras.url("attic"), pre=PRE_S, post=POST_S)
        (self.folder / "cameras.yaml").write_text(text)
        self.began = time.time()
        self.run()

    def run(self) -> None:
        self.system = Framewatch("run", "cameras.yaml", folder=self.folder)
        self.system.__enter__()

    def kill(self) -> float:
        """Returns when (UTC seconds)."""
        at = time.time()
        self.system.process.send_signal(signal.SIGKILL)
        self.system.process.wait(10)
        self.system.__exit__(None, None, None)
        return at

    def stop(self) -> None:
        self.system.__exit__(None, None, None)
        self.cameras.stop()

    @property
    def media(self) -> Path:
        return self.folder / "media" / "recordings"

    def crossings(self) -> list[Event]:
        """Those that have their clip, of a time before which the camera was watched already, the newest first."""
        answer = self.system.api.get("/api/v1/events", params={"type": "line_cross", "limit": "500"})
        return [
            event
            for event in answer.json()["events"]
            if event["clip"] in ("ready", "failed") and event["started_at"] > self.first_seen_at() + PRE_S + GOP_S
        ]

    def first_seen_at(self) -> float:
        spans = self.spans("attic")
        return float(spans[0]["started_at"]) if spans else float("inf")

    def spans(self, camera: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.system.api.get(f"/api/v1/recordings?camera={camera}").json()["recordings"]
        return found

    def saved(self, address: str) -> Path:
        answer = self.system.api.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4"), answer.text[:300]
        path = self.folder / "saved.mp4"
        path.write_bytes(answer.content)
        return path


def has_no_faults(clip: Probed) -> None:
    assert clip.pictures[0] == 0.0
    assert clip.largest_gap_s < PICTURE_S + 0.005
    assert clip.is_seekable
    assert max(later - earlier for earlier, later in zip(clip.keys, clip.keys[1:], strict=False)) < GOP_S + 0.005


def begins_early_enough(event: Event, path: Path) -> None:
    """What the event is about is to be seen `pre_capture` after the clip's beginning, and a key frame later at most.

    Its box is that of the look in which it was seen to have happened.
    """
    middle = (event["box"][0] + event["box"][2]) / 2
    shown_at = [at for at, where in _marks(path) if abs(where - middle) < 0.012]
    earliest, latest = PRE_S - PICTURE_S / 2, PRE_S + GOP_S + LOOK_S + PICTURE_S + SLEWED_S
    assert any(earliest <= at <= latest for at in shown_at), (event["type"], middle, shown_at)


def _marks(path: Path) -> list[tuple[float, float]]:
    """When (seconds from the beginning) and where (relative, from the left) the mark is in each picture."""
    found = []
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            row = picture.to_ndarray(format="rgb24")[picture.height // 2].astype(int)
            (at,) = np.nonzero((row[:, 0] > 180) & (row[:, 1] < 100) & (row[:, 2] > 180))
            if len(at) and picture.time is not None:
                found.append((picture.time, float(at.mean()) / picture.width))
    return found
