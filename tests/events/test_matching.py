from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.events.alert_rule import AlertRule, When
from pipeline.events.matching import Cooldowns, matches, mismatch, moment

ENTERED: dict[str, Any] = {
    "id": "event",
    "type": "zone_enter",
    "camera": "lobby",
    "started_at": 0.0,
    "ended_at": 0.0,
    "zone": "door",
    "label": "person",
    "score": 0.8,
}


def event(**given: Any) -> Event:
    return Event(**(ENTERED | given))


@pytest.mark.parametrize(
    ("when", "given", "expected"),
    [
        pytest.param({}, {}, True, id="nothing said: anything"),
        pytest.param({"event": "zone_enter"}, {}, True, id="its type"),
        pytest.param({"event": ["zone_leave", "zone_enter"]}, {}, True, id="one of several types"),
        pytest.param({"event": "zone_leave"}, {}, False, id="another type"),
        pytest.param({"cameras": "lobby"}, {}, True, id="its camera"),
        pytest.param({"cameras": "yard"}, {}, False, id="another camera"),
        pytest.param({"zones": "door"}, {}, True, id="its zone"),
        pytest.param({"zones": "hall"}, {}, False, id="another zone"),
        pytest.param({"zones": "hall"}, {"zone": None, "zones": ["door", "hall"]}, True, id="a zone it passed through"),
        pytest.param({"zones": "hall"}, {"zone": None}, False, id="no zone where one is asked for"),
        pytest.param({"lines": "gate"}, {"line": "gate"}, True, id="its line"),
        pytest.param({"lines": "gate"}, {}, False, id="no line where one is asked for"),
        pytest.param({"objects": "person"}, {}, True, id="its label"),
        pytest.param({"objects": "car"}, {}, False, id="another label"),
        pytest.param({"objects": "car"}, {"label": None}, False, id="no label where one is asked for"),
        pytest.param({"attributes": {"colour": "red"}}, {"attributes": {"colour": "red"}}, True, id="its attribute"),
        pytest.param({"attributes": {"colour": "red"}}, {"attributes": {"colour": "blue"}}, False, id="another value"),
        pytest.param({"attributes": {"colour": ["red", "blue"]}}, {}, False, id="no attribute where one is asked for"),
        pytest.param({"min_score": 0.8}, {}, True, id="just sure enough"),
        pytest.param({"min_score": 0.81}, {}, False, id="not sure enough"),
        pytest.param({"min_score": 0.1}, {"score": None}, False, id="no score where one is asked for"),
        pytest.param({}, {"score": None}, True, id="no score and none asked for"),
        pytest.param({"event": "zone_enter", "objects": "car"}, {}, False, id="all must fit"),
    ],
)
def test_matches(when: dict[str, Any], given: dict[str, Any], expected: bool) -> None:
    assert matches(When.model_validate(when), event(**given)) is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param({}, None, id="it matches"),
        pytest.param({"event": "zone_leave", "cameras": "yard"}, "event", id="another type, before all else"),
        pytest.param({"cameras": "yard", "zones": "hall"}, "camera", id="another camera"),
        pytest.param({"objects": "car", "zones": "hall"}, "object", id="another label, before its zone"),
        pytest.param({"zones": "hall"}, "zone", id="another zone"),
        pytest.param({"lines": "gate"}, "line", id="no line"),
        pytest.param({"attributes": {"colour": "red"}}, "attributes", id="nothing known"),
        pytest.param({"min_score": 0.9, "schedule": "22:00-23:00"}, "score", id="not sure enough, before its time"),
        pytest.param({"schedule": "22:00-23:00"}, "schedule", id="another time"),
    ],
)
def test_the_first_condition_that_is_not_met(when: dict[str, Any], expected: str | None) -> None:
    assert mismatch(When.model_validate(when), event(), UTC) == expected


@pytest.mark.parametrize(
    ("schedule", "time", "expected"),
    [
        pytest.param("08:00-17:00", "08:00:00", True, id="the first minute counts"),
        pytest.param("08:00-17:00", "16:59:59", True, id="just before the end"),
        pytest.param("08:00-17:00", "17:00:00", False, id="the last does not"),
        pytest.param("08:00-17:00", "07:59:59", False, id="just before the start"),
        pytest.param("22:00-06:00", "23:30:00", True, id="over midnight: before"),
        pytest.param("22:00-06:00", "00:00:00", True, id="over midnight: at"),
        pytest.param("22:00-06:00", "05:59:59", True, id="over midnight: after"),
        pytest.param("22:00-06:00", "06:00:00", False, id="over midnight: morning"),
        pytest.param("22:00-06:00", "12:00:00", False, id="over midnight: noon"),
        pytest.param("00:00-00:00", "12:00:00", True, id="the same twice: all day"),
    ],
)
def test_schedule(schedule: str, time: str, expected: bool) -> None:
    at = datetime.fromisoformat(f"2026-03-01T{time}+00:00").timestamp()
    assert matches(When(schedule=schedule), event(started_at=at, ended_at=at), UTC) is expected


def test_the_schedule_is_of_the_time_zone() -> None:
    at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC).timestamp()
    night = When(schedule="22:00-06:00")
    assert not matches(night, event(ended_at=at), UTC)
    assert matches(night, event(ended_at=at), timezone(timedelta(hours=12)))


@pytest.mark.parametrize("schedule", ["24:00-06:00", "8:00-9:00", "22:00", "10:60-11:00", "always", "22:00-06:00 "])
def test_a_schedule_that_is_none(schedule: str) -> None:
    with pytest.raises(ValueError, match="schedule"):
        When(schedule=schedule)


def test_the_moment_of_what_goes_on_is_when_it_was_last_seen() -> None:
    assert moment(event(started_at=1.0, ended_at=None, data={"last_seen_at": 9.0})) == 9.0
    assert moment(event(started_at=1.0, ended_at=None)) == 1.0
    assert moment(event(started_at=1.0, ended_at=5.0, data={"last_seen_at": 9.0})) == 5.0


def test_a_cooldown_is_of_a_rule_and_a_camera_and_begins_when_it_is_told_to() -> None:
    clock = ManualClock()
    cooldowns = Cooldowns(clock)
    night = AlertRule(name="night", cooldown=60, send=("phone",))
    day = AlertRule(name="day", cooldown=60, send=("phone",))
    assert cooldowns.is_over(night, "lobby")
    cooldowns.begin(night, "lobby")
    assert not cooldowns.is_over(night, "lobby")
    assert cooldowns.is_over(night, "yard")
    assert cooldowns.is_over(day, "lobby")
    clock.advance(59.9)
    assert not cooldowns.is_over(night, "lobby")
    clock.advance(0.2)
    assert cooldowns.is_over(night, "lobby")


def test_without_a_cooldown_a_rule_speaks_each_time() -> None:
    cooldowns, rule = Cooldowns(ManualClock()), AlertRule(name="each", send=("phone",))
    cooldowns.begin(rule, "lobby")
    assert cooldowns.is_over(rule, "lobby")
