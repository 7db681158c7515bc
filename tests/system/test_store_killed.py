import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.killed import Acknowledged, Harm, harm, is_whole, write_until_killed
from pipeline.core.clock import SystemClock
from pipeline.core.event import Event
from pipeline.events.orphans import Orphans
from pipeline.store.media import MediaFolder
from pipeline.store.query import EventQuery
from pipeline.store.store import EventStore
from tests.store.older_stores import older_store

pytestmark = pytest.mark.system

WRITER = """
import sys
from pipeline.core.event import Event
from pipeline.store.store import EventStore

store = EventStore(sys.argv[1])
store.start()
waiting, number = [], store.last_seq()
while True:
    waiting.append((f"event-{number}", store.save(Event(
        id=f"event-{number}", type="object", camera="lobby", started_at=float(number), zones=["door", "hall"]))))
    number += 1
    if len(waiting) >= 20:
        name, done = waiting.pop(0)
        done.result()
        print(name, flush=True)
"""
"""Prints an id once its event is acknowledged, with twenty more on their way all the time."""


def acknowledged_until_killed(url: str, after_s: float) -> list[str]:
    with subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()  # it is at work: now the time runs
        time.sleep(after_s)
        writer.send_signal(signal.SIGKILL)
        lines = (first + writer.stdout.read()).splitlines(keepends=True)
    assert writer.returncode == -signal.SIGKILL
    return [line.strip() for line in lines if line.endswith("\n")]


def test_no_acknowledged_event_is_missing_after_kill_9(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/events.db"
    acknowledged: list[str] = []
    for after_s in (0.0, 0.15, 0.4):
        acknowledged += acknowledged_until_killed(url, after_s)

    store = EventStore(url)
    store.start()
    assert len(acknowledged) >= 3
    assert [name for name in acknowledged if store.get(name) is None] == []
    seqs = [seq for seq, _ in store.since(0, limit=1_000_000)]
    assert seqs == sorted(set(seqs)) and seqs[-1] == store.last_seq()
    all_there = store.list(EventQuery(), limit=1_000_000).items
    in_zone = store.list(EventQuery(zone="hall"), limit=1_000_000).items
    assert list(in_zone) == list(all_there), "an event and its zones come together"
    store.close()


@pytest.mark.parametrize("after_s", [0.0, 0.01, 0.02, 0.03])
@pytest.mark.parametrize("version", [None, 1])
def test_a_store_that_was_killed_while_it_was_made_opens(tmp_path: Path, version: int | None, after_s: float) -> None:
    """Or brought up from an earlier version."""
    url = f"sqlite:///{tmp_path}/events.db"
    known = Event(id="known", type="object", camera="lobby", started_at=1.0)
    if version is not None:
        older_store(tmp_path / "events.db", version, known)
    maker = f"from pipeline.store.store import EventStore\nprint('ready', flush=True)\nEventStore({url!r}).start()"
    with subprocess.Popen([sys.executable, "-c", maker], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after_s)
        process.kill()
    store = EventStore(url)
    store.start()
    assert store.list().items == ([] if version is None else [known])
    store.close()


async def test_no_acknowledged_picture_is_missing_or_half_after_kill_9(tmp_path: Path) -> None:
    url, media = f"sqlite:///{tmp_path}/events.db", tmp_path / "media"
    acknowledged = Acknowledged()
    chosen = random.Random(7)
    for _ in range(10):
        write_until_killed(url, media, chosen.uniform(0.0, 0.3), acknowledged)
    assert len(acknowledged.pictured) >= 10
    assert harm(url, media, acknowledged) == Harm([], [], [])

    store = EventStore(url)
    store.start()
    await Orphans(store, MediaFolder(media), SystemClock()).sweep()
    left = [path for path in media.rglob("*") if path.is_file()]
    assert store.known([path.stem for path in left]) == {path.stem for path in left}, "each has its event"
    assert all(is_whole(path.read_bytes()) for path in left)
    store.close()
