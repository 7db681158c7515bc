from typing import Any

import pytest

from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.cooldowns import Cooldowns, Spoke
from pipeline.core.clock import ManualClock
from pipeline.core.event import Event


def rule(name: str = "night", **cooldown: Any) -> AlertRule:
    return AlertRule.model_validate({"name": name, "send": "phone", "cooldown": {"seconds": 60} | cooldown})


def of(object_id: str | None = "walker", camera: str = "lobby") -> Event:
    return Event(id=f"of {object_id}", type="zone_enter", camera=camera, started_at=1.0, object_id=object_id)


@pytest.mark.parametrize(
    ("per", "same", "another"),
    [
        pytest.param("rule", of("car", "yard"), None, id="of the rule: whatever happens"),
        pytest.param("camera", of("car"), of("walker", "yard"), id="of a camera: whoever it is"),
        pytest.param("object", of(), of("car"), id="of an object: nobody else"),
        pytest.param("object", of(), of(None), id="of an object: an event without one"),
    ],
)
def test_about_what_a_rule_keeps_still(per: str, same: Event, another: Event | None) -> None:
    cooldowns = Cooldowns(ManualClock())
    cooldowns.begin(rule(per=per), of(), "alert")
    assert cooldowns.left_s(rule(per=per), same) == 60
    assert another is None or cooldowns.left_s(rule(per=per), another) == 0
    assert cooldowns.left_s(rule("day", per=per), same) == 0, "another rule"


def test_it_is_over_after_its_time_and_what_is_left_is_known() -> None:
    clock = ManualClock()
    cooldowns = Cooldowns(clock)
    assert cooldowns.left_s(rule(), of()) == 0
    cooldowns.begin(rule(), of(), "alert")
    clock.advance(48)
    assert cooldowns.left_s(rule(), of()) == 12
    clock.advance(12)
    assert cooldowns.left_s(rule(), of()) == 0


def test_an_alert_that_reached_nobody_gives_it_back() -> None:
    cooldowns = Cooldowns(ManualClock())
    cooldowns.begin(rule(), of(), "lost")
    cooldowns.begin(rule("day"), of(), "arrived")
    cooldowns.give_back("lost")
    assert cooldowns.left_s(rule(), of()) == 0
    assert cooldowns.left_s(rule("day"), of()) == 60


def test_what_an_earlier_run_sent_counts() -> None:
    clock = ManualClock()
    cooldowns = Cooldowns(clock)
    spoke = [Spoke(name, "lobby", "walker", "e", "a", clock.time() - 50) for name in ("night", "not there any more")]
    cooldowns.remember([rule(), rule("day")], spoke)
    assert cooldowns.left_s(rule(), of("car")) == 10
    assert cooldowns.left_s(rule("day"), of("car")) == 0


def test_a_clock_that_was_set_back_does_not_make_it_last() -> None:
    clock = ManualClock()
    cooldowns = Cooldowns(clock)
    cooldowns.begin(rule(), of(), "alert")
    clock.advance(-86_400)
    assert cooldowns.left_s(rule(), of()) == 0


def test_without_a_cooldown_a_rule_speaks_each_time() -> None:
    cooldowns, each = Cooldowns(ManualClock()), AlertRule(name="each", send=("phone",))
    cooldowns.begin(each, of(), "alert")
    assert cooldowns.left_s(each, of()) == 0
