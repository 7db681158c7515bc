"""Which alert rules an event matches, and which of them may speak."""

from collections.abc import Sequence
from datetime import datetime, time, tzinfo
from typing import Literal

from pipeline.core.alerts import WhyLeftOut
from pipeline.core.attributes import fits
from pipeline.core.clock import Clock
from pipeline.core.event import Event
from pipeline.events.alert_rule import AlertRule, When

Mismatch = WhyLeftOut | Literal["event", "camera"]


def moment(event: Event) -> float:
    """When what the event says was so (UTC seconds): its end, or the last that was seen of it."""
    if event.ended_at is not None:
        return event.ended_at
    return float(event.data.get("last_seen_at", event.started_at))


def matches(when: When, event: Event, zone: tzinfo | None = None) -> bool:
    """All that `when` names must fit; `zone` is the time zone of its schedule, None the system's."""
    return mismatch(when, event, zone) is None


def mismatch(when: When, event: Event, zone: tzinfo | None = None) -> Mismatch | None:
    """The first of all that `when` names that does not fit; None where all of it does."""
    if not _fits(when.event, event.type):
        return "event"
    if not _fits(when.cameras, event.camera):
        return "camera"
    return _of_what_happened(when, event) or _of_when(when, event, zone)


def _of_what_happened(when: When, event: Event) -> Mismatch | None:
    if not _fits(when.objects, event.label):
        return "object"
    if not _fits(when.zones, event.zone, *event.zones):
        return "zone"
    if not _fits(when.lines, event.line):
        return "line"
    if not fits(when.attributes, event.attributes):
        return "attributes"
    return None if (event.score or 0.0) >= when.min_score else "score"


def _of_when(when: When, event: Event, zone: tzinfo | None) -> Mismatch | None:
    if when.schedule is None or _is_within(when.schedule, datetime.fromtimestamp(moment(event), zone).time()):
        return None
    return "schedule"


def _fits(wanted: Sequence[str], *found: str | None) -> bool:
    return not wanted or any(name in wanted for name in found)


def _is_within(schedule: str, now: time) -> bool:
    """From the first minute up to, not including, the second; over midnight where the second is earlier."""
    start, end = (time.fromisoformat(part) for part in schedule.split("-"))
    return start <= now < end if start < end else now >= start or now < end


class Cooldowns:
    """For how long a rule keeps still on a camera after it was heard."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent_at: dict[tuple[str, str], float] = {}

    def is_over(self, rule: AlertRule, camera: str) -> bool:
        sent_at = self._sent_at.get((rule.name, camera))
        return sent_at is None or self._clock.monotonic() - sent_at >= rule.cooldown

    def begin(self, rule: AlertRule, camera: str) -> None:
        """To be called for an alert that a sink really got."""
        self._sent_at[rule.name, camera] = self._clock.monotonic()
