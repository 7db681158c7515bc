"""Which alert rules an event matches, and what is missing where it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.alerts.alert_rule import When
from pipeline.core.alerts import WhyLeftOut
from pipeline.core.attributes import fits
from pipeline.core.event import Event, moment
from pipeline.core.figures import below
from pipeline.core.schedule import holds, zone_of


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first condition that an event does not meet, and that in words and figures."""

    reason: WhyLeftOut
    words: str


def matches(when: When, event: Event) -> bool:
    """All that `when` names must fit, but for `profiles`, which no event knows of."""
    return mismatch(when, event) is None


def mismatch(when: When, event: Event, at: float | None = None) -> Mismatch | None:
    """The first of all that `when` names that does not fit; None where all of it does.

    `at` is when it was as it is (UTC seconds): the event's own moment where nothing else is said.
    """
    if not _fits(when.event, event.type):
        return Mismatch("event", f"it is {event.type}, not {_either(when.event)}")
    if not _fits(when.cameras, event.camera):
        return Mismatch("camera", f"it was on {event.camera}, not {_either(when.cameras)}")
    return _of_what_happened(when, event) or _of_when(when, moment(event) if at is None else at)


def _of_what_happened(when: When, event: Event) -> Mismatch | None:
    if not _fits(when.objects, event.label):
        return Mismatch("object", f"{event.label or 'no object'}, not {_either(when.objects)}")
    if not _fits(when.zones, event.zone, *event.zones):
        been = [zone for zone in dict.fromkeys((event.zone, *event.zones)) if zone]
        return Mismatch("zone", f"{' and '.join(been) or 'no zone'}, not {_either(when.zones)}")
    if not _fits(when.lines, event.line):
        return Mismatch("line", f"{event.line or 'no line'}, not {_either(when.lines)}")
    if not fits(when.attributes, event.attributes):
        return Mismatch("attributes", _attributes(when, event))
    if (event.score or 0.0) < when.min_score:
        score = "no score" if event.score is None else f"score {below(event.score, when.min_score)}"
        return Mismatch("score", f"{score} below {when.min_score:g}")
    return None


def _attributes(when: When, event: Event) -> str:
    name = next(name for name, values in when.attributes.items() if not fits({name: values}, event.attributes))
    found = event.attributes.get(name)
    wanted = _either([str(value) for value in when.attributes[name]])
    return f"{name} is {'not known' if found is None else found}, not {wanted}"


def _of_when(when: When, at: float) -> Mismatch | None:
    zone = zone_of(when.time_zone)
    if holds(when.schedule, at, zone):
        return None
    return Mismatch("schedule", f"{datetime.fromtimestamp(at, zone):%a %H:%M}, not {_either(when.schedule)}")


def _fits(wanted: Sequence[str], *found: str | None) -> bool:
    return not wanted or any(name in wanted for name in found)


def _either(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
