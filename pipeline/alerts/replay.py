"""What alert rules would have made of events that are in the store."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.cooldowns import Cooldowns
from pipeline.alerts.matching import mismatch
from pipeline.alerts.profile import Profile, by_schedule
from pipeline.core.alerts import WhyLeftOut
from pipeline.core.clock import ManualClock
from pipeline.core.event import Event, moment


@dataclass(frozen=True, slots=True)
class Replayed:
    """One event under one rule: `words` say who would have been told or, with a `reason`, why nobody."""

    event: Event
    rule: str
    reason: WhyLeftOut | None
    words: str

    @property
    def concerns(self) -> bool:
        """Whether the event is of the rule's kind and cameras at all."""
        return self.reason not in ("event", "camera")


class Replay:
    """Cooldowns, groups and schedules run on the events' own time; nobody switches a profile or snoozes."""

    def __init__(self, rules: Sequence[AlertRule], profiles: Mapping[str, Profile]) -> None:
        self._rules = rules
        self._profiles = profiles
        self._clock = ManualClock(0.0)
        self._cooldowns = Cooldowns(self._clock)
        self._groups: dict[str, float] = {}
        """Until when each rule still adds to a message."""

    def of(self, events: Iterable[Event]) -> Iterator[Replayed]:
        """Every event under every rule, in the order in which things happened."""
        for event in sorted(events, key=moment):
            self._clock.now = moment(event)
            for rule in self._rules:
                yield self._judge(rule, event)

    def _judge(self, rule: AlertRule, event: Event) -> Replayed:
        now = self._clock.now
        if (missing := mismatch(rule.when, event)) is not None:
            return Replayed(event, rule.name, missing.reason, missing.words)
        profile = by_schedule(self._profiles, now)
        if rule.when.profiles and profile not in rule.when.profiles:
            return Replayed(event, rule.name, "profile", f"profile {profile} was on by schedule")
        if now < self._groups.get(rule.name, 0.0):
            return Replayed(event, rule.name, None, f"{', '.join(rule.send)} (in the message before)")
        if (left_s := self._cooldowns.left_s(rule, event)) > 0:
            words = f"cooldown: {left_s:.0f} s of {rule.cooldown.seconds:g} left"
            return Replayed(event, rule.name, "cooldown", words)
        self._cooldowns.begin(rule, event, event.id)
        self._groups[rule.name] = now + rule.group
        return Replayed(event, rule.name, None, ", ".join(rule.send))


def summary(replayed: Iterable[Replayed]) -> list[tuple[str, str, int]]:
    """Rule, outcome, and how many events; the most frequent outcome of a rule first."""
    counts = Counter((each.rule, "sent" if each.reason is None else each.reason) for each in replayed)
    rules = list(dict.fromkeys(rule for rule, _ in counts))
    return sorted(
        ((rule, outcome, count) for (rule, outcome), count in counts.items()),
        key=lambda each: (rules.index(each[0]), -each[2]),
    )
