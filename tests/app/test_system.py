"""The running system with a real analysis process, when things go wrong beside it."""

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.app.system import System
from pipeline.config import loads
from pipeline.core.errors import FramewatchError
from pipeline.core.event import Event
from pipeline.core.status import ModelStatus
from tests.media.streams import Recording

STARTS_ONCE = """
from pathlib import Path
from framewatch import ModelError, Options

class Fragile:
    class Options(Options):
        marker: str

    labels = {0: "person"}
    description = "works once"

    def __init__(self, options):
        self.marker = Path(options.marker)

    def load(self):
        if self.marker.exists():
            raise ModelError("the accelerator has gone")
        self.marker.touch()

    def close(self):
        pass

    async def detect(self, frame, *, min_score):
        from framewatch import Detections
        return Detections.empty(self.labels)
"""


def system_of(folder: Path, text: str) -> System:
    stored = f"store: {{url: 'sqlite:///{folder}/events.db', media: '{folder}/media'}}\n"
    return System(loads(stored + text, name=str(folder / "cameras.yaml")))


def with_fragile_model(folder: Path) -> System:
    (folder / "fragile.py").write_text(STARTS_ONCE)
    model = f"{{type: '{folder}/fragile.py:Fragile', marker: '{folder}/marker'}}"
    camera = "cameras: {demo: {inputs: [{path: demo}], lines: {gate: {from: [0, .5], to: [1, .5]}}}}"
    return system_of(folder, f"models: {{general: {model}}}\npipeline: [detect]\n{camera}\n")


async def until(condition: Callable[[], Any], within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.02)


async def stopped_in(system: System) -> float:
    began = time.monotonic()
    await system.stop()
    return time.monotonic() - began


async def test_it_ends_in_time_though_cameras_sinks_and_store_hang(tmp_path: Path, silent_port: int) -> None:
    address = f"127.0.0.1:{silent_port}"
    cameras = "".join(f"  c{n}: {{inputs: [{{path: 'rtsp://{address}/{n}'}}]}}\n" for n in range(8))
    rule = "alerts: [{name: all, send: hook}]\n"
    sinks = f"sinks: {{hook: {{type: webhook, url: 'http://{address}/'}}}}\n"
    system = system_of(tmp_path, f"pipeline: []\n{rule}{sinks}cameras:\n{cameras}")
    await system.start()
    await until(lambda: system.camera("c0").analysis == "running")
    system._service.on_event(Event(id="e", type="any", camera="c0", started_at=1.0, ended_at=1.0, state="end"))
    await until(lambda: system.store.get("e"))
    other = sqlite3.connect(tmp_path / "events.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    system._service.on_event(Event(id="f", type="any", camera="c0", started_at=1.0, ended_at=1.0, state="end"))
    await asyncio.sleep(0.1)
    took_s = await stopped_in(system)
    other.close()
    assert took_s < 7, "five seconds, and two for a machine that is busy with other tests"


@pytest.mark.parametrize("broken", ["store", "media"])
async def test_a_start_that_fails_half_way_can_be_stopped(tmp_path: Path, broken: str) -> None:
    (tmp_path / ("events.db" if broken == "store" else "media")).write_text("something else")
    system = system_of(tmp_path, "pipeline: []\ncameras: {demo: {inputs: [{path: demo}]}}\n")
    with pytest.raises(FramewatchError, match=broken if broken == "media" else "events.db"):
        await system.start()
    assert await stopped_in(system) < 5


async def test_a_model_that_worked_once_is_tried_again_and_ends_nothing(tmp_path: Path) -> None:
    system = with_fragile_model(tmp_path)
    await system.start()
    try:
        await until(lambda: system.camera("demo").analysis == "running")
        await until(lambda: system.models() == [ModelStatus("general", "works once")])
        now, counts = time.time(), {"person": {"in": 1, "out": 0}}
        crossing = Event.instant("line_cross", camera="demo", at=now, line="gate", counts=counts, counted_since=now)
        system.line_counts.hear(crossing)
        assert system.lines("demo")["gate"].counts["person"]["in"] == 1
        os.kill(system.analysis_pid or 0, signal.SIGKILL)
        await until(lambda: any("accelerator" in reason for reason in system.not_ready()))
        assert system.lines("demo")["gate"].counts["person"]["in"] == 0, "who counted has gone"
        assert system.models() == [ModelStatus("general", "")]
        assert not system.failed.done(), "video, recordings and events go on"
        (tmp_path / "marker").unlink()
        await until(lambda: system.camera("demo").analysis == "running")
    finally:
        await system.stop()


async def test_a_model_that_never_worked_is_told(tmp_path: Path) -> None:
    (tmp_path / "marker").touch()
    system = with_fragile_model(tmp_path)
    await system.start()
    try:
        assert "accelerator" in str(await asyncio.wait_for(system.failed, 60))
    finally:
        await system.stop()


async def test_who_watches_a_view_is_told_when_its_maker_dies_and_when_it_is_back(tmp_path: Path) -> None:
    system = system_of(tmp_path, "pipeline: []\ncameras: {demo: {inputs: [{path: demo}]}}\n")
    await system.start()
    try:
        heard = Recording()
        system.stream("demo", "burned").subscribe(heard)
        await until(lambda: len(heard.packets) > 1)
        os.kill(system.analysis_pid or 0, signal.SIGKILL)
        await until(lambda: "lost" in heard.heard)
        await until(
            lambda: [word for word in heard.heard if isinstance(word, str)] == ["opened 1280", "lost", "opened 1280"]
        )
    finally:
        await system.stop()
