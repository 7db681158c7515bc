from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Event
from pipeline.core.redact import redact_text
from pipeline.events.alert_desk import AlertDesk
from pipeline.events.alert_maker import AlertMaker
from pipeline.events.alert_memory import AlertMemory
from pipeline.events.alert_rule import AlertRule
from pipeline.events.profile import Profile
from pipeline.events.profiles import ProfileSwitch
from pipeline.events.settings import Settings
from pipeline.events.snoozes import Snoozes
from pipeline.events.store import EventStore
from tests.events.outbox import Delivering, alert
from tests.events.sinks import HangingSink, ListSink

RULES = [
    AlertRule.model_validate(
        {
            "name": "night",
            "when": {"event": "zone_enter", "cameras": ["yard"], "attributes": {"colour": ["red"]}},
            "cooldown": 60,
            "send": ["phone", "home"],
        }
    ),
    AlertRule.model_validate({"name": "any", "send": "phone"}),
]


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """One database will do here: `test_outbox` asks both."""
    return f"sqlite:///{tmp_path}/data/framewatch.db"


class Desk(Delivering):
    """An alert desk with everything real around it, but the clock and the sinks."""

    def __init__(self, store: EventStore, sinks: Mapping[str, Any]) -> None:
        super().__init__(store, sinks, timeout=0.1)
        self.memory = AlertMemory([rule.name for rule in RULES], self.clock)
        self.dispatcher.start()
        settings = Settings(store)
        profiles = {"home": Profile(), "away": Profile()}
        self.profiles, self.snoozes = ProfileSwitch(profiles, settings, self.clock), Snoozes(settings, self.clock)
        self.desk = AlertDesk(
            *(RULES, store, self.dispatcher, self.memory, self.profiles, self.snoozes, self.clock),
            sink_types={"phone": "webhook"},
            hide=redact_text,
            maker=AlertMaker(page="https://watch.example/#alerts"),
            camera="lobby",
            still=self.still,
        )

    async def still(self, camera: str) -> bytes | None:
        return b"yard.jpg" if camera == "yard" else None


@pytest_asyncio.fixture
async def world(store: EventStore) -> AsyncIterator[Desk]:
    sinks = {"phone": ListSink(), "home": ListSink([DeliveryError("http://me:secret@host/x: answered 401")] * 2)}
    world = Desk(store, sinks)
    yield world
    await world.dispatcher.close()


async def test_rules_are_told_as_they_are_configured_and_sinks_by_name(world: Desk) -> None:
    night, anything = await world.desk.status()
    assert night.when == {"event": ["zone_enter"], "cameras": ["yard"], "attributes": {"colour": ["red"]}}
    assert [(sink.name, sink.type) for sink in night.send] == [("phone", "webhook"), ("home", "")]
    assert (night.matched_24h, night.last_matched_at, night.delivered_24h, night.last_delivered_at) == (
        0,
        None,
        0,
        None,
    )
    assert (anything.name, anything.when, night.cooldown) == ("any", {}, 60)


async def test_matches_come_from_the_store_and_outlive_a_restart(world: Desk, store: EventStore) -> None:
    now = world.clock.time()
    for name, at in (("old", now - 90_000), ("a", now - 100), ("b", now - 50)):
        store.save(Event(id=name, type="zone_enter", camera="yard", started_at=at, rules=["night"])).result(timeout=10)
    night, anything = await world.desk.status()
    assert (night.matched_24h, night.last_matched_at) == (2, now - 50)
    assert (anything.matched_24h, anything.last_matched_at) == (0, None)


async def test_a_test_says_that_it_is_one_and_how_it_went(world: Desk) -> None:
    phone = world.dispatcher._lanes["phone"].sink
    assert isinstance(phone, ListSink)
    outcomes = await world.desk.test("night")
    assert [(outcome.sink, outcome.error) for outcome in outcomes] == [
        ("phone", None),
        ("home", "http://host/x: answered 401"),
    ]
    (alert,) = phone.alerts
    assert (alert.test, alert.rule, alert.event.type, alert.event.camera) == (True, "night", "test", "yard")
    assert alert.event.data["message"] == 'This is a test of the alert rule "night". Nothing has happened.'
    assert (alert.url, alert.id.startswith("test-")) == ("https://watch.example/#alerts", True)
    (night, _) = await world.desk.status()
    assert (night.delivered_24h, night.deliveries) == (0, []), "a test is no alert"


async def test_a_test_has_the_picture_of_the_moment(world: Desk) -> None:
    phone = world.dispatcher._lanes["phone"].sink
    assert isinstance(phone, ListSink)
    await world.desk.test("night")
    await world.desk.test("any")
    assert [alert.snapshot for alert in phone.alerts] == [b"yard.jpg", None]


async def test_a_rule_for_any_camera_is_tested_as_the_first(world: Desk) -> None:
    phone = world.dispatcher._lanes["phone"].sink
    assert isinstance(phone, ListSink)
    await world.desk.test("any")
    assert [alert.event.camera for alert in phone.alerts] == ["lobby"]


async def test_a_sink_that_hangs_or_is_not_there_is_said(store: EventStore) -> None:
    world = Desk(store, {"phone": HangingSink()})
    outcomes = await world.desk.test("night")
    assert [(outcome.sink, outcome.error) for outcome in outcomes] == [
        ("phone", "no answer in time"),
        ("home", "it is not open"),
    ]
    await world.dispatcher.close()


async def test_a_rule_that_is_not_there(world: Desk) -> None:
    with pytest.raises(KeyError):
        await world.desk.test("day")


async def test_what_was_delivered_comes_from_the_store(world: Desk) -> None:
    for name in ("a", "b"):
        world.put(alert(name), ["phone", "home"])
        await world.until(lambda name=name: (name, "delivered") in world.states("home"), each_s=1.0)  # type: ignore[misc]
    await world.until(lambda: ("b", "delivered") in world.states("phone"))
    (night, anything) = await world.desk.status()
    assert (night.delivered_24h, night.last_delivered_event) == (2, "b"), "each counts once, whoever has it"
    assert [(each.sink, each.event, each.error) for each in night.deliveries] == [
        ("phone", "b", None),
        ("home", "b", None),
    ]
    assert (anything.delivered_24h, anything.deliveries) == (0, [])
    world.clock.advance(86_401)
    (night, _) = await world.desk.status()
    assert night.delivered_24h == 0 and night.last_delivered_at is not None


async def test_a_rule_that_is_off_or_snoozed_says_so(world: Desk) -> None:
    rules = await world.desk.status()
    assert [(each.is_on, each.snoozed_until) for each in rules] == [(True, None), (True, None)]
    until = world.clock.time() + 600
    await world.snoozes.snooze("rule", "any", until)
    _, anything = await world.desk.status()
    assert anything.snoozed_until == until
