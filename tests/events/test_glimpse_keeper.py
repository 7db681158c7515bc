"""What was seen but never believed is in the store soon after, and not for ever."""

import logging
from pathlib import Path

import pytest

from pipeline.core.clock import ManualClock
from pipeline.core.glimpse import Glimpse, GlimpseQuery
from pipeline.core.messages import FrameResult
from pipeline.core.metrics import Metrics
from pipeline.events import glimpse_keeper
from pipeline.events.glimpse_keeper import KEPT_S, GlimpseKeeper
from pipeline.store.glimpses import Room, found
from pipeline.store.store import EventStore
from tests.events.test_glimpses import doubted

NOW = 1_700_000_000.0


class World:
    def __init__(self, url: str) -> None:
        self.store = EventStore(url, busy_timeout_s=0.05)
        self.store.start()
        self.clock, self.metrics = ManualClock(NOW), Metrics()
        self.keeper = GlimpseKeeper(self.store, self.clock, self.metrics)

    def passes(self, camera: str, name: str, at: float) -> None:
        """Somebody whom nobody believes."""
        for number, objects in enumerate([[1], [2], []]):
            things = [doubted(looks, name=name, first_seen_at=at) for looks in objects]
            self.keeper.on_result(FrameResult(camera, 0, 0, at + number / 5, 0.1, things, []))

    def kept(self, *cameras: str) -> list[Glimpse]:
        self.store.edit(lambda connection: None).result(timeout=10)  # behind all that waits
        return [*self.store.ask(lambda connection: found(connection, GlimpseQuery(cameras=cameras), 5000)).items]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """One database will do here: `tests/store/test_glimpses.py` asks both."""
    return f"sqlite:///{tmp_path}/events.db"


async def test_many_cameras_in_one_transaction_and_over_a_restart(url: str) -> None:
    world = World(url)
    for camera in range(36):
        for time in range(10):
            world.passes(f"c-{camera}", f"w-{time}", NOW + 10 * time)
    assert world.kept() == []
    await world.keeper.write()
    assert len(world.kept()) == 360
    assert len(world.kept("c-7")) == 10
    world.keeper.on_result(FrameResult("c-0", 0, 0, NOW + 200, 0.1, [doubted(2, first_seen_at=NOW + 200)], []))
    await world.keeper.close()
    world.store.close()
    again = World(url)
    assert len(again.kept()) == 361, "what was seen at the end, too"
    again.store.close()


async def test_a_flood_loses_the_oldest_and_counts_them(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glimpse_keeper, "MOST_WAITING", 5)
    monkeypatch.setattr(glimpse_keeper, "ROOM", Room(at_all=3, an_hour=100))
    world = World(url)
    for time in range(8):
        world.passes("lobby", f"w-{time}", NOW + time)
    world.passes("yard", "w", NOW)
    await world.keeper.write()
    assert [glimpse.first_seen_at - NOW for glimpse in world.kept()] == [7, 6, 5, 4, 0]
    dropped = {"camera": "lobby", "place": "glimpses"}
    assert world.metrics.registry.get_sample_value("framewatch_dropped", dropped) == 4
    await world.keeper.trim()
    assert [glimpse.first_seen_at - NOW for glimpse in world.kept()] == [7, 6, 5, 0], "three of each camera"
    world.clock.advance(KEPT_S + 6)
    await world.keeper.trim()
    assert [glimpse.first_seen_at - NOW for glimpse in world.kept()] == [7, 6]
    world.store.close()


async def test_it_is_done_again_and_again_and_a_camera_that_goes_is_over(url: str) -> None:
    world = World(url)
    world.keeper.on_result(FrameResult("lobby", 0, 0, NOW, 0.1, [doubted(2, first_seen_at=NOW)], []))
    world.keeper.on_gone("lobby")
    world.keeper.start()
    await world.keeper.close()
    assert [glimpse.camera for glimpse in world.kept()] == ["lobby"]
    world.store.close()


async def test_a_store_that_takes_nothing_is_told_of_once(url: str, caplog: pytest.LogCaptureFixture) -> None:
    world = World(url)
    world.store.close()
    for number in range(3):
        world.passes("lobby", f"w-{number}", NOW + number)
        await world.keeper.write()
    await world.keeper.trim()
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "what was seen but not believed is not stored" in caplog.text
    assert "old glimpses are still there" in caplog.text
