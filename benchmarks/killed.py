"""`kill -9` at random moments while events with pictures are written: what was acknowledged must be there, whole.

python -m benchmarks.killed --moments 50
"""

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore

SPAN_S = 0.6
"""The kill comes so long after the first acknowledgement, at most."""
WRITER = """
import asyncio, os, sys, time
from hashlib import sha256
from pathlib import Path
from pipeline.core.broadcast import Broadcast
from pipeline.core.clock import SystemClock
from pipeline.core.event import Event
from pipeline.core.ids import new_id
from pipeline.core.messages import FrameResult, Snapshot
from pipeline.core.metrics import Metrics
from pipeline.core.objects import TrackedObject
from pipeline.store.media import MediaFolder
from pipeline.events.service import EventService
from pipeline.store.store import EventStore

def picture():
    content = os.urandom(40_000)
    return content + sha256(content).digest()

async def main(url, media):
    store, told = EventStore(url), Broadcast()
    store.start()
    service = EventService(store, MediaFolder(Path(media)), SystemClock(), Metrics(), broadcast=told)
    await service.start()
    told.subscribe(lambda event: print(event.id, int(event.has_snapshot), flush=True))
    while True:
        at = time.time()
        name = new_id(at)
        seen = TrackedObject(id=name, label="person", score=0.6, box=(0.1, 0.1, 0.2, 0.4), first_seen_at=at)
        service.on_result(FrameResult("lobby", 0, 0, at, 0.1, [seen], []))
        service.on_snapshot(Snapshot("lobby", name, at, 0.8, picture()))
        await asyncio.sleep(0.002)

asyncio.run(main(*sys.argv[1:]))
"""
"""Prints an event's id, and whether it has a picture, once that is acknowledged."""


@dataclass(slots=True)
class Acknowledged:
    """The ids of events, and of those that said they had a picture."""

    events: set[str] = field(default_factory=set)
    pictured: set[str] = field(default_factory=set)

    def read(self, lines: Sequence[str]) -> None:
        for line in lines:
            name, has_picture = line.split()
            self.events.add(name)
            if has_picture == "1":
                self.pictured.add(name)


@dataclass(frozen=True, slots=True)
class Harm:
    """What must be empty."""

    missing: list[str]
    without_picture: list[str]
    half: list[str]


def write_until_killed(url: str, media: Path, after_s: float, acknowledged: Acknowledged) -> None:
    command = [sys.executable, "-c", WRITER, url, str(media)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()  # it is at work: now the time runs
        time.sleep(after_s)
        writer.send_signal(signal.SIGKILL)
        lines = (first + writer.stdout.read()).splitlines(keepends=True)
    assert writer.returncode == -signal.SIGKILL, "it ended by itself"
    acknowledged.read([line for line in lines if line.endswith("\n")])


def harm(url: str, media: Path, acknowledged: Acknowledged) -> Harm:
    store, folder = EventStore(url), MediaFolder(media)
    store.start()
    try:
        missing = [name for name in acknowledged.events if store.get(name) is None]
    finally:
        store.close()
    pictures = {name: folder.snapshot(name) for name in acknowledged.pictured}
    whole = {name: path is not None and is_whole(path.read_bytes()) for name, path in pictures.items()}
    return Harm(
        missing,
        [name for name, path in pictures.items() if path is None],
        [name for name, path in pictures.items() if path is not None and not whole[name]],
    )


def is_whole(picture: bytes) -> bool:
    return sha256(picture[:-32]).digest() == picture[-32:]


def main(
    moments: Annotated[int, typer.Option(help="So many kills.")] = 50,
    url: Annotated[str | None, typer.Option(help="Of an empty store; SQLite in a temporary folder without.")] = None,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 1,
) -> None:
    chosen = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        store, media, acknowledged = url or f"sqlite:///{folder}/events.db", Path(folder) / "media", Acknowledged()
        for _ in range(moments):
            write_until_killed(store, media, chosen.uniform(0.0, SPAN_S), acknowledged)
            found = harm(store, media, acknowledged)
            if found != Harm([], [], []):
                print(f"harm after {len(acknowledged.events)} events: {found}")
                raise typer.Exit(1)
        unfinished = len([*media.rglob("*.part")])
    print(
        f"{moments} kills, {len(acknowledged.events)} events and {len(acknowledged.pictured)} pictures acknowledged: "
        f"none missing, none half; {unfinished} unfinished files for the sweep"
    )


if __name__ == "__main__":
    typer.run(main)
