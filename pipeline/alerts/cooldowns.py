"""Which alert rules keep still for a while, and about what."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.alerts.alert_rule import AlertRule
from pipeline.core.clock import Clock
from pipeline.core.event import Event

MOST = 10_000
"""Cooldowns that are remembered; a rule with one for each object has many."""


@dataclass(frozen=True, slots=True)
class Spoke:
    """When a rule was heard last about something, and by which alert."""

    rule: str
    camera: str
    object_id: str | None
    event_id: str
    alert_id: str
    at: float


Key = tuple[str, str, str]


class Cooldowns:
    """Consumed by alerts that are really sent; over restarts too, if one tells of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spoke: dict[Key, tuple[str, float]] = {}

    def remember(self, rules: Iterable[AlertRule], spoke: Iterable[Spoke]) -> None:
        """What an earlier run sent, oldest first."""
        known = {rule.name: rule for rule in rules}
        for each in spoke:
            if rule := known.get(each.rule):
                about = _about(rule, each.camera, each.object_id or each.event_id)
                self._spoke[rule.name, *about] = each.alert_id, each.at

    def left_s(self, rule: AlertRule, event: Event) -> float:
        """For how long the rule keeps still about that event; 0 where it may speak."""
        spoke = self._spoke.get(_key(rule, event))
        if spoke is None:
            return 0.0
        passed_s = self._clock.time() - spoke[1]
        return max(rule.cooldown.seconds - passed_s, 0.0) if passed_s >= 0 else 0.0  # a clock that was set back

    def begin(self, rule: AlertRule, event: Event, alert_id: str) -> None:
        """To be called for an alert that is going out."""
        if rule.cooldown.seconds == 0:
            return
        key = _key(rule, event)
        self._spoke.pop(key, None)
        self._spoke[key] = alert_id, self._clock.time()
        if len(self._spoke) > MOST:
            del self._spoke[next(iter(self._spoke))]

    def give_back(self, alert_id: str) -> None:
        """That alert has reached nobody."""
        self._spoke = {key: spoke for key, spoke in self._spoke.items() if spoke[0] != alert_id}


def _key(rule: AlertRule, event: Event) -> Key:
    return (rule.name, *_about(rule, event.camera, event.object_id or event.id))


def _about(rule: AlertRule, camera: str, thing: str) -> tuple[str, str]:
    per = rule.cooldown.per
    return "" if per == "rule" else camera, thing if per == "object" else ""
