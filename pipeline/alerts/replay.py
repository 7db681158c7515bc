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
    """One event under one rule: `words` say who would have been told or, with a `reason`, why nobody.

    `at` is when that was decided (UTC seconds): what lasts is told as soon as it fits.
    """

    event: Event
    at: float
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
        """Every event under every rule, in the order in which things happened.

        Of what lasted nobody knows any more when it came to be as it is: that it was so from its beginning is believed.
        """
        found = [(self._fits_at(rule, event), event, rule) for event in events for rule in self._rules]
        for at, event, rule in sorted(found, key=lambda each: each[0]):
            self._clock.now = at
            yield self._judge(rule, event, at)

    def _fits_at(self, rule: AlertRule, event: Event) -> float:
        """When it begins or, where it fits only then, when it ends."""
        begins, ends = event.started_at, moment(event)
        fits = (at for at in (begins, ends) if mismatch(rule.when, event, at) is None and self._is_on(rule, at))
        return next(fits, begins)

    def _is_on(self, rule: AlertRule, at: float) -> bool:
        return not rule.when.profiles or by_schedule(self._profiles, at) in rule.when.profiles

    def _judge(self, rule: AlertRule, event: Event, at: float) -> Replayed:
        if (missing := mismatch(rule.when, event, at)) is not None:
            return Replayed(event, at, rule.name, missing.reason, missing.words)
        if not self._is_on(rule, at):
            profile = by_schedule(self._profiles, at)
            return Replayed(event, at, rule.name, "profile", f"profile {profile} was on by schedule")
        if at < self._groups.get(rule.name, 0.0):
            return Replayed(event, at, rule.name, None, f"{', '.join(rule.send)} (in the message before)")
        if (left_s := self._cooldowns.left_s(rule, event)) > 0:
            words = f"cooldown: {left_s:.0f} s of {rule.cooldown.seconds:g} left"
            return Replayed(event, at, rule.name, "cooldown", words)
        self._cooldowns.begin(rule, event, event.id)
        self._groups[rule.name] = at + rule.group
        return Replayed(event, at, rule.name, None, ", ".join(rule.send))


def summary(replayed: Iterable[Replayed]) -> list[tuple[str, str, int]]:
    """Rule, outcome, and how many events; the most frequent outcome of a rule first."""
    counts = Counter((each.rule, "sent" if each.reason is None else each.reason) for each in replayed)
    rules = list(dict.fromkeys(rule for rule, _ in counts))
    return sorted(
        ((rule, outcome, count) for (rule, outcome), count in counts.items()),
        key=lambda each: (rules.index(each[0]), -each[2]),
    )
