import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pipeline.alerts import alert_history
from pipeline.alerts.alert_maker import AlertMaker
from pipeline.alerts.alerting import PICTURE_WITHIN_S
from pipeline.alerts.alerts import Alerts
from pipeline.core.broadcast import Broadcast
from pipeline.core.event import Event
from pipeline.events import path_keeper
from pipeline.events import service as service_module
from pipeline.events.service import EventService
from pipeline.events.unstored import AGAIN_S
from pipeline.store.media import MediaError, MediaFolder
from pipeline.store.store import EventStore
from tests.alerts.sinks import ListSink
from tests.events.world import Start, World, entered, rule, seen, start

__all__ = ["start"]


async def test_an_object_from_its_first_frame_to_its_end(start: Start) -> None:
    world: World = await start()
    world.frame(100.0, seen())
    await world.until(lambda: world.told)
    assert world.store.get("walker") == world.told[0], "what is told is stored already"
    world.frame(101.0, seen(zones=["door"]))
    await world.until(lambda: len(world.told) == 2)
    world.frame(102.0)
    await world.until(lambda: len(world.told) == 3)
    assert world.states("walker") == ["new", "update", "end"]
    stored = world.store.get("walker")
    assert stored is not None and (stored.ended_at, stored.zones, stored.severity) == (101.0, ["door"], "detection")
    assert world.metric("framewatch_events_total", camera="lobby", type="object") == 1


async def test_where_an_object_went_is_kept_while_it_goes_and_at_the_end(start: Start) -> None:
    world: World = await start()
    world.frame(100.0, seen(box=(0.1, 0.1, 0.2, 0.4)))
    world.frame(101.0, seen(box=(0.3, 0.1, 0.4, 0.4)))
    await world.until(lambda: world.told)
    assert world.store.path("walker") == []
    world.clock.advance(path_keeper.EVERY_S)
    world.frame(102.0, seen(box=(0.3, 0.1, 0.4, 0.4), zones=["door"]))
    await world.until(lambda: world.store.path("walker"))
    assert world.store.path("walker") == [
        (100.0, 0.1, 0.1, 0.2, 0.4),
        (101.0, 0.3, 0.1, 0.4, 0.4),
        (102.0, 0.3, 0.1, 0.4, 0.4),
    ]
    world.frame(103.0, seen(box=(0.3, 0.1, 0.4, 0.8)))
    await world.service.close()
    await world.until(lambda: len(world.store.path("walker")) == 4)


async def test_instants_are_stored_told_and_counted(start: Start) -> None:
    world: World = await start()
    world.service.on_event(entered())
    await world.until(lambda: world.told)
    assert world.store.get("entered") == entered()
    assert world.metric("framewatch_events_total", camera="lobby", type="zone_enter") == 1


@pytest.mark.parametrize("first", ["picture", "event"])
async def test_a_picture_belongs_to_its_event_whichever_comes_first(start: Start, first: str) -> None:
    world: World = await start()
    if first == "picture":
        world.picture("walker")
        world.frame(100.0, seen())
    else:
        world.frame(100.0, seen())
        await world.until(lambda: world.told)
        world.picture("walker")
    await world.until(lambda: world.told and world.told[-1].has_snapshot)
    path = world.media.snapshot("walker")
    assert path is not None and path.read_bytes() == b"jpeg"
    world.frame(101.0)
    await world.until(lambda: "end" in world.states("walker"))
    stored = world.store.get("walker")
    assert stored is not None and stored.has_snapshot


async def test_a_better_picture_replaces_it_without_another_change(start: Start) -> None:
    world: World = await start()
    world.picture("walker")
    world.frame(100.0, seen())
    await world.until(lambda: world.told)
    world.picture("walker", b"better")
    await world.until(lambda: world.media.snapshot("walker").read_bytes() == b"better")  # type: ignore[union-attr]
    assert len(world.told) == 1


async def test_a_picture_that_comes_after_the_end_is_kept(start: Start) -> None:
    world: World = await start()
    world.frame(100.0, seen())
    world.frame(101.0)
    await world.until(lambda: len(world.told) == 2)
    world.picture("walker")
    await world.until(lambda: len(world.told) == 3)
    assert (world.told[-1].state, world.told[-1].has_snapshot, world.told[-1].ended_at) == ("end", True, 100.0)


async def test_a_picture_without_an_event_is_not_written(start: Start) -> None:
    world: World = await start()
    world.picture("nobody")
    world.frame(100.0, seen())
    await world.until(lambda: world.told)
    assert world.media.snapshot("nobody") is None


async def test_pictures_nobody_wants_are_bounded_and_counted(start: Start) -> None:
    world: World = await start()
    for number in range(130):
        world.picture(f"nobody-{number}")
    assert world.metric("framewatch_dropped", camera="lobby", place="snapshots") == 2


async def test_an_alert_names_its_rule_and_brings_picture_and_address(start: Start) -> None:
    world: World = await start(
        rule("door", event="zone_enter"), maker=AlertMaker(link_to="https://watch.example/?event={}".format)
    )
    world.frame(100.0, seen())
    world.picture("walker")
    world.service.on_event(entered(object_id="walker"))
    await world.until(lambda: world.phone.alerts)
    (alert,) = world.phone.alerts
    assert (alert.rule, alert.snapshot, alert.url) == ("door", b"jpeg", "https://watch.example/?event=entered")
    assert (alert.event.severity, alert.event.rules) == ("alert", ["door"])
    stored = world.store.get("entered")
    assert stored is not None and (stored.severity, stored.rules) == ("alert", ["door"])
    assert world.metric("framewatch_alerts_total", sink="phone", outcome="delivered") == 1


async def test_an_alert_waits_for_its_picture_but_not_for_long(start: Start) -> None:
    world: World = await start(rule("any person", event="object"))
    world.frame(100.0, seen("first"))
    await world.until(lambda: world.told)
    await asyncio.sleep(0.02)
    assert world.phone.alerts == []
    world.picture("first")
    await world.until(lambda: len(world.phone.alerts) == 1)
    world.frame(101.0, seen("first"), seen("second"))
    await world.until(lambda: "new" in world.states("second"))
    world.clock.advance(0.6)
    await world.until(lambda: len(world.phone.alerts) == 2)
    assert [alert.snapshot for alert in world.phone.alerts] == [b"jpeg", None]


async def test_an_event_alerts_once_for_each_rule_however_often_it_changes(start: Start) -> None:
    world: World = await start(rule("person", objects="person"), rule("at the door", zones="door"))
    world.picture("walker")
    world.frame(100.0, seen())
    world.frame(101.0, seen(zones=["door"]))
    world.frame(102.0, seen(zones=["door", "hall"]))
    world.frame(103.0)
    await world.until(lambda: "end" in world.states("walker"))
    await world.until(lambda: len(world.phone.alerts) == 2)
    assert [alert.rule for alert in world.phone.alerts] == ["person", "at the door"]
    assert len({alert.id for alert in world.phone.alerts}) == 2
    stored = world.store.get("walker")
    assert stored is not None and stored.rules == ["person", "at the door"]


async def test_a_cooldown_keeps_alerts_back_but_not_their_severity(start: Start) -> None:
    world: World = await start(rule("door", event="zone_enter", cooldown=60))
    for name in ("first", "second"):
        world.service.on_event(entered(name))
    await world.until(lambda: len(world.told) == 2)
    world.service.on_event(Event(id="next round", type="other", camera="lobby", started_at=1.0, ended_at=1.0))
    await world.until(lambda: len(world.told) == 3)
    world.clock.advance(61)
    world.service.on_event(entered("third"))
    await world.until(lambda: len(world.phone.alerts) == 2)
    assert [alert.event.id for alert in world.phone.alerts] == ["first", "third"]
    assert [event.severity for event in world.told if event.type == "zone_enter"] == ["alert"] * 3


def delivered(world: World) -> list[str]:
    """The events whose alerts have arrived, as the store knows it."""
    found = world.store.ask(lambda connection: alert_history.found(connection, states=["delivered"], limit=100))
    return [each.event for each in reversed(found)]


def left_out(world: World, name: str) -> list[tuple[str, int, str]]:
    found = world.alerts.memory.what_was_left_out(name)
    return [(each.reason, each.events, each.last_event) for each in found]


async def test_why_a_rule_kept_still_is_remembered(start: Start) -> None:
    world: World = await start(rule("door", event="zone_enter", objects="person", zones="door", cooldown=60))
    world.service.on_event(entered("first"))
    world.service.on_event(entered("second"))
    world.service.on_event(entered("cat", label="cat"))
    world.service.on_event(entered("hall", zone="hall"))
    world.service.on_event(Event(id="other", type="other", camera="lobby", started_at=1.0, ended_at=1.0, state="end"))
    await world.until(lambda: len(left_out(world, "door")) == 3 and delivered(world) == ["first"])
    assert sorted(left_out(world, "door")) == [("cooldown", 1, "second"), ("object", 1, "cat"), ("zone", 1, "hall")]


async def test_an_object_is_left_out_when_it_has_gone_and_not_before(start: Start) -> None:
    world: World = await start(rule("at the door", event="object", zones="door"))
    world.frame(100.0, seen("walker"), seen("passer"))
    world.frame(101.0, seen("walker", zones=["door"]), seen("passer"))
    await world.until(lambda: len(world.told) == 3)
    assert left_out(world, "at the door") == []
    world.frame(102.0)
    await world.until(lambda: len(world.told) == 5)
    assert left_out(world, "at the door") == [("zone", 1, "passer")]


async def test_what_a_classifier_says_late_takes_back_that_it_was_left_out(start: Start) -> None:
    world: World = await start(rule("red", event="zone_enter", attributes={"colour": "red"}))
    world.service.on_event(entered("car", object_id="c"))
    world.service.on_event(entered("bike", object_id="b"))
    await world.until(lambda: len(world.told) == 2)
    assert left_out(world, "red") == [("attributes", 2, "bike")]
    world.frame(100.0, seen("c", attributes={"colour": "red"}))
    await world.until(lambda: len(world.told) == 4)
    world.clock.advance(0.6)
    await world.until(lambda: "car" in [alert.event.id for alert in world.phone.alerts])
    assert left_out(world, "red") == [("attributes", 1, "bike")]


async def test_a_camera_that_goes_away_ends_its_objects_and_is_told(start: Start) -> None:
    world: World = await start(rule("offline", event="camera_offline"), rule("back", event="camera_online"))
    world.frame(100.0, seen())
    world.service.on_camera("lobby", False, "unreachable", 1_000.0)
    await world.until(lambda: world.told)
    world.clock.advance(5)
    await world.until(lambda: len(world.told) == 3)
    assert world.states("walker") == ["new", "end"]
    offline = world.told[-1]
    assert (offline.type, offline.data, offline.severity) == ("camera_offline", {"reason": "unreachable"}, "alert")
    await world.until(lambda: world.phone.alerts)
    world.service.on_camera("lobby", True, "", 1_010.0)
    await world.until(lambda: len(world.told) == 5)
    ended, back = world.told[-2:]
    assert (ended.id, ended.ended_at) == (offline.id, 1_010.0)
    assert (back.type, back.started_at, back.data) == ("camera_online", 1_010.0, {"offline_s": 10.0})
    await world.until(lambda: [alert.rule for alert in world.phone.alerts] == ["offline", "back"])


async def test_what_rules_have_begun_ends_with_the_camera(start: Start) -> None:
    world: World = await start()
    crowd = Event.span("count_over", camera="lobby", since=900.0, zone="hall", count=6)
    for event in (crowd, Event.span("count_over", camera="yard", since=900.0, zone="street", count=6)):
        world.service.on_event(event)
    await world.until(lambda: len(world.told) == 2)
    world.service.on_change("lobby")
    await world.until(lambda: len(world.told) == 3)
    assert (world.told[-1].id, world.told[-1].state, world.told[-1].ended_at) == (crowd.id, "end", 1_000.0)
    world.service.on_camera("yard", False, "unreachable", 950.0)
    world.clock.advance(6)
    await world.until(lambda: len(world.told) == 5)
    assert [(event.type, event.state) for event in world.told[-2:]] == [
        ("count_over", "end"),
        ("camera_offline", "new"),
    ]
    assert world.told[-2].ended_at == 950.0


async def test_close_ends_and_stores_what_is_open(start: Start) -> None:
    world: World = await start()
    world.frame(100.0, seen())
    await world.service.close()
    stored = world.store.get("walker")
    assert stored is not None and (stored.state, stored.ended_at) == ("end", 100.0)
    assert world.states("walker") == ["new", "end"]
    await world.service.close()


async def test_what_a_killed_run_left_open_is_ended(start: Start, tmp_path: Path) -> None:
    earlier = EventStore(f"sqlite:///{tmp_path}/events.db")
    earlier.start()
    walker = Event(id="walker", type="object", camera="lobby", started_at=5.0, data={"last_seen_at": 9.0})
    outage = Event(id="outage", type="camera_offline", camera="yard", started_at=7.0)
    for done in [earlier.save(walker), earlier.save(outage)]:
        done.result(timeout=10)
    earlier.close()
    world: World = await start(rule("all"))
    assert world.store.unfinished() == []
    ended = [(event.id, event.state, event.ended_at) for event in world.store.list().items]
    assert ended == [("outage", "end", 7.0), ("walker", "end", 9.0)]
    assert world.phone.alerts == [] and world.told == []


async def test_what_a_store_refuses_alerts_at_once_and_is_stored_when_that_can_be(start: Start, tmp_path: Path) -> None:
    world: World = await start(rule("door", event="zone_enter"))
    world.frame(100.0, seen())
    await world.until(lambda: world.told)
    with full(tmp_path / "events.db"):
        world.service.on_event(entered("late"))
        world.frame(101.0, seen(zones=["door"]))
        world.frame(102.0)
        await world.until(lambda: world.phone.alerts)
        await world.until(lambda: world.metric("framewatch_dropped", camera="lobby", place="store") == 3)
        assert len(world.told) == 1
    world.clock.advance(AGAIN_S)
    await world.until(lambda: "end" in world.states("walker") and world.states("late"))
    stored, late = world.store.get("walker"), world.store.get("late")
    assert stored is not None and (stored.state, stored.ended_at, stored.zones) == ("end", 101.0, ["door"])
    assert late is not None and (late.severity, late.rules) == ("alert", ["door"])
    assert world.metric("framewatch_events_total", camera="lobby", type="zone_enter") == 1
    assert world.metric("framewatch_dropped", camera="lobby", place="store") == 3, "not each try counts"
    assert len(world.phone.alerts) == 1


async def test_what_is_deleted_while_the_store_takes_nothing_stays_deleted(start: Start, tmp_path: Path) -> None:
    world: World = await start()
    with full(tmp_path / "events.db"):
        world.service.on_event(entered("late"))
        await world.until(lambda: world.metric("framewatch_dropped", camera="lobby", place="store") == 1)
        async with world.service.turn:
            world.service.forget(["late"])
    world.clock.advance(AGAIN_S)
    world.service.on_event(entered("kept"))
    await world.until(lambda: world.told)
    await world.service.close()
    assert [event.id for event in world.told] == ["kept"]


@contextmanager
def full(store: Path) -> Iterator[None]:
    """As long as it takes nothing."""
    other = sqlite3.connect(store, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


async def test_a_disk_that_refuses_pictures_costs_pictures_only(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world: World = await start()
    (tmp_path / "media" / "snapshots").write_text("a file where the folder should be")
    for name in "abc":
        world.picture(name)
    world.frame(100.0, *(seen(name) for name in "abc"))
    await world.until(lambda: len(world.told) == 3)
    assert not any(event.has_snapshot for event in world.told)
    assert caplog.text.count("snapshots are not kept") == 1


async def test_a_media_folder_that_cannot_be_used_is_told_at_the_start(start: Start, tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file where the folder should be")
    with pytest.raises(MediaError, match="wanted a folder to write into"):
        await start()


async def test_more_than_fits_loses_updates_first(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    world: World = await start()
    for number in range(2_000):  # without a pause: the service cannot take any meanwhile
        world.service.on_event(Event(id=f"u{number}", type="x", camera="lobby", started_at=1.0, state="update"))
    for number in range(1_000):
        world.service.on_event(entered(f"e{number:03}"))
    assert world.metric("framewatch_dropped", camera="lobby", place="events") == 1_976
    await world.until(lambda: len(world.told) == 1_024)
    assert len(world.store.list(limit=2_000).items) == 1_024
    assert [event.id for event in world.told if event.state == "end"] == [f"e{number:03}" for number in range(1_000)]


async def test_a_service_with_nothing_to_do_rests(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    world: World = await start()
    rounds = 0
    run_once = world.service._run_once

    async def counted() -> None:
        nonlocal rounds
        rounds += 1
        await run_once()

    monkeypatch.setattr(world.service, "_run_once", counted)
    world.frame(100.0, seen())
    world.frame(100.1, seen())
    await asyncio.sleep(0.3)
    assert 1 <= rounds <= 4


async def test_what_is_remembered_is_bounded(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "REMEMBERED", 3)
    world: World = await start()
    for number in range(10):
        world.service.on_event(entered(f"e{number}"))
    await world.until(lambda: len(world.told) == 10)
    assert len(world.service._latest) == 3


async def test_who_is_still_there_is_remembered_longer_than_what_is_over(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "REMEMBERED", 3)
    world: World = await start(rule("any person", event="object"))
    world.frame(100.0, seen("parked"))
    for number in range(5):
        world.service.on_event(entered(f"passer-by-{number}"))
    await world.until(lambda: len(world.told) == 6)
    world.clock.advance(PICTURE_WITHIN_S)
    await world.until(lambda: world.phone.alerts)
    world.frame(101.0)
    await world.until(lambda: "end" in world.states("parked"))
    assert world.told[-1].rules == ["any person"]
    assert world.metric("framewatch_events_total", camera="lobby", type="object") == 1, "it is not taken for a new one"
    assert [alert.event.id for alert in world.phone.alerts] == ["parked"], "it is told once, not again when it leaves"


@pytest.mark.parametrize(
    "nonsense",
    [
        {"box": (nan, 0.0, 1.0, 1.0)},
        {"attributes": {"speed": inf}},
        {"started_at": nan},
        {"ended_at": inf},
        {"started_at": 1e300, "ended_at": 1e300},
        {"ended_at": None, "data": {"last_seen_at": "just now"}},
        {"data": {"anything": int}},
        {"label": "\udc80"},
    ],
    ids=str,
)
async def test_an_event_that_could_not_be_read_again_takes_no_other_along(start: Start, nonsense: Any) -> None:
    world: World = await start(rule("at night", schedule="22:00-06:00"))
    world.service.on_event(entered("nonsense", **nonsense))
    world.service.on_event(entered())
    await world.until(lambda: world.told)
    assert [event.id for event in world.store.list().items] == ["entered"]
    assert world.metric("framewatch_dropped", camera="lobby", place="events") == 1


async def test_a_disk_that_cannot_be_read_costs_the_picture_of_an_alert_only(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    world: World = await start(rule("door", event="zone_enter"))

    def broken(_event_id: str) -> Path:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(world.media, "snapshot", broken)
    world.service.on_event(entered("first"))
    world.service.on_event(entered("second"))
    await world.until(lambda: len(world.phone.alerts) == 2)


async def test_sinks_are_closed_even_where_the_start_failed(start: Start, tmp_path: Path) -> None:
    world: World = await start()
    (tmp_path / "file").touch()
    sink = ListSink()
    media = MediaFolder(tmp_path / "file")
    alerts = Alerts((), {"phone": sink}, world.store, media, world.clock, world.metrics)
    service = EventService(world.store, media, world.clock, world.metrics, broadcast=Broadcast(), alerts=alerts)
    with pytest.raises(MediaError):
        await service.start()
    await service.close()
    assert sink.closed


RED: dict[str, Any] = {"colour": "red", "colour_score": 0.9}


async def test_an_alert_for_what_is_found_out_of_an_object_comes_once(start: Start) -> None:
    world: World = await start(rule("red", event="object", attributes={"colour": ["red", "green"]}))
    world.frame(100.0, seen())
    world.frame(101.0, seen(attributes={"colour": "blue"}))
    await world.until(lambda: "update" in world.states("walker"))
    world.picture("walker")
    for at in (102.0, 103.0, 104.0):
        world.frame(at, seen(attributes=RED))
    world.frame(105.0)
    await world.until(lambda: "end" in world.states("walker"))
    await world.until(lambda: world.phone.alerts)
    (alert,) = world.phone.alerts
    assert (alert.event.state, alert.event.attributes) == ("update", RED)
    stored = world.store.get("walker")
    assert stored is not None and (stored.attributes, stored.rules) == (RED, ["red"])


async def test_what_is_found_out_a_moment_later_is_added_to_an_instant(start: Start) -> None:
    world: World = await start(rule("red", event="zone_enter", attributes={"colour": "red"}))
    world.picture("walker")
    world.frame(100.0, seen())
    world.service.on_event(entered(object_id="walker", attributes={"bag": "yes"}))
    world.service.on_event(entered("other", object_id="somebody else"))
    await world.until(lambda: len(world.told) == 3)
    assert world.phone.alerts == []
    world.clock.advance(4.9)
    world.frame(101.0, seen(attributes={**RED, "bag": "no"}))
    world.frame(101.2, seen(attributes={**RED, "bag": "no"}))
    await world.until(lambda: world.phone.alerts and len(world.states("entered")) > 1)
    (alert,) = world.phone.alerts
    assert (alert.event.id, alert.event.attributes) == ("entered", {**RED, "bag": "yes"})
    stored, other = world.store.get("entered"), world.store.get("other")
    assert stored is not None and (stored.attributes, stored.severity) == ({**RED, "bag": "yes"}, "alert")
    assert other is not None and other.attributes == {}
    assert world.states("entered") == ["end", "end"], "told again once, for it knows more"
    assert world.metric("framewatch_events_total", camera="lobby", type="zone_enter") == 2


async def test_what_is_found_out_much_later_is_not(start: Start) -> None:
    world: World = await start()
    world.service.on_event(entered(object_id="walker"))
    world.clock.advance(5.1)
    world.frame(105.2, seen(attributes=RED))
    await world.until(lambda: world.states("walker"))
    assert world.states("entered") == ["end"]


async def test_instants_of_another_camera_are_left_alone(start: Start) -> None:
    world: World = await start()
    world.service.on_event(replace(entered(object_id="walker"), camera="yard"))
    world.frame(100.2, seen(attributes=RED))
    await world.until(lambda: world.states("walker"))
    assert world.states("entered") == ["end"]
