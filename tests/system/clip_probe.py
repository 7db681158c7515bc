"""What ffprobe says of a clip."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Sound:
    codec: str
    rate: int
    channels: int
    starts_s: float
    length_s: float


@dataclass(frozen=True)
class Probed:
    """Times are seconds from the clip's beginning, those of the pictures in the order in which they are shown."""

    codec: str
    tag: str
    size: tuple[int, int]
    pictures: list[float]
    keys: list[float]
    length_s: float
    is_seekable: bool
    """Whether the index of the whole file stands before the video."""
    sound: "Sound | None" = None

    @property
    def largest_gap_s(self) -> float:
        return max(later - earlier for earlier, later in zip(self.pictures, self.pictures[1:], strict=False))


def probed(path: Path) -> Probed:
    """Also decodes all of it: raises AssertionError where FFmpeg finds any fault."""
    said = json.loads(_run("ffprobe", "-show_streams", "-show_packets", "-of", "json", str(path)))
    assert _run("ffmpeg", "-i", str(path), "-f", "null", "-") == ""
    stream, *others = said["streams"]
    assert [(stream["codec_type"]), *(each["codec_type"] for each in others)] in (["video"], ["video", "audio"])
    packets = [packet for packet in said["packets"] if packet["stream_index"] == 0]
    times = sorted((float(packet["pts_time"]), "K" in packet["flags"]) for packet in packets)
    decoding = [float(packet["dts_time"]) for packet in packets]
    assert decoding == sorted(set(decoding)), "decoding times only grow"
    return Probed(
        codec=stream["codec_name"],
        tag=stream["codec_tag_string"],
        size=(stream["width"], stream["height"]),
        pictures=[at for at, _ in times],
        keys=[at for at, is_key in times if is_key],
        length_s=float(stream["duration"]),
        is_seekable=[box for box in _boxes(path) if box in ("moov", "mdat", "moof")] == ["moov", "mdat"],
        sound=_sound(others[0], [each for each in said["packets"] if each["stream_index"] == 1]) if others else None,
    )


def _sound(stream: dict[str, Any], packets: list[dict[str, Any]]) -> Sound:
    """Raises AssertionError where one unit does not begin where the one before ends: some players would drift."""
    begins = [float(packet["pts_time"]) for packet in packets]
    a_unit_s = 1024 / int(stream["sample_rate"])
    gaps = [later - earlier - a_unit_s for earlier, later in pairwise(begins)]
    assert all(abs(gap) < 2e-6 for gap in gaps), gaps
    return Sound(
        stream["codec_name"],
        int(stream["sample_rate"]),
        stream["channels"],
        float(stream["start_time"]),
        float(stream["duration"]),
    )


def _boxes(path: Path) -> list[str]:
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        found.append(data[at + 4 : at + 8].decode())
        at += int.from_bytes(data[at : at + 4], "big")
    return found


def _run(program: str, *arguments: str) -> str:
    """What it printed; without it the test is skipped, and fails on CI."""
    if not shutil.which(program):
        reason = f"no {program} found; install it with: apt-get install ffmpeg"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run([program, "-v", "error", *arguments], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout
