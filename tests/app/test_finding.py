"""Looks at what is not in the configuration: of a real server, never too many at once."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from pipeline.app.finding import LOOKS_AT_ONCE, Finder
from pipeline.core.errors import ConfigError, SourceError, UnavailableError
from pipeline.core.found import Look
from tests.sources.http_camera import http_camera
from tests.system.clips import moving_mark


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    clip = moving_mark(tmp_path_factory.mktemp("clips") / "mark.mp4", seconds=2, size=(640, 360))
    with http_camera({"mark.mp4": clip}) as url:
        yield url


async def test_a_look_at_a_server(url: str) -> None:
    seen = await Finder().look(f"{url}/mark.mp4")
    assert (seen.width, seen.height, seen.picture is not None) == (640, 360, True)


async def test_what_is_not_there(url: str) -> None:
    with pytest.raises(SourceError, match="not found"):
        await Finder().look(f"{url}/status/404")


async def test_an_address_that_is_none_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match="in a password %40 for @") as refused:
        await Finder().look("rtsp://admin:open/sesame@10.0.0.5/main")
    assert "sesame" not in repr(refused.value)
    assert refused.value.__context__ is None


async def test_one_too_many_must_come_again(silent_port: int) -> None:
    """Also those count whose asker has gone, until their threads have ended."""
    finder = Finder()
    address = f"rtsp://127.0.0.1:{silent_port}/a"
    waiting = [asyncio.create_task(finder.look(address)) for _ in range(LOOKS_AT_ONCE)]
    await asyncio.sleep(0.1)
    waiting[0].cancel()
    with pytest.raises(UnavailableError, match="2 looks are going on already"):
        await finder.look(address)

    assert isinstance((await asyncio.gather(*waiting, return_exceptions=True))[1], SourceError)
    with pytest.raises(SourceError, match="timed out"):
        await _when_there_is_room(finder, address)


async def _when_there_is_room(finder: Finder, address: str) -> Look:
    while True:
        try:
            return await finder.look(address)
        except UnavailableError:
            await asyncio.sleep(0.05)


def test_the_end_of_the_program_waits_for_no_look(silent_port: int) -> None:
    async def begin() -> asyncio.Task[Look]:
        task = asyncio.create_task(Finder().look(f"rtsp://127.0.0.1:{silent_port}/a"))
        await asyncio.sleep(0.1)
        return task

    task = asyncio.run(begin())
    assert task.cancelled()
    assert [thread.daemon for thread in threading.enumerate() if thread.name == "look"] == [True]
