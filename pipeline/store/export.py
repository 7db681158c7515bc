"""Events as people and programs read them.

There is one JSON form of an event, for the API, webhooks and files alike: the fields of
`pipeline.core.event.Event`, times as UTC seconds, what is not known as null.
"""

import csv
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from typing import BinaryIO, TextIO

import msgspec

from pipeline.core.attributes import in_words
from pipeline.core.event import Event, moment

COLUMNS = ("time", "camera", "type", "what", "severity", "rules", "id")
"""Heads of a table whose rows are `row`s."""


def write_jsonl(events: Iterable[Event], file: BinaryIO) -> None:
    """One JSON document a line."""
    for event in events:
        file.write(msgspec.json.encode(event) + b"\n")


def write_csv(events: Iterable[Event], file: TextIO) -> None:
    """A header, then one row an event: lists are joined by spaces, maps are JSON. Open `file` with `newline=""`."""
    writer = csv.writer(file)
    writer.writerow(Event.__struct_fields__)
    for event in events:
        writer.writerow(_cell(value) for value in msgspec.structs.astuple(event))


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode() if value else ""
    return " ".join(str(part) for part in value) if isinstance(value, list | tuple) else value


def row(event: Event, zone: tzinfo | None = None) -> tuple[str, ...]:
    """A line of a table, by `COLUMNS`."""
    when = datetime.fromtimestamp(event.started_at, zone).strftime("%Y-%m-%d %H:%M:%S")
    return when, event.camera, event.type, describe(event), event.severity, ", ".join(event.rules), event.id


def one_line(event: Event, zone: tzinfo | None = None) -> str:
    """`16:02:11  driveway  person entered zone entrance (0.83)`, in local time unless `zone` says another."""
    clock = datetime.fromtimestamp(moment(event), zone).strftime("%H:%M:%S")
    return f"{clock}  {event.camera}  {describe(event)}"


def describe(event: Event) -> str:
    """What happened, in a few words."""
    words = _PHRASES.get(event.type, _anything)(event)
    return words if event.score is None else f"{words} ({event.score:.2f})"


def _object(event: Event) -> str:
    if event.state == "new":
        return f"{_who(event)} appeared"
    verb = f"left after {_duration(event)}" if event.state == "end" else "is there"
    return f"{_who(event)} {verb}" + (f", was in {', '.join(event.zones)}" if event.zones else "")


def _offline(event: Event) -> str:
    if event.state == "end":
        return f"camera is back after {_duration(event)}"
    reason = event.data.get("reason")
    return f"camera is offline: {reason}" if reason else "camera is offline"


def _anything(event: Event) -> str:
    """Of a type that only a plugin knows."""
    parts = (event.label, event.type.replace("_", " "), event.zone or event.line)
    return " ".join(part for part in parts if part) + (" ended" if _is_over(event) else "")


def _span(event: Event) -> str:
    return f" for {_duration(event)}" if _is_over(event) else ""


def _is_over(event: Event) -> bool:
    return event.state == "end" and event.ended_at != event.started_at


def _who(event: Event) -> str:
    """`car (red)`: what it is, and what was found out of it."""
    words = in_words(event.attributes)
    return (event.label or "object") + (f" ({words})" if words else "")


def _duration(event: Event) -> str:
    seconds = round((event.ended_at or event.started_at) - event.started_at)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def _direction(event: Event) -> str:
    return f" to the {event.direction}" if event.direction in ("left", "right") else ""


_PHRASES: Mapping[str, Callable[[Event], str]] = {
    "object": _object,
    "zone_enter": lambda event: f"{_who(event)} entered zone {event.zone}",
    "zone_leave": lambda event: f"{_who(event)} left zone {event.zone}",
    "loitering": lambda event: f"{_who(event)} loiters in zone {event.zone}",
    "line_cross": lambda event: f"{_who(event)} crossed line {event.line}{_direction(event)}",
    "count_over": lambda event: f"too many in zone {event.zone}: {event.data.get('most', '?')}",
    "count_under": lambda event: f"too few in zone {event.zone}: {event.data.get('least', '?')}",
    "wrong_way": lambda event: f"{_who(event)} went the wrong way in zone {event.zone}",
    "object_left": lambda event: f"{_who(event)} was left in zone {event.zone}",
    "object_removed": lambda event: f"{_who(event)} was taken from zone {event.zone}",
    "no_motion": lambda event: f"nothing moved{_span(event)}",
    "tamper": lambda event: f"camera was {event.data.get('kind', 'meddled with')}{_span(event)}",
    "camera_offline": _offline,
    "camera_online": lambda _event: "camera is online again",
}
