"""Kills either plane of a running system at random moments, under load, and looks for alerts that are lost.

    python -m benchmarks.planes_killed --kills 50

Four cameras show a mark that wanders through zones; each event goes to a receiver on this machine. The analysis plane
is killed while the system goes on, the main process with all of it. Prints what the event stream had told of, what
arrived, and how often twice; ends with 1 where something is missing or came with two keys.
"""

import asyncio
import json
import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Annotated, Any

import httpx
import psutil
import typer

from pipeline.store.store import EventStore
from tests.sinks.receiver import Receiver
from tests.system.framewatch import ROOT, Framewatch, wait_for
from tests.system.pages import endless_mark

CAMERAS = 4
_CAMERA = """\
  camera{index}:
    inputs: [{{path: mark.mp4, loop: true}}]
    zones:
      left: {{coordinates: "0,0,0.3,0,0.3,1,0,1", inertia: 1}}
      right: {{coordinates: "0.7,0,1,0,1,1,0.7,1", inertia: 1}}
    lines: {{centre: {{from: [0.5, 0], to: [0.5, 1]}}}}
"""
_CONFIG = """\
store: {{url: "sqlite:///events.db", media: media}}
models: {{general: {{type: ./mark_detector.py:MarkDetector}}}}
detect: {{fps: 5}}
alerts: [{{name: all, when: {{event: [zone_enter, zone_leave, line_cross]}}, send: phone}}]
sinks: {{phone: {{type: webhook, url: "{hook}"}}}}
cameras:
"""


@dataclass
class Told:
    """Events that the event stream told of as alerts: they are acknowledged."""

    ids: set[str] = field(default_factory=set)

    def listen(self, url: str) -> None:
        """Until the system is gone."""
        with (
            suppress(httpx.HTTPError),
            httpx.stream("GET", f"{url}/api/v1/events/stream", timeout=None) as answer,
        ):
            for line in answer.iter_lines():
                if line.startswith("data: ") and (event := json.loads(line[6:])).get("rules"):
                    self.ids.add(event["id"])


def main(kills: Annotated[int, typer.Option(min=1)] = 50, seed: int = 1) -> None:
    """Kill and compare."""
    moments, told = random.Random(seed), Told()
    with TemporaryDirectory() as name, receiving() as (receiver, _):
        folder = Path(name)
        prepare(folder, receiver.url)
        analyses = sum(_round(folder, moments, told) for _ in range((kills + 1) // 2))
        drain(folder)
        store = EventStore(f"sqlite:///{folder}/events.db")
        store.start()
        missing = [event for event in told.ids if store.get(event) is None]
        store.close()
    keys: dict[str, set[str]] = {}
    for body in receiver.bodies:
        keys.setdefault(body["event"]["id"], set()).add(body["id"])
    unheard = [event for event in told.ids if event not in keys]
    doubled = [event for event, found in keys.items() if len(found) > 1]
    print(f"main process killed {(kills + 1) // 2} times, analysis {analyses} times; {len(told.ids)} alerts told of")
    print(f"missing: {len(missing)} events, {len(unheard)} alerts; with two keys: {len(doubled)}")
    print(f"arrived: {len(receiver.bodies)} alerts of {len(keys)} events")
    if missing or unheard or doubled or not told.ids:
        raise typer.Exit(1)


def prepare(folder: Path, hook: str) -> None:
    """What `framewatch run cameras.yaml` needs in `folder`."""
    shutil.copy(ROOT / "tests" / "system" / "mark_detector.py", folder)
    endless_mark(folder / "mark.mp4")
    cameras = "".join(_CAMERA.format(index=index) for index in range(CAMERAS))
    (folder / "cameras.yaml").write_text(_CONFIG.format(hook=hook) + cameras)


def _round(folder: Path, moments: random.Random, told: Told) -> int:
    """One kill of the analysis, then one of all of it; returns how many analyses were killed."""
    with Framewatch("run", "cameras.yaml", folder=folder) as system:
        listener = Thread(target=told.listen, args=(system.url,), daemon=True)
        listener.start()
        system.until_analysing("camera0")
        time.sleep(moments.uniform(0, 2))
        children = psutil.Process(system.process.pid).children(recursive=True)
        for child in system.children():
            with suppress(psutil.NoSuchProcess):
                psutil.Process(child).send_signal(signal.SIGKILL)
        time.sleep(moments.uniform(0, 4))
        children += psutil.Process(system.process.pid).children(recursive=True)
        system.process.kill()
        system.process.wait()
        listener.join(10)
        psutil.wait_procs({child for child in children if child.is_running()}, timeout=10)
    return 1


def drain(folder: Path) -> None:
    """Until everything that waits has arrived."""
    with Framewatch("run", "cameras.yaml", folder=folder) as system:
        left_at = system.api.get("/api/v1/alerts/deliveries?limit=1").json()["deliveries"]
        newest = left_at[0]["id"] if left_at else 0

        def old_ones() -> list[Any]:
            waiting = system.api.get("/api/v1/alerts/deliveries?state=waiting&limit=500").json()["deliveries"]
            return [each for each in waiting if each["id"] <= newest]

        wait_for(lambda: not old_ones(), 120, lambda: f"{len(old_ones())} still wait")


@contextmanager
def receiving() -> Iterator[tuple[Receiver, asyncio.AbstractEventLoop]]:
    """A receiver, and the loop that it is on, on a thread of its own."""
    loop, receiver = asyncio.new_event_loop(), Receiver()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(receiver.start(), loop).result(30)
    try:
        yield receiver, loop
    finally:
        asyncio.run_coroutine_threadsafe(receiver.stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


if __name__ == "__main__":
    typer.run(main)
