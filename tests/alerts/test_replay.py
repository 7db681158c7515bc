from datetime import UTC, datetime
from typing import Any

from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.profile import Profile
from pipeline.alerts.replay import Replay, summary
from pipeline.core.event import Event

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC).timestamp()


def rule(name: str, *, when: dict[str, Any] | None = None, **given: Any) -> AlertRule:
    return AlertRule.model_validate({"name": name, "send": ["phone", "home"], "when": when or {}} | given)


def entered(name: str, after_s: float = 0.0, **given: Any) -> Event:
    at = NOON + after_s
    plain: dict[str, Any] = {"started_at": at, "ended_at": at, "score": 0.9, "state": "end"}
    return Event(id=name, type="zone_enter", camera="lobby", **(plain | given))


def outcomes(replay: Replay, *events: Event) -> dict[str, tuple[str | None, str]]:
    return {each.event.id: (each.reason, each.words) for each in replay.of(events)}


def test_cooldowns_run_on_the_events_own_time_whatever_their_order() -> None:
    replay = Replay([rule("door", cooldown=60)], {})
    assert outcomes(replay, entered("third", 61), entered("second", 48), entered("first")) == {
        "first": (None, "phone, home"),
        "second": ("cooldown", "cooldown: 12 s of 60 left"),
        "third": (None, "phone, home"),
    }


def test_a_burst_is_one_message() -> None:
    replay = Replay([rule("door", group=10, cooldown=60)], {})
    assert outcomes(replay, entered("first"), entered("second", 9), entered("third", 11)) == {
        "first": (None, "phone, home"),
        "second": (None, "phone, home (in the message before)"),
        "third": ("cooldown", "cooldown: 49 s of 60 left"),
    }


def test_profiles_are_those_of_their_schedule() -> None:
    profiles = {"home": Profile(), "night": Profile(schedule=("22:00-06:00",), time_zone="UTC")}
    replay = Replay([rule("burglars", when={"profiles": "night"})], profiles)
    assert outcomes(replay, entered("noon"), entered("night", 11 * 3600)) == {
        "noon": ("profile", "profile home was on by schedule"),
        "night": (None, "phone, home"),
    }


def test_what_lasts_is_told_as_soon_as_it_fits() -> None:
    """A long stay does not use up the cooldown of what came meanwhile, nor is the schedule asked for its end alone."""
    long = entered("long", ended_at=NOON + 90)
    replay = Replay([rule("door", cooldown=60)], {})
    assert outcomes(replay, long, entered("meanwhile", 65)) == {
        "long": (None, "phone, home"),
        "meanwhile": (None, "phone, home"),
    }
    evening = rule("evening", when={"schedule": "20:00-21:00", "time_zone": "UTC"})
    stays = [
        entered("into it", 6 * 3600, ended_at=NOON + 8.5 * 3600),
        entered("out of it", 8.5 * 3600, ended_at=NOON + 12 * 3600),
        entered("before it", 6 * 3600, ended_at=NOON + 7 * 3600),
    ]
    replayed = {each.event.id: each for each in Replay([evening], {}).of(stays)}
    assert {name: each.reason for name, each in replayed.items()} == {
        "into it": None,
        "out of it": None,
        "before it": "schedule",
    }
    assert [replayed[name].at - NOON for name in ("into it", "out of it")] == [8.5 * 3600] * 2


def test_a_profile_that_begins_meanwhile() -> None:
    profiles = {"home": Profile(), "night": Profile(schedule=("22:00-06:00",), time_zone="UTC")}
    replay = Replay([rule("burglars", when={"profiles": "night"})], profiles)
    stays = entered("stays", 9 * 3600, ended_at=NOON + 11 * 3600)
    assert outcomes(replay, stays) == {"stays": (None, "phone, home")}


def test_the_summary_counts_by_rule_and_outcome() -> None:
    rules = [rule("sure", when={"min_score": 0.5}), rule("yard", when={"cameras": "yard"})]
    replayed = [*Replay(rules, {}).of([entered("a"), entered("b", score=0.46), entered("c", score=0.3)])]
    assert summary(replayed) == [("sure", "score", 2), ("sure", "sent", 1), ("yard", "camera", 3)]
    assert [each.event.id for each in replayed if each.concerns] == ["a", "b", "c"]
