"""Deleting and marking while events go on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from pipeline.core.broadcast import Broadcast
from pipeline.core.clock import ManualClock
from pipeline.core.event import Deleted, Event
from pipeline.core.messages import FrameResult, Snapshot
from pipeline.core.metrics import Metrics
from pipeline.core.objects import TrackedObject
from pipeline.events.editor import EventEditor
from pipeline.events.service import EventService
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore


class World:
    def __init__(self, store: EventStore, folder: Path) -> None:
        self.store = store
        self.media = MediaFolder(folder / "media")
        self.told: list[Event] = []
        self.edited = 0
        broadcast: Broadcast[Event] = Broadcast()
        broadcast.subscribe(self.told.append)
        edits: Broadcast[None] = Broadcast()
        edits.subscribe(self._count)
        self.service = EventService(store, self.media, ManualClock(), Metrics(), broadcast=broadcast)
        self.editor = EventEditor(self.service, store, self.media, edits)

    def _count(self, _: None) -> None:
        self.edited += 1

    def frame(self, at: float, *names: str) -> None:
        objects = [
            TrackedObject(id=name, label="person", score=0.6, box=(0.1, 0.1, 0.2, 0.4), first_seen_at=99.0)
            for name in names
        ]
        self.service.on_result(FrameResult("lobby", 0, 0, at, 0.1, objects, []))

    def picture(self, name: str) -> None:
        self.service.on_snapshot(Snapshot("lobby", name, 100.0, 0.8, b"jpeg"))

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.005)

    async def walker_that_left(self) -> None:
        self.picture("walker")
        self.frame(100.0, "walker")
        self.frame(101.0)
        await self.until(lambda: [event.state for event in self.told] == ["new", "end"])
        assert self.media.snapshot("walker") is not None


@pytest_asyncio.fixture
async def world(store: EventStore, tmp_path: Path) -> AsyncIterator[World]:
    world = World(store, tmp_path)
    await world.editor.start()
    await world.service.start()
    yield world
    await world.service.close()


async def test_a_deleted_event_takes_its_picture_along(world: World) -> None:
    await world.walker_that_left()
    outcome = await world.editor.delete(["walker"])
    assert (outcome.done, outcome.left) == (["walker"], {})
    assert (world.store.get("walker"), world.media.snapshot("walker")) == (None, None)
    assert (world.store.unswept(), world.edited) == ([], 1)
    assert [change for _, change in world.store.since(0)] == [Deleted("walker")]


async def test_what_goes_on_is_left_with_its_picture(world: World) -> None:
    world.picture("walker")
    world.frame(100.0, "walker")
    await world.until(lambda: world.told)
    outcome = await world.editor.delete(["walker", "nobody"])
    assert (outcome.done, outcome.left) == ([], {"walker": "going on", "nobody": "unknown"})
    assert world.media.snapshot("walker") is not None
    world.frame(101.0)
    await world.until(lambda: world.told[-1].state == "end")
    assert world.store.get("walker") == world.told[-1]


async def test_what_comes_late_does_not_bring_it_back(world: World) -> None:
    await world.walker_that_left()
    instant = replace(world.told[-1], id="entered", type="zone_enter", object_id="walker", ended_at=100.0)
    world.service.on_event(instant)
    await world.until(lambda: len(world.told) == 3)
    await world.editor.delete(["walker", "entered"])

    world.picture("walker")
    world.service.on_event(replace(instant, attributes={"colour": "red"}))
    world.frame(102.0, "other")
    await world.until(lambda: len(world.told) == 4)
    await asyncio.sleep(0.05)
    assert [event.id for event in world.store.list().items] == ["other"]
    assert world.media.snapshot("walker") is None


async def test_an_object_that_is_back_in_view_is_kept_from_then_on(world: World) -> None:
    await world.walker_that_left()
    await world.editor.delete(["walker"])
    world.frame(103.0, "walker")
    await world.until(lambda: len(world.told) == 3)
    stored = world.store.get("walker")
    assert stored is not None and (stored.ended_at, stored.has_snapshot) == (None, False)
    world.picture("walker")
    world.frame(104.0)
    await world.until(lambda: world.told[-1].state == "end" and world.told[-1].has_snapshot)
    assert world.media.snapshot("walker") is not None


async def test_a_review_stays_over_later_changes(world: World) -> None:
    world.frame(100.0, "walker")
    await world.until(lambda: world.told)
    outcome = await world.editor.review(["walker", "nobody"], True)
    assert (outcome.done, outcome.left, world.edited) == (["walker"], {"nobody": "unknown"}, 1)
    world.frame(101.0)
    await world.until(lambda: len(world.told) == 2)
    stored = world.store.get("walker")
    assert stored is not None and (stored.state, stored.reviewed) == ("end", True)


async def test_a_picture_that_cannot_be_removed_is_removed_at_the_next_start(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.walker_that_left()

    def refuse(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        assert (await world.editor.delete(["walker"])).done == ["walker"]
    assert "the picture of a deleted event is still there" in caplog.text
    assert (world.store.get("walker"), world.store.unswept()) == (None, ["walker"])
    assert world.media.snapshot("walker") is not None

    again = World(world.store, tmp_path)
    await again.editor.start()
    assert (again.media.snapshot("walker"), world.store.unswept()) == (None, [])
