"""What happened, and what is told to people about it."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from pipeline.core.ids import new_id
from pipeline.core.objects import AttributeValue, Box, TrackedObject

Severity = Literal["detection", "alert"]
State = Literal["new", "update", "end"]
ClipState = Literal["none", "pending", "ready", "failed"]


class Event(msgspec.Struct, kw_only=True, omit_defaults=False):
    """An object's life (`type="object"`), an instant (`zone_enter`, …) or a camera's span (`camera_offline`).

    Times are UTC seconds of the stream, not of the processing. An instant has `ended_at == started_at` and
    `state == "end"`. `rules` names the alert rules that matched; the first match makes the severity `alert`.
    """

    id: str
    type: str
    camera: str
    started_at: float
    ended_at: float | None = None
    state: State = "new"
    label: str | None = None
    score: float | None = None
    object_id: str | None = None
    box: Box | None = None
    zone: str | None = None
    line: str | None = None
    direction: str | None = None
    zones: list[str] = msgspec.field(default_factory=list)
    attributes: dict[str, AttributeValue] = msgspec.field(default_factory=dict)
    severity: Severity = "detection"
    rules: list[str] = msgspec.field(default_factory=list)
    has_snapshot: bool = False
    clip: ClipState = "none"
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    reviewed: bool = False
    """Somebody has seen to it; known to the store alone."""
    pinned: bool = False
    """Somebody wants it kept, however old it gets; known to the store alone."""

    @classmethod
    def instant(
        cls,
        type: str,
        *,
        camera: str,
        at: float,
        about: TrackedObject | None = None,
        zone: str | None = None,
        line: str | None = None,
        direction: str | None = None,
        **data: Any,
    ) -> "Event":
        """What a rule tells: something that happened at `at` (capture time), to one object or to none.

        `data` is kept with the event as it is; it must be plain values.
        """
        event = cls(
            id=new_id(at),
            type=type,
            camera=camera,
            started_at=at,
            ended_at=at,
            state="end",
            zone=zone,
            line=line,
            direction=direction,
            data=data,
        )
        if about is not None:
            event.label, event.score, event.object_id, event.box = about.label, about.score, about.root, about.box
            event.zones, event.attributes = list(about.zones), dict(about.attributes)
        return event

    @classmethod
    def span(cls, type: str, *, camera: str, since: float, zone: str | None = None, **data: Any) -> "Event":
        """What a rule tells when something has begun, at `since` (capture time); what follows has the same id.

        Tell it again with `state="update"` where `data` changes, and once with `state="end"` and `ended_at`.
        """
        zones = [zone] if zone else []
        return cls(id=new_id(since), type=type, camera=camera, started_at=since, zone=zone, zones=zones, data=data)


def moment(event: Event) -> float:
    """When what the event says was so (UTC seconds): its end, or the last that was seen of it."""
    if event.ended_at is not None:
        return event.ended_at
    return float(event.data.get("last_seen_at", event.started_at))


class Deleted(msgspec.Struct, frozen=True):
    """What is left of an event that somebody deleted."""

    id: str


class Alert(msgspec.Struct, kw_only=True):
    """An event that matched a rule, on its way to one sink.

    `id` is the idempotency key: a receiver that sees it twice was told the same thing twice. `title` is one line,
    `text` one or more; `time` is when the event began, on the clock of those who read it.
    """

    id: str
    rule: str
    event: Event
    snapshot: bytes | None = None
    url: str | None = None
    title: str = ""
    text: str = ""
    camera_name: str = ""
    """What people call the camera."""
    time: datetime | None = None
    test: bool = False
    """Nothing has happened: somebody wants to see whether it arrives."""
    events: list[Event] = msgspec.field(default_factory=list)
    """Where the rule groups what happens in a burst: all of it, `event` first; empty otherwise."""
    escalation: bool = False
    """Nobody had acknowledged it in time: these are the next who are told."""
