"""What the alert rules left out, and why. Since the start, and bounded."""

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from pipeline.core.alerts import LeftOut, WhyLeftOut
from pipeline.core.clock import Clock
from pipeline.core.event import Event

T = TypeVar("T")

HOUR_S = 3600.0
RECENT = 256
"""Events of a rule that are told apart from new ones."""


class DayCounter:
    """How many in the last 24 hours, to the hour."""

    def __init__(self) -> None:
        self._hours: Counter[int] = Counter()

    def add(self, at: float, by: int = 1) -> None:
        hour = int(at // HOUR_S)
        self._hours[hour] += by
        for past in [each for each in self._hours if each <= hour - 24]:
            del self._hours[past]

    def count(self, now: float) -> int:
        hour = int(now // HOUR_S)
        return sum(count for each, count in self._hours.items() if hour - 24 < each)


@dataclass(slots=True)
class _Reason:
    counter: DayCounter = field(default_factory=DayCounter)
    last_at: float = 0.0
    last_event: str = ""


@dataclass(slots=True)
class _Rule:
    reasons: dict[WhyLeftOut, _Reason] = field(default_factory=dict)
    seen: OrderedDict[str, tuple[WhyLeftOut, float]] = field(default_factory=OrderedDict)
    """Events of late that were left out: why, and when that was counted."""


class AlertMemory:
    """For one event loop's thread. Rules that nobody named are passed over."""

    def __init__(self, rules: Iterable[str], clock: Clock) -> None:
        self._rules = {name: _Rule() for name in rules}
        self._clock = clock
        self.since = clock.time()

    def left_out(self, rule: str, reason: WhyLeftOut, event: Event) -> None:
        """Once for each event."""
        known = self._rules[rule]
        if event.id in known.seen:
            return
        now = self._clock.time()
        _keep(known.seen, event.id, (reason, now))
        found = known.reasons.setdefault(reason, _Reason())
        found.counter.add(now)
        found.last_at, found.last_event = now, event.id

    def matched(self, rule: str, event: Event) -> None:
        """Takes back that it was left out: a classifier may answer after the event has been told."""
        known = self._rules[rule]
        if (counted := known.seen.pop(event.id, None)) is not None:
            reason, at = counted
            known.reasons[reason].counter.add(at, -1)

    def is_left_out(self, rule: str, event: Event) -> bool:
        """Whether that was counted of late."""
        return event.id in self._rules[rule].seen

    def what_was_left_out(self, rule: str) -> list[LeftOut]:
        """The most frequent first."""
        now = self._clock.time()
        counted = [
            LeftOut(reason, known.counter.count(now), known.last_at, known.last_event)
            for reason, known in self._rules[rule].reasons.items()
        ]
        return sorted((each for each in counted if each.events > 0), key=lambda each: -each.events)


def _keep(kept: OrderedDict[str, T], key: str, value: T) -> None:
    kept[key] = value
    if len(kept) > RECENT:
        kept.popitem(last=False)
