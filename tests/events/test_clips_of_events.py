"""How an event tells of its recording, whoever records."""

from pathlib import Path

import pytest

from pipeline.core.event import ClipState, Event
from pipeline.store.store import EventStore
from tests.events.world import Start, World, entered, rule, seen, start

__all__ = ["start"]


class Footage:
    """Records everything; a test says what has become known."""

    def __init__(self) -> None:
        self.known: dict[str, ClipState] = {}

    def clip_of(self, event: Event, known: ClipState) -> ClipState:
        return known if known in ("ready", "failed") and event.state == "end" else "pending"

    async def settled(self) -> dict[str, ClipState]:
        known, self.known = self.known, {}
        return known


@pytest.fixture
def footage() -> Footage:
    return Footage()


async def test_an_instant_waits_for_its_clip_and_then_says_so(start: Start, footage: Footage) -> None:
    world: World = await start(footage=footage)
    world.service.on_event(entered())
    await world.until(lambda: world.told)
    assert (world.told[0].clip, world.store.awaiting_clips()) == ("pending", [world.told[0]])
    footage.known = {"entered": "ready"}
    await world.until(lambda: len(world.told) == 2)
    assert (world.told[1].clip, world.told[1].state, world.told[1].zone) == ("ready", "end", "door")
    assert world.store.get("entered") == world.told[1]
    assert world.store.awaiting_clips() == []
    assert world.metric("framewatch_events_total", camera="lobby", type="zone_enter") == 1, "it happened once"


async def test_a_picture_that_comes_late_does_not_forget_the_clip(start: Start, footage: Footage) -> None:
    world: World = await start(footage=footage)
    world.frame(100.0, seen())
    await world.until(lambda: world.told)
    world.frame(102.0)
    await world.until(lambda: world.states("walker") == ["new", "end"])
    footage.known = {"walker": "ready"}
    await world.until(lambda: world.told[-1].clip == "ready")
    world.picture("walker")
    await world.until(lambda: world.told[-1].has_snapshot)
    assert (world.told[-1].clip, world.told[-1].state) == ("ready", "end")


async def test_a_clip_is_no_reason_for_an_alert(start: Start, footage: Footage) -> None:
    """One that the cooldown held back stays back, however long ago that was when the clip is there."""
    world: World = await start(rule("door", cooldown=5.0, event=["zone_enter"]), footage=footage)
    world.service.on_event(entered("first"))
    world.service.on_event(entered("second"))
    await world.until(lambda: world.phone.alerts)
    await world.until(lambda: len(world.told) == 2)
    world.clock.advance(60)
    footage.known = {"first": "ready", "second": "ready"}
    await world.until(lambda: len(world.told) == 4)
    assert [event.clip for event in world.told[2:]] == ["ready", "ready"]
    world.service.on_event(entered("third"))
    await world.until(lambda: len(world.phone.alerts) == 2)
    assert [alert.event.id for alert in world.phone.alerts] == ["first", "third"]


async def test_what_has_been_deleted_or_never_was_is_not_told_of(start: Start, footage: Footage) -> None:
    world: World = await start(footage=footage)
    world.service.on_event(entered())
    await world.until(lambda: world.told)
    world.store.remove(["entered"]).result()
    world.service.forget(["entered"])
    footage.known = {"entered": "ready", "somebody": "ready"}
    await world.until(lambda: not footage.known)
    world.service.on_event(entered("later"))
    await world.until(lambda: len(world.told) == 2)
    assert world.told[1].id == "later"
    assert world.store.get("entered") is None


async def test_an_event_of_an_earlier_run_gets_its_clip(start: Start, footage: Footage, tmp_path: Path) -> None:
    before = EventStore(f"sqlite:///{tmp_path}/events.db")
    before.start()
    before.save(entered("before", clip="pending")).result()
    before.close()
    world: World = await start(footage=footage)
    (waiting,) = world.store.awaiting_clips()
    footage.known = {waiting.id: "failed"}
    await world.until(lambda: world.told)
    assert (world.told[0].id, world.told[0].clip) == ("before", "failed")
