from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.alerts.alert_rule import When
from pipeline.alerts.matching import matches, mismatch
from pipeline.core.event import Event, moment

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
    found = mismatch(When.model_validate({"time_zone": "UTC"} | when), event())
    assert (found and found.reason) == expected


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
    assert matches(When(schedule=(schedule,), time_zone="UTC"), event(started_at=at, ended_at=at)) is expected


def test_the_schedule_is_of_the_time_zone() -> None:
    at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC).timestamp()
    night = {"schedule": "22:00-06:00"}
    assert not matches(When.model_validate(night | {"time_zone": "UTC"}), event(ended_at=at))
    assert matches(When.model_validate(night | {"time_zone": "Pacific/Auckland"}), event(ended_at=at))


def test_the_moment_of_what_goes_on_is_when_it_was_last_seen() -> None:
    assert moment(event(started_at=1.0, ended_at=None, data={"last_seen_at": 9.0})) == 9.0
    assert moment(event(started_at=1.0, ended_at=None)) == 1.0
    assert moment(event(started_at=1.0, ended_at=5.0, data={"last_seen_at": 9.0})) == 5.0


@pytest.mark.parametrize(
    ("when", "given", "words"),
    [
        ({"event": "zone_leave"}, {}, "it is zone_enter, not zone_leave"),
        ({"cameras": ["yard", "hall"]}, {}, "it was on lobby, not yard or hall"),
        ({"objects": ["car", "bus", "truck"]}, {}, "person, not car, bus or truck"),
        ({"zones": "hall"}, {"zones": ["steps"]}, "door and steps, not hall"),
        ({"zones": "hall"}, {"zone": None}, "no zone, not hall"),
        ({"lines": "gate"}, {}, "no line, not gate"),
        ({"attributes": {"colour": ["red"]}}, {"attributes": {"colour": "blue"}}, "colour is blue, not red"),
        ({"attributes": {"open": True}}, {}, "open is not known, not True"),
        ({"min_score": 0.5}, {"score": 0.46}, "score 0.46 below 0.5"),
        ({"min_score": 0.5}, {"score": 0.4999}, "score 0.4999 below 0.5"),
        ({"min_score": 0.5}, {"score": None}, "no score below 0.5"),
        ({"schedule": ["mon-fri 22:00-06:00", "sat,sun"]}, {}, "Thu 00:00, not mon-fri 22:00-06:00 or sat,sun"),
    ],
)
def test_what_is_missing_is_said_in_words_and_figures(when: dict[str, Any], given: dict[str, Any], words: str) -> None:
    at = datetime(1970, 1, 1, 9, 0, tzinfo=UTC).timestamp()
    given = {"ended_at": at} | given if "schedule" in when else given
    zone = {"time_zone": "UTC"} if "schedule" in when else {}
    found = mismatch(When.model_validate(when | zone), event(**given))
    assert found is not None and found.words == words.replace("Thu 00:00", "Thu 09:00")
