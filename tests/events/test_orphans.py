"""Pictures without an event go; every other one stays."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.events import orphans
from pipeline.events.orphans import Orphans
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore

MakeEvent = Callable[..., Event]
STARTED_AT = 5_000.0
"""Of this run; the events of `make_event` began at 1,001 and later."""


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


def picture(media: MediaFolder, name: str, at: float) -> Path:
    path = media.write_snapshot(name, "lobby", b"jpeg")
    os.utime(path, (at, at))
    return path


async def sweep(store: EventStore, media: MediaFolder) -> None:
    task = Orphans(store, media, ManualClock(STARTED_AT))
    await task.sweep()


async def test_what_an_earlier_run_left_goes(
    store: EventStore, media: MediaFolder, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "A_TIME", 2)
    for name in ("a", "b", "c"):
        store.save(make_event(id=name)).result(timeout=10)
    kept = [picture(media, name, 2_000.0) for name in ("a", "b", "c")]
    for number in range(5):
        picture(media, f"nobody-{number}", 2_000.0)
    unfinished = kept[0].with_name(".a.jpg.0123abcd.part")
    unfinished.write_bytes(b"jp")
    os.utime(unfinished, (2_000.0, 2_000.0))
    await sweep(store, media)
    assert sorted(path for path in media.root.rglob("*") if path.is_file()) == kept


@pytest.mark.parametrize(
    "at", [pytest.param(STARTED_AT + 1, id="of this run"), pytest.param(900.0, id="of a store before this one")]
)
async def test_what_may_not_be_an_orphan_stays(
    store: EventStore, media: MediaFolder, make_event: MakeEvent, at: float
) -> None:
    store.save(make_event()).result(timeout=10)
    path = picture(media, "nobody", at)
    await sweep(store, media)
    assert path.exists()


async def test_an_empty_store_owns_nothing(store: EventStore, media: MediaFolder) -> None:
    path = picture(media, "nobody", 2_000.0)
    await sweep(store, media)
    assert path.exists()


async def test_without_a_folder_there_is_nothing_to_do(store: EventStore, media: MediaFolder) -> None:
    await sweep(store, media)
    assert not media.root.exists()


async def test_it_can_be_ended_at_any_time(store: EventStore, media: MediaFolder) -> None:
    task = Orphans(store, media, ManualClock(STARTED_AT))
    await task.close()
    task.start()
    await task.close()


async def test_what_nobody_has_thought_of_is_told_and_ends_nothing(
    store: EventStore, media: MediaFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_connection: object) -> None:
        raise ZeroDivisionError("in the store")

    monkeypatch.setattr(store, "ask", broken)
    looking = Orphans(store, media, ManualClock())
    looking.start()
    async with asyncio.timeout(30):
        while not caplog.records:
            await asyncio.sleep(0.005)
    await looking.close()
    assert "ZeroDivisionError: in the store" in caplog.text
