"""The keys of an alert rule, through the whole service."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.alerts import alert_history, held_back
from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.delivery_desk import DeliveryDesk
from pipeline.alerts.delivery_options import DeliveryOptions
from pipeline.alerts.profile import Profile
from pipeline.core.alerts import Delivery
from pipeline.core.errors import DeliveryError
from pipeline.core.event import Event
from pipeline.events.editor import EventEditor
from tests.alerts.sinks import ListSink, down
from tests.events.world import Start, World, entered, start

__all__ = ["start"]


def rule(name: str = "door", *, send: Any = "phone", when: Any = None, **given: Any) -> AlertRule:
    return AlertRule.model_validate({"name": name, "when": when or {"event": "zone_enter"}, "send": send} | given)


def why_not(world: World, event: str) -> dict[str, tuple[str, str]]:
    held = world.store.ask(lambda connection: held_back.of_event(connection, event))
    return {name: (each.reason, each.words) for name, each in held.items()}


def deliveries(world: World, event: str) -> list[Delivery]:
    return world.store.ask(lambda connection: alert_history.of_event(connection, event))


async def happens(world: World, event: Event) -> None:
    """And is in the store."""
    before = len(world.told)
    world.service.on_event(event)
    await world.until(lambda: len(world.told) > before)


async def restarted(world: World, start: Start, *rules: AlertRule, **given: Any) -> World:
    await world.service.close()
    again: World = await start(*rules, at=world.clock.now, **given)
    return again


async def test_an_event_is_in_the_store_with_its_deliveries(start: Start) -> None:
    world: World = await start(rule(send=["phone", "home"]), sinks={"home": ListSink(down(1))})
    await happens(world, entered())
    assert {each.sink for each in deliveries(world, "entered")} == {"phone", "home"}
    await world.until(lambda: world.phone.alerts)


async def test_a_cooldown_is_of_what_the_rule_says_and_is_told_with_figures(start: Start) -> None:
    world: World = await start(rule(cooldown={"seconds": 60, "per": "object"}))
    await happens(world, entered("first", object_id="walker"))
    world.clock.advance(48)
    await happens(world, entered("again", object_id="walker"))
    await happens(world, entered("somebody else", object_id="another"))
    world.clock.advance(0.6)
    await world.until(lambda: len(world.phone.alerts) == 2)
    assert [alert.event.id for alert in world.phone.alerts] == ["first", "somebody else"]
    assert why_not(world, "again") == {"door": ("cooldown", "cooldown: 12 s of 60 left")}


async def test_a_cooldown_holds_over_a_restart(start: Start) -> None:
    rules = [rule(cooldown=60)]
    world: World = await start(*rules)
    await happens(world, entered("first"))
    await world.until(lambda: world.phone.alerts)
    world.clock.advance(20)
    again = await restarted(world, start, *rules)
    await happens(again, entered("second"))
    assert why_not(again, "second") == {"door": ("cooldown", "cooldown: 40 s of 60 left")}
    again.clock.advance(41)
    await happens(again, entered("third"))
    await again.until(lambda: [alert.event.id for alert in again.phone.alerts] == ["third"])


async def test_an_alert_that_reaches_nobody_gives_its_cooldown_back(start: Start) -> None:
    refused = ListSink([DeliveryError("answered 401", permanent=True)])
    world: World = await start(rule(cooldown=3600, send="home"), sinks={"home": refused})
    await happens(world, entered("first"))
    await world.until(lambda: refused.calls)
    await world.until(lambda: world.alerts._cooldowns.left_s(rule(cooldown=3600), entered()) == 0)
    assert [each.state for each in deliveries(world, "first")] == ["dead"]
    await happens(world, entered("second"))
    await world.until(lambda: [alert.event.id for alert in refused.alerts] == ["second"])


async def test_a_burst_becomes_one_message(start: Start) -> None:
    world: World = await start(rule(group=10, cooldown=60))
    await happens(world, entered("first"))
    world.clock.advance(4)
    for name in ("second", "third"):
        await happens(world, entered(name))
    world.clock.advance(5.9)
    await asyncio.sleep(0.02)
    assert world.phone.alerts == []
    world.clock.advance(1)
    await world.until(lambda: world.phone.alerts)
    (alert,) = world.phone.alerts
    assert alert.event.id == "first"
    assert [event.id for event in alert.events] == ["first", "second", "third"]
    await happens(world, entered("fourth"))
    assert why_not(world, "fourth")["door"][0] == "cooldown", "a group consumes it once, as any alert"
    assert [each.state for each in deliveries(world, "third")] == ["delivered"]


async def test_a_burst_that_a_restart_interrupts_is_told_as_far_as_it_had_come(start: Start) -> None:
    rules = [rule(group=10)]
    world: World = await start(*rules)
    for name in ("first", "second"):
        await happens(world, entered(name))
    again = await restarted(world, start, *rules)
    assert world.phone.alerts == []
    again.clock.advance(11)
    await again.until(lambda: again.phone.alerts)
    assert [event.id for event in again.phone.alerts[0].events] == ["first", "second"]


@pytest.mark.parametrize("acknowledged", [False, True])
async def test_what_nobody_acknowledges_is_told_to_the_next(start: Start, acknowledged: bool) -> None:
    boss = ListSink()
    world: World = await start(rule(escalate={"after": 300, "send": "boss"}), sinks={"boss": boss})
    await happens(world, entered())
    await world.until(lambda: world.phone.alerts)
    editor = EventEditor(world.service, world.store, world.media, world.edits)
    if acknowledged:
        world.clock.advance(299)
        desk = DeliveryDesk([], world.store, world.alerts.dispatcher, editor, world.clock, str)
        outcome = await desk.acknowledge(world.phone.alerts[0].id)
        assert outcome.done == ["entered"]
    world.clock.advance(301)
    if acknowledged:
        await world.until(
            lambda: [each.state for each in deliveries(world, "entered")] == ["delivered", "acknowledged"]
        )
        assert boss.alerts == []
    else:
        await world.until(lambda: boss.alerts)
        assert (boss.alerts[0].escalation, boss.alerts[0].id == world.phone.alerts[0].id) == (True, False)


@pytest.mark.parametrize(("kind", "name"), [("rule", "door"), ("camera", "lobby")])
async def test_a_snooze_keeps_still_until_its_time_and_over_a_restart(start: Start, kind: Any, name: str) -> None:
    rules = [rule()]
    world: World = await start(*rules)
    until = world.clock.time() + 600
    await world.alerts.snoozes.snooze(kind, name, until)
    await happens(world, entered("first"))
    words = f"snoozed until {datetime.fromtimestamp(until):%Y-%m-%d %H:%M}"
    assert why_not(world, "first") == {"door": ("snoozed", words)}
    again = await restarted(world, start, *rules)
    await happens(again, entered("second"))
    assert again.told[-1].severity == "alert", "what happens is kept as what it is"
    again.clock.advance(601)
    await happens(again, entered("third"))
    await again.until(lambda: [alert.event.id for alert in again.phone.alerts] == ["third"])


PROFILES = {"home": Profile(), "away": Profile(), "night": Profile(schedule=("22:00-06:00",), time_zone="UTC")}


async def test_a_rule_is_on_while_one_of_its_profiles_holds(start: Start) -> None:
    rules = [rule("burglars", when={"profiles": ["away", "night"]}), rule("always")]
    world: World = await start(*rules, profiles=PROFILES, at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC).timestamp())
    told: list[str] = []
    world.alerts.profiles.subscribe(told.append)
    assert world.alerts.profiles.profile == "home"
    await happens(world, entered("first"))
    assert world.told[-1].rules == ["always"]
    assert why_not(world, "first") == {"burglars": ("profile", "profile away and night is off, home is on")}
    await world.alerts.profiles.set_profile("away")
    await happens(world, entered("second"))
    assert world.told[-1].rules == ["burglars", "always"]
    again = await restarted(world, start, *rules, profiles=PROFILES)
    assert again.alerts.profiles.profile == "away", "what somebody chose holds over a restart"
    with pytest.raises(KeyError):
        await again.alerts.profiles.set_profile("holidays")
    assert told == ["away"]


async def test_a_profile_begins_and_ends_with_its_schedule(start: Start) -> None:
    evening = datetime(2026, 3, 2, 21, 59, tzinfo=UTC).timestamp()
    world: World = await start(profiles=PROFILES, at=evening)
    switch = world.alerts.profiles
    await switch.set_profile("away")
    for advance_s, expected in ((0, "away"), (61, "night"), (8 * 3600, "home")):
        world.clock.advance(advance_s)
        switch.tick()
        assert switch.profile == expected
    world.clock.advance(-3600)
    switch.tick()
    await switch.set_profile("home")
    switch.tick()
    assert switch.profile == "home", "a person's choice holds until the schedule says something new"
    later = await restarted(world, start, profiles=PROFILES)
    assert later.alerts.profiles.profile == "home"
    later.clock.advance(13 * 3600)
    later.alerts.profiles.tick()
    assert later.alerts.profiles.profile == "home"


async def test_what_is_sent_too_late_to_matter_is_dropped(start: Start) -> None:
    home = ListSink(down(5))
    world: World = await start(
        rule(send="home", max_age=5), sinks={"home": home}, delivery=DeliveryOptions(give_up_after=600)
    )
    await happens(world, entered())
    await world.until(lambda: home.calls == 1)
    world.clock.advance(6)
    world.alerts.dispatcher.wake(["home"])
    await world.until(lambda: [each.state for each in deliveries(world, "entered")] == ["dropped"])


async def test_what_waits_for_a_sink_that_has_gone_is_a_dead_letter(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    world: World = await start(rule(send="home"), sinks={"home": ListSink(down(9))})
    await happens(world, entered())
    again = await restarted(world, start, rule())
    (dead,) = deliveries(again, "entered")
    assert (dead.state, dead.error) == ("dead", "the sink is not in the configuration, or no rule sends to it")
    assert "1 alerts waited for sinks that are no longer there" in caplog.text


async def test_why_is_answered_for_every_rule(start: Start) -> None:
    refused = ListSink([DeliveryError("http://me:secret@host: answered 401", permanent=True)])
    rules = [
        rule("sent"),
        rule("unsure", when={"min_score": 0.5}),
        rule("dead", send="home"),
        rule("off", when={"profiles": "away"}),
        rule("elsewhere", when={"cameras": "yard"}),
    ]
    world: World = await start(*rules, sinks={"home": refused}, profiles={"home": Profile(), "away": Profile()})
    missed = {"near_misses": [{"rule": "loitering", "zone": "door", "why": "inertia 2 of 3"}, "nonsense"]}
    await happens(world, entered(score=0.46, data=missed))
    await world.until(lambda: world.phone.alerts)
    await world.until(lambda: {each.state for each in deliveries(world, "entered")} == {"delivered", "dead"})
    editor = EventEditor(world.service, world.store, world.media, world.edits)
    desk = DeliveryDesk(
        *(rules, world.store, world.alerts.dispatcher, editor, world.clock),
        lambda text: text.replace("me:secret@", ""),
    )
    answer = await desk.why("entered")
    found = {each.rule: (each.sent, each.reason, each.words) for each in answer.rules}
    delivered_at = datetime.fromtimestamp(world.clock.time())
    assert found == {
        "sent": (True, None, f"phone: delivered {delivered_at:%Y-%m-%d %H:%M:%S}"),
        "unsure": (False, "score", "score 0.46 below 0.5"),
        "dead": (False, None, "home: dead after 1 attempt: http://host: answered 401"),
        "off": (False, "profile", "profile away is off, home is on"),
        "elsewhere": (False, "camera", "it was on lobby, not yard"),
    }
    assert [(miss.rule, miss.where, miss.why) for miss in answer.near_misses] == [
        ("loitering", "door", "inertia 2 of 3")
    ]
    assert [each.rule for each in (await desk.why("entered", "unsure")).rules] == ["unsure"]
    for event, name in (("nobody", None), ("entered", "no rule")):
        with pytest.raises(KeyError):
            await desk.why(event, name)
    (dead,) = await desk.deliveries(states=["dead"])
    assert (dead.sink, dead.error) == ("home", "http://host: answered 401")
    assert {each.sink: (each.waiting, each.dead) for each in await desk.counts()} == {"phone": (0, 0), "home": (0, 1)}
    assert await desk.send_again(sink="home") == 1
    await world.until(lambda: refused.alerts)
    assert await desk.send_again(ids=[dead.id]) == 0, "it has arrived"
