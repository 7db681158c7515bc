"""A recorder that is killed at any moment: what was noted is there, whatever is there is whole."""

import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import av
import pytest

from pipeline.recording.mp4 import whole_bytes
from pipeline.recording.shelf import Shelf
from pipeline.recording.sweeping import sweep
from pipeline.store.store import EventStore
from tests.system.clips import moving_mark

ROOT = Path(__file__).parents[2]
KILLS = 3
"""Each takes some seconds; a longer search for harm sets more."""
A_RUN_S = 10_000
PICTURE_S = 0.041


def recorded_until_killed(clip: Path, folder: Path, run: int, after_s: float) -> set[str]:
    """The ids that it said were noted."""
    command = [sys.executable, "-m", "tests.recording.killed", str(clip), str(folder), str(run * A_RUN_S * 25)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(after_s)
        process.kill()
        lines = process.stdout.read().splitlines(keepends=True)
    return {line.strip() for line in lines if line.endswith("\n")}


def is_whole(path: Path) -> bool:
    """All of it is fragments, and all pictures of it can be read, one after the other."""
    with path.open("rb") as file:
        size = path.stat().st_size
        all_of_it = whole_bytes(file) == size
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    times = [float((packet.dts or 0) * packet.time_base) for packet in packets]
    steps = [later - earlier for earlier, later in pairwise(times)]
    return all_of_it and packets[0].is_keyframe and all(0 < step < PICTURE_S for step in steps)


@pytest.mark.timeout(60 + 20 * KILLS)
def test_nothing_that_was_noted_is_missing_and_nothing_is_half(tmp_path: Path) -> None:
    clip = moving_mark(tmp_path / "mark.mp4", seconds=4, size=(320, 180))
    random.seed(5)
    noted: set[str] = set()
    for run in range(KILLS):
        noted |= recorded_until_killed(clip, tmp_path, run, random.uniform(0.05, 1.0))
        store = EventStore(f"sqlite:///{tmp_path}/events.db")
        store.start()
        shelf = Shelf(tmp_path / "media")
        sweep(shelf, store.recordings)
        there = {segment.id: segment for segment in store.recordings.between(None, 0, 1e11)}
        assert noted <= there.keys()
        assert {str(path) for path in shelf.files()} == {segment.path for segment in there.values()}
        assert not [*shelf.root.rglob("*.part")]
        assert all(is_whole(shelf.path(segment)) for segment in there.values())
        in_order = sorted(there.values(), key=lambda segment: segment.started_at)
        for earlier, later in pairwise(in_order):
            assert earlier.ended_at <= later.started_at + 0.002, "no second is there twice"
        store.close()
    assert len(noted) >= KILLS
