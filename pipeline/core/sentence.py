"""What happened, as a person says it; the page has the same sentences in `wording.js`."""

from collections.abc import Callable

from pipeline.core.event import Event

SENTENCES: dict[str, Callable[[Event], str]] = {
    "object": lambda event: _who(event),
    "zone_enter": lambda event: f"{_who(event)} entered {_where(event)}",
    "zone_leave": lambda event: f"{_who(event)} left {_where(event)}",
    "line_cross": lambda event: f"{_who(event)} crossed {spoken(event.line or 'a line')}{_side(event)}",
    "loitering": lambda event: f"{_who(event)} is loitering in {_where(event)}",
    "wrong_way": lambda event: f"{_who(event)} goes the wrong way in {_where(event)}",
    "object_left": lambda event: f"{_who(event)} was left in {_where(event)}",
    "object_removed": lambda event: f"{_who(event)} was taken from {_where(event)}",
    "count_over": lambda event: f"Too many in {_where(event)}{_count(event)}",
    "count_under": lambda event: f"Too few in {_where(event)}{_count(event)}",
    "no_motion": lambda _event: "Nothing moves",
    "tamper": lambda event: f"Camera was tampered with{_kind(event)}",
    "camera_offline": lambda _event: "Camera went offline",
    "camera_online": lambda _event: "Camera is online again",
    "test": lambda _event: "nothing has happened",
}


def sentence(event: Event) -> str:
    """One short sentence without camera, time and full stop; of a type that is not known, its name."""
    known = SENTENCES.get(event.type)
    if known is not None:
        return known(event)
    return capitalised(spoken(event.type)) + (f": {spoken(event.label)}" if event.label else "")


def spoken(name: str) -> str:
    return name.replace("_", " ")


def capitalised(text: str) -> str:
    """The rest stays as it is, unlike with `str.capitalize`."""
    return text[:1].upper() + text[1:]


def _who(event: Event) -> str:
    return capitalised(spoken(event.label or "something"))


def _where(event: Event) -> str:
    return spoken(event.zone or "a zone")


def _count(event: Event) -> str:
    return f": {event.data['count']}" if "count" in event.data else ""


def _kind(event: Event) -> str:
    return f": {event.data['kind']}" if "kind" in event.data else ""


def _side(event: Event) -> str:
    return f" to the {event.direction}" if event.direction else ""
