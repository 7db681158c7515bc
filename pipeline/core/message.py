"""The words of an alert: templates for its title and text, and what they may use."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace
from pydantic import AfterValidator

from pipeline.core.event import Alert, Event
from pipeline.core.options import Options
from pipeline.core.sentence import sentence
from pipeline.core.templates import TemplateFailed, check_template, fill_in

log = logging.getLogger(__name__)

DEFAULT_TITLE = "{{ what }}, {{ camera_name }}, {{ time.strftime('%H:%M') }}"
DEFAULT_TEXT = """\
{{ what }}.
{{ camera_name }}, {{ time.strftime('%d %B %Y, %H:%M:%S') }}
{%- if score %}
Certain to {{ (100 * score) | round | int }} %
{%- endif %}
{%- if event.data.reason %}
Reason: {{ event.data.reason }}
{%- endif %}
{%- for name, value in attributes.items() %}
{{ name | replace('_', ' ') }}: {{ value }}
{%- endfor %}
Rule: {{ rule }}
"""

NAMES = (
    "attributes",
    "camera",
    "camera_name",
    "direction",
    "escalation",
    "event",
    "id",
    "label",
    "line",
    "rule",
    "score",
    "test",
    "time",
    "url",
    "what",
    "zone",
)
"""What a template of an alert rule may use; `docs/alert-sinks.md` explains each."""
SINK_NAMES = (*NAMES, "count", "events", "text", "title")
"""What a template of a sink may use: title and text are the rule's, and it knows all of a burst."""
PICTURE_NAMES = (*SINK_NAMES, "snapshot")


def template_with(*names: str) -> AfterValidator:
    """For a text of a plugin's options: a template that may use these names, and no others."""

    def checked(source: str) -> str:
        check_template(source, names, {"event": Event.__struct_fields__})
        return source

    return AfterValidator(checked)


RuleTemplate = Annotated[str, template_with(*NAMES)]
SinkTemplate = Annotated[str, template_with(*SINK_NAMES)]


def _is_a_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("the name of a time zone, like Europe/Berlin") from None
    return name


class Message(Options):
    """How the alerts of a rule read."""

    title: RuleTemplate = DEFAULT_TITLE
    text: RuleTemplate = DEFAULT_TEXT
    time_zone: Annotated[str, AfterValidator(_is_a_time_zone)] | None = None
    """Of the times in both; null is that of this machine."""

    def at(self, seconds: float) -> datetime:
        """UTC seconds on this message's clock."""
        zone = ZoneInfo(self.time_zone) if self.time_zone else None
        return datetime.fromtimestamp(seconds, zone).astimezone(zone)


class SinkMessage(Options):
    """How alerts read at one sink; what is left out stays as the rule has it."""

    title: SinkTemplate | None = None
    text: SinkTemplate | None = None


class AlertOptions(Options):
    """The base for the options of an alert sink whose messages may be worded otherwise."""

    message: SinkMessage | None = None


class _Lenient(dict[str, Any]):
    """What is not among the values is nothing, not a mistake: cameras and rules know different things."""

    def __missing__(self, _name: str) -> None:
        return None


def values_of(alert: Alert) -> Mapping[str, Any]:
    """What the templates of an alert are filled in with, by name."""
    event = alert.event
    return {
        "attributes": _Lenient(event.attributes),
        "camera": event.camera,
        "camera_name": alert.camera_name or event.camera,
        "count": max(1, len(alert.events)),
        "direction": event.direction,
        "escalation": alert.escalation,
        "event": _plain(event),
        "events": [_plain(each) for each in alert.events or [event]],
        "id": alert.id,
        "label": event.label,
        "line": event.line,
        "rule": alert.rule,
        "score": event.score,
        "test": alert.test,
        "text": alert.text,
        "time": alert.time or Message().at(event.started_at),
        "title": alert.title,
        "url": alert.url,
        "what": sentence(event),
        "zone": event.zone,
    }


def _plain(event: Event) -> Mapping[str, Any]:
    plain = msgspec.to_builtins(event)
    return {**plain, "attributes": _Lenient(event.attributes), "data": _Lenient(event.data)}


def worded(alert: Alert, *, title: str | None = None, text: str | None = None) -> Alert:
    """The alert with these templates filled in; one that fails is logged and leaves the usual words.

    A title is one line.
    """
    values = values_of(alert)
    return replace(
        alert,
        title=" ".join(_filled(title, DEFAULT_TITLE, values).split()) if title is not None else alert.title,
        text=_filled(text, DEFAULT_TEXT, values).strip() if text is not None else alert.text,
    )


def _filled(source: str, usual: str, values: Mapping[str, Any]) -> str:
    try:
        return fill_in(source, values)
    except TemplateFailed as error:
        log.error("alerts of rule %r: %s", values["rule"], error)
        return fill_in(usual, values)
