"""A running system whose configuration changes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.app.system import System
from pipeline.config import loads
from pipeline.core.errors import UnavailableError
from tests.app.test_system import system_of, until
from tests.media.streams import Recording

EVERYWHERE = "zones: {lawn: {coordinates: [[0, 0], [1, 0], [1, 1], [0, 1]]}}"


def cameras(**inputs: str) -> str:
    return "pipeline: []\ncameras:\n" + "".join(f"  {name}: {{{text}}}\n" for name, text in inputs.items())


@asynccontextmanager
async def running(folder: Path, text: str) -> AsyncIterator[tuple[System, Callable[[str], Any]]]:
    """The system, and a function that makes it as another text says."""
    system = system_of(folder, text)
    stored = f"store: {{url: 'sqlite:///{folder}/events.db', media: '{folder}/media'}}\n"
    await system.start()
    try:
        await until(lambda: system.analysis().state == "running")
        yield system, lambda other: system.apply(loads(stored + other, name=str(folder / "cameras.yaml")))
    finally:
        await system.stop()


async def test_a_zone_is_drawn_while_the_video_goes_on(tmp_path: Path) -> None:
    async with running(tmp_path, cameras(yard="inputs: [{path: demo}]")) as (system, apply):
        await until(lambda: system.camera("yard").fps_analysed > 0)
        heard = Recording()
        system.stream("yard", "overlay").subscribe(heard)
        await apply(cameras(yard="inputs: [{path: demo}], " + EVERYWHERE))
        assert [*system.plan("yard").zones] == ["lawn"]
        before = len(heard.packets)
        await until(lambda: len(heard.packets) > before + 25)
        await until(lambda: system.camera("yard").fps_analysed > 0)
        assert "lost" not in heard.heard


async def test_cameras_come_and_go_in_the_order_of_the_configuration(tmp_path: Path) -> None:
    one, two = "inputs: [{path: demo}]", "inputs: [{path: demo}], detect: {fps: 2}"
    async with running(tmp_path, cameras(yard=one)) as (system, apply):
        await apply(cameras(gate=two, yard=one))
        assert [status.name for status in system.cameras()] == ["gate", "yard"]
        await system.switches.snooze("camera", "gate", 4e9)
        await until(lambda: system.camera("gate").fps_analysed > 0)
        await apply(cameras(gate=two))
        assert [status.name for status in system.cameras()] == ["gate"]
        with pytest.raises(KeyError):
            system.camera("yard")


async def test_who_watches_a_camera_that_goes_is_told_and_no_outage_is(tmp_path: Path) -> None:
    async with running(tmp_path, cameras(yard="inputs: [{path: demo}]", gate="inputs: [{path: demo}]")) as (
        system,
        apply,
    ):
        gone: list[str] = []
        system.gone.subscribe(gone.append)
        await until(lambda: system.camera("yard").fps_analysed > 0)
        pictures = system.stills("yard")
        await anext(pictures)
        await apply(cameras(gate="inputs: [{path: demo}]"))
        with pytest.raises(StopAsyncIteration):
            async with asyncio.timeout(10):
                while True:
                    await anext(pictures)
        assert gone == ["yard"]
        await asyncio.sleep(6)
        assert system.store.list().items == []


async def test_what_is_switched_off_stays_off_until_it_is_switched_on(tmp_path: Path) -> None:
    one = "inputs: [{path: demo}]"
    async with running(tmp_path, cameras(yard=one)) as (system, apply):
        await system.switch("yard", False)
        await apply(cameras(yard=one, gate=one))
        assert [status.name for status in system.cameras()] == ["gate"]
        assert [*system.config.cameras] == ["yard", "gate"]
        await system.switch("yard", True)
        assert [status.name for status in system.cameras()] == ["yard", "gate"]
        await until(lambda: system.camera("yard").fps_analysed > 0)
        with pytest.raises(KeyError):
            await system.switch("attic", True)


async def test_another_address_is_another_stream(tmp_path: Path, silent_port: int) -> None:
    async with running(tmp_path, cameras(yard="inputs: [{path: demo}]")) as (system, apply):
        await until(lambda: system.camera("yard").state == "online")
        await apply(cameras(yard=f"inputs: [{{path: 'rtsp://127.0.0.1:{silent_port}/'}}]"))
        assert system.camera("yard").state == "connecting"
        with pytest.raises(UnavailableError):
            await system.still("yard")


async def test_what_needs_a_new_start_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running(tmp_path, cameras(yard="inputs: [{path: demo}]")) as (system, apply):
        await apply("server: {port: 9999}\n" + cameras(yard="inputs: [{path: demo}]"))
        assert "a new start is needed for what has changed in: server" in caplog.text
        assert system.config.server.port != 9999


async def test_a_camera_whose_model_cannot_be_loaded_says_so(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        "from framewatch import ModelError, Options\n\n"
        "class Broken:\n"
        "    class Options(Options):\n        pass\n\n"
        "    def __init__(self, options): pass\n"
        "    def load(self): raise ModelError('no weights here')\n"
        "    def close(self): pass\n"
    )
    one = "inputs: [{path: demo}]"
    model = (
        f"models: {{general: {{type: yolo, weights: yolov8n.pt}}, other: {{type: '{tmp_path}/broken.py:Broken'}}}}\n"
    )
    async with running(tmp_path, cameras(yard=one)) as (system, apply):
        await apply(model + cameras(yard=one, gate=one + ", pipeline: [detect], detect: {model: other}"))
        await until(lambda: "no weights here" in system.camera("gate").last_error)
        await until(lambda: system.camera("yard").fps_analysed > 0)
