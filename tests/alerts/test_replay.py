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


def test_the_summary_counts_by_rule_and_outcome() -> None:
    rules = [rule("sure", when={"min_score": 0.5}), rule("yard", when={"cameras": "yard"})]
    replayed = [*Replay(rules, {}).of([entered("a"), entered("b", score=0.46), entered("c", score=0.3)])]
    assert summary(replayed) == [("sure", "score", 2), ("sure", "sent", 1), ("yard", "camera", 3)]
    assert [each.event.id for each in replayed if each.concerns] == ["a", "b", "c"]
