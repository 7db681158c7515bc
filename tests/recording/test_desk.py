"""What is kept for which event; recorders and what they have are as a test says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.core.footage import Kind, Segment
from pipeline.core.messages import FrameResult
from pipeline.core.objects import TrackedObject
from pipeline.core.record import Alerts, Detections, Kept, KeptOfDetections, Mode, Record
from pipeline.recording.desk import LATE_S, RecordingDesk
from pipeline.store.schema import StoreError

RECORD = Record(
    enabled=True,
    detections=Detections(pre_capture=3, post_capture=2),
    alerts=Alerts(pre_capture=6, post_capture=4),
)


@dataclass
class Asked:
    """A recorder that only remembers; it is settled up to `until`."""

    kept: list[tuple[Kind, float, float]] = field(default_factory=list)
    until: float = 0.0

    def keep(self, kind: Kind, begin: float, end: float) -> None:
        self.kept.append((kind, begin, end))

    def settled(self, at: float) -> bool:
        return self.until >= at


@dataclass
class Noted:
    spans: list[tuple[float, float]] = field(default_factory=list)
    alerts: list[tuple[float, float]] = field(default_factory=list)

    def between(self, camera: str | None, begin: float, end: float) -> Sequence[Segment]:
        return [
            Segment("", camera or "", at, over, "", 0, frozenset())
            for at, over in self.spans
            if at < end and begin < over
        ]

    def alert_between(self, camera: str, begin: float, end: float) -> None:
        self.alerts.append((begin, end))


class World:
    def __init__(self, record: Record = RECORD) -> None:
        self.recorder, self.index, self.clock = Asked(), Noted(), ManualClock(150.0)
        self.desk = RecordingDesk(self.index, self.clock)
        self.desk.add("yard", record, self.recorder)

    def frame(self, at: float, *, moving: bool = False, measured: bool = True, stationary: bool = False) -> None:
        box = (0.1, 0.1, 0.2, 0.4)
        seen = TrackedObject("walker", "person", 0.8, box, 100.0, measured=measured, stationary=stationary)
        self.desk.on_result(FrameResult("yard", 0, 0, at, 0.1, [seen], [], moving=moving))


def happened(type: str = "zone_enter", **given: object) -> Event:
    plain = {"started_at": 100.0, "ended_at": 100.0, "state": "end"}
    return Event(id="walker", type=type, camera="yard", **(plain | given))  # type: ignore[arg-type]


def test_around_an_instant() -> None:
    world = World()
    assert world.desk.clip_of(happened(), "none") == "pending"
    assert world.recorder.kept == [("detection", 97.0, 102.0)]


def test_around_an_alert() -> None:
    world = World()
    assert world.desk.clip_of(happened(severity="alert"), "none") == "pending"
    assert world.recorder.kept == [("alert", 94.0, 104.0)]


def test_an_object_is_recorded_while_it_does_something() -> None:
    world = World()
    new = happened("object", state="new", ended_at=None)
    assert world.desk.clip_of(new, "none") == "pending"
    world.frame(110.0)
    world.frame(111.0, stationary=True)
    world.frame(112.0, measured=False)
    world.frame(300.0)
    world.desk.clip_of(replace(new, state="end", ended_at=300.0), "pending")
    world.frame(301.0)
    assert world.recorder.kept == [("detection", 97.0, 102.0), ("detection", 107.0, 112.0), ("detection", 297.0, 302.0)]


@pytest.mark.parametrize(
    ("mode", "kept_at"),
    [
        pytest.param("active_objects", [110], id="while the object moves"),
        pytest.param("motion", [110, 113], id="while anything moves"),
        pytest.param("all", [110, 111, 112, 113], id="while it is in view"),
    ],
)
def test_what_is_kept_of_an_object_that_rests(mode: Mode, kept_at: list[float]) -> None:
    world = World(Record(enabled=True, detections=Detections(retain=KeptOfDetections(days=7, mode=mode))))
    world.desk.clip_of(happened("object", state="new", ended_at=None), "none")
    world.recorder.kept.clear()
    world.frame(110.0, moving=True)
    world.frame(111.0, stationary=True)
    world.frame(112.0, measured=False)
    world.frame(113.0, stationary=True, moving=True)
    assert world.recorder.kept == [("detection", at - 5, at + 5) for at in kept_at]


def test_a_mode_alone_leaves_the_days_as_they_are() -> None:
    record = Record.model_validate(
        {"alerts": {"retain": {"mode": "all"}}, "detections": {"retain": {"mode": "motion"}}}
    )
    assert (record.alerts.retain.days, record.detections.retain.days) == (14, 7)


def test_one_that_becomes_an_alert_is_kept_as_one() -> None:
    world = World()
    new = happened("object", state="new", ended_at=None)
    world.desk.clip_of(new, "none")
    world.desk.clip_of(replace(new, state="update", severity="alert"), "pending")
    world.frame(110.0)
    assert world.recorder.kept[1:] == [("alert", 94.0, 104.0), ("alert", 104.0, 114.0)]


def test_motion_is_kept_where_it_is_asked_for() -> None:
    world = World(Record(enabled=True, motion=Kept(days=2)))
    world.frame(50.0, moving=True)
    world.frame(51.0)
    assert world.recorder.kept == [("motion", 45.0, 55.0)]
    without = World()
    without.frame(50.0, moving=True)
    assert without.recorder.kept == []


NOTHING = Record(enabled=True, detections=Detections(retain=KeptOfDetections(days=0)))


@pytest.mark.parametrize(
    ("record", "event", "clip"),
    [
        pytest.param(RECORD, happened("camera_offline"), "none", id="there is no picture of a camera that is away"),
        pytest.param(NOTHING, happened(), "none", id="detections are not kept"),
        pytest.param(NOTHING, happened(severity="alert"), "pending", id="but alerts are"),
        pytest.param(RECORD, replace(happened(), camera="attic"), "none", id="another camera, which is not recorded"),
    ],
)
def test_what_is_not_recorded(record: Record, event: Event, clip: str) -> None:
    assert World(record).desk.clip_of(event, "none") == clip


async def test_a_clip_is_there_once_its_end_is_on_the_disk() -> None:
    world = World()
    world.desk.clip_of(happened(), "none")
    world.index.spans = [(95.0, 101.0)]
    world.recorder.until = 101.9
    assert await world.desk.settled() == {}
    world.recorder.until = 102.0
    assert await world.desk.settled() == {"walker": "ready"}
    assert await world.desk.settled() == {}
    assert world.desk.clip_of(happened(clip="ready"), "ready") == "ready"


async def test_a_clip_of_which_nothing_could_be_written_has_failed() -> None:
    world = World()
    world.desk.clip_of(happened(), "none")
    world.recorder.until = 102.0
    assert await world.desk.settled() == {"walker": "failed"}


async def test_nobody_waits_for_ever() -> None:
    world = World()
    world.desk.clip_of(happened(started_at=150.0, ended_at=150.0), "none")
    world.clock.advance(LATE_S)
    assert await world.desk.settled() == {}
    world.clock.advance(3)
    assert await world.desk.settled() == {"walker": "failed"}


async def test_what_an_earlier_run_left_open_is_settled_at_once() -> None:
    world = World()
    world.index.spans = [(95.0, 101.0)]
    world.recorder.until = 102.0
    world.desk.resume([happened(clip="pending"), replace(happened(), id="other", started_at=500.0, ended_at=500.0)])
    assert await world.desk.settled() == {"walker": "ready"}


async def test_what_was_kept_as_a_detection_is_kept_as_an_alert() -> None:
    world = World()
    world.desk.clip_of(happened(severity="alert"), "none")
    world.index.spans, world.recorder.until = [(95.0, 101.0)], 104.0
    await world.desk.settled()
    assert world.index.alerts == [(94.0, 104.0)]


async def test_one_that_comes_back_is_recorded_again() -> None:
    world = World()
    world.index.spans, world.recorder.until = [(95.0, 101.0)], 200.0
    world.desk.clip_of(happened("object"), "pending")
    assert await world.desk.settled() == {"walker": "ready"}
    assert world.desk.clip_of(happened("object", state="update", ended_at=None), "ready") == "pending"


async def test_an_index_that_cannot_be_asked_is_told_once_and_asked_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    world.desk.clip_of(happened(), "none")
    world.index.spans, world.recorder.until = [(95.0, 101.0)], 102.0

    def full(*_: object) -> Sequence[Segment]:
        raise StoreError("events.db: database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(world.index, "between", full)
        assert [await world.desk.settled() for _ in range(3)] == [{}] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "which events have their clip is not known for now: events.db: database or disk is full"
    ]
    assert await world.desk.settled() == {"walker": "ready"}
