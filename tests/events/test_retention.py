"""What goes when, as tables: by days, cameras, severities and labels; what is pinned or reviewed stays."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from pipeline.core.broadcast import Broadcast
from pipeline.core.clock import ManualClock
from pipeline.core.event import Deleted, Event
from pipeline.core.metrics import Metrics
from pipeline.core.retain import Events
from pipeline.events import retention
from pipeline.events.editor import EventEditor
from pipeline.events.retention import EventRetention
from pipeline.events.service import EventService
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore

NOW = 1_700_000_000.0
DAY_S = 86_400.0


class World:
    def __init__(self, store: EventStore, folder: Path) -> None:
        self.store = store
        self.media = MediaFolder(folder / "media")
        self.kept: dict[str, Events] = {}
        broadcast: Broadcast[Event] = Broadcast()
        clock = ManualClock(NOW)
        self.service = EventService(store, self.media, clock, Metrics(), broadcast=broadcast)
        self.editor = EventEditor(self.service, store, self.media, Broadcast(), clock)
        self.retention = EventRetention(
            store, self.editor, self.media, clock, lambda camera: self.kept.get(camera, Events())
        )

    def happened(self, name: str, days_ago: float, **given: Any) -> Event:
        at = NOW - days_ago * DAY_S
        plain: dict[str, Any] = {"type": "object", "camera": "lobby", "started_at": at, "ended_at": at + 1}
        event = Event(id=name, **(plain | given))
        self.store.save(event).result(timeout=10)
        return event

    @property
    def left(self) -> set[str]:
        return {event.id for event in self.store.list(limit=500).items}


@pytest_asyncio.fixture
async def world(store: EventStore, tmp_path: Path) -> AsyncIterator[World]:
    world = World(store, tmp_path)
    await world.service.start()
    yield world
    await world.service.close()


def kept(**given: Any) -> Events:
    return Events.model_validate(given)


@pytest.mark.parametrize(
    ("days", "event", "stays"),
    [
        pytest.param({}, {"days_ago": 29}, True, id="a detection of the last month"),
        pytest.param({}, {"days_ago": 31}, False, id="an older one"),
        pytest.param({}, {"days_ago": 31, "severity": "alert"}, True, id="an alert stays longer"),
        pytest.param({}, {"days_ago": 91, "severity": "alert"}, False, id="but not for good"),
        pytest.param({"detections": {"retain": {"days": None}}}, {"days_ago": 900}, True, id="for good"),
        pytest.param({"detections": {"retain": {"days": 0.5}}}, {"days_ago": 0.6}, False, id="half a day"),
        pytest.param({"detections": {"retain": {"days": 0.5}}}, {"days_ago": 0.4}, True, id="less than that"),
        pytest.param(
            {"detections": {"retain": {"days": 1, "objects": {"person": 60}}}},
            {"days_ago": 59, "label": "person"},
            True,
            id="a label with days of its own",
        ),
        pytest.param(
            {"detections": {"retain": {"days": 1, "objects": {"person": 60}}}},
            {"days_ago": 2, "label": "car"},
            False,
            id="another label",
        ),
        pytest.param(
            {"detections": {"retain": {"days": 1, "objects": {"person": 60}}}},
            {"days_ago": 2, "type": "camera_offline"},
            False,
            id="without a label",
        ),
        pytest.param(
            {"detections": {"retain": {"days": 60, "objects": {"car": 1}}}},
            {"days_ago": 2, "label": "car"},
            False,
            id="a label that goes sooner",
        ),
        pytest.param({}, {"days_ago": 31, "ended_at": None}, True, id="what goes on"),
    ],
)
async def test_how_long_events_stay(world: World, days: dict[str, Any], event: dict[str, Any], stays: bool) -> None:
    world.kept["lobby"] = kept(**days)
    world.happened("it", **event)
    world.happened("today", 0.1)
    assert await world.retention.sweep() == int(not stays)
    assert world.left == ({"it", "today"} if stays else {"today"})


async def test_each_camera_has_its_own_days(world: World) -> None:
    world.kept["yard"] = kept(detections={"retain": {"days": 2}})
    for camera in ("lobby", "yard", "gone"):
        for days_ago in (1, 3, 31):
            world.happened(f"{camera}-{days_ago}", days_ago, camera=camera)
    assert await world.retention.sweep() == 4
    assert world.left == {"lobby-1", "lobby-3", "yard-1", "gone-1", "gone-3"}


@pytest.mark.parametrize(
    ("keep", "stay"),
    [([], set()), (["pinned"], {"pinned"}), (["reviewed"], {"seen"}), (["pinned", "reviewed"], {"pinned", "seen"})],
    ids=["nothing", "pinned", "reviewed", "both"],
)
async def test_what_somebody_wants_kept_stays(world: World, keep: list[str], stay: set[str]) -> None:
    world.kept["lobby"] = kept(keep=keep)
    for name in ("plain", "pinned", "seen"):
        world.happened(name, 40)
    await world.editor.pin(["pinned"], True)
    await world.editor.review(["seen"], True)
    await world.retention.run_once()
    assert world.left == stay


async def test_the_object_of_a_pinned_event_stays_for_its_picture(world: World) -> None:
    world.happened("walker", 40)
    world.happened("entered", 40, type="zone_enter", object_id="walker")
    world.happened("other", 40, type="zone_enter", object_id="somebody")
    await world.editor.pin(["entered"], True)
    await world.retention.run_once()
    assert world.left == {"walker", "entered"}


async def test_pictures_go_along_and_pages_are_told(world: World) -> None:
    world.happened("old", 40)
    world.media.write_snapshot("old", "lobby", b"jpeg")
    seq = world.store.last_seq()
    await world.retention.run_once()
    assert world.media.snapshot("old") is None
    assert (world.store.since(seq), world.store.unswept()) == ([(seq + 1, Deleted("old"))], [])


async def test_many_go_in_small_steps_the_oldest_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "A_TIME", 3)
    for number in range(10):
        world.happened(f"event-{number}", 40 + number)
    assert await world.retention.sweep() == 10
    gone = [change.id for _, change in world.store.since(0)]
    assert gone == [f"event-{number}" for number in reversed(range(10))]


async def test_a_store_that_is_away_is_told_once(
    world: World, store: EventStore, caplog: pytest.LogCaptureFixture
) -> None:
    world.happened("old", 40)
    store.close()
    for _ in range(2):
        await world.retention.run_once()
    assert caplog.text.count("old events could not be removed") == 1


async def test_room_is_made_by_the_oldest_with_a_picture(world: World) -> None:
    for number, days_ago in enumerate((5, 4, 3, 2)):
        world.happened(f"walker-{number}", days_ago, has_snapshot=True)
        world.media.write_snapshot(f"walker-{number}", "lobby", b"j" * 1_000)
    world.happened("entered", 6, type="zone_enter")
    world.happened("unseen", 6)
    world.happened("here", 7, ended_at=None)
    await world.editor.pin(["walker-1"], True)

    assert await world.retention.size_bytes() == 4_000
    assert await world.retention.oldest_at() == NOW - 5 * DAY_S
    assert await world.retention.free(1_500) == 2_000, "two, and the pinned one between them stays"
    assert world.left == {"walker-1", "walker-3", "entered", "unseen", "here"}
    assert await world.retention.free(1) == 1_000
    assert await world.retention.oldest_at() is None
    assert await world.retention.free(1) == 0
    assert world.left == {"walker-1", "entered", "unseen", "here"}
