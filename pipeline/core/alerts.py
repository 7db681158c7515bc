"""What a person is told about the alert rules."""

from typing import Any, Literal

import msgspec

WhyLeftOut = Literal[
    "event",
    "camera",
    "zone",
    "line",
    "object",
    "attributes",
    "score",
    "schedule",
    "profile",
    "snoozed",
    "cooldown",
    "no sink",
]
"""The first condition of the rule that an event did not meet; or, of one that met them all, why nothing was sent."""

DeliveryState = Literal["waiting", "delivered", "dead", "dropped", "acknowledged"]
"""`dead`: given up on, can be sent again. `dropped`: too old to matter. `acknowledged`: somebody saw to it first."""

CooldownPer = Literal["object", "camera", "rule"]


class LeftOut(msgspec.Struct, frozen=True):
    """Events of a rule's kind and cameras that came to nothing for one reason, in the last 24 hours."""

    reason: WhyLeftOut
    events: int
    last_at: float
    last_event: str
    """The id of the latest."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An alert on its way to one sink, or at the end of it. Without secrets; times are UTC seconds."""

    id: int
    alert: str
    """Its idempotency key."""
    rule: str
    sink: str
    event: str
    camera: str
    state: DeliveryState
    attempts: int
    created_at: float
    next_at: float
    """When it is tried next, where it waits."""
    done_at: float | None
    error: str | None
    """What went wrong last."""
    escalation: bool
    """Sent because nobody had acknowledged the alert in time."""


class DeliveryCounts(msgspec.Struct, frozen=True):
    """Of one sink: what is late and tried again, what was given up on, and what was dropped in the last 24 hours."""

    sink: str
    waiting: int
    dead: int
    dropped_24h: int


class LastDelivery(msgspec.Struct, frozen=True):
    """How the latest alert to one sink went; `error` is null where it arrived. Without secrets."""

    sink: str
    at: float
    event: str
    error: str | None


class SinkName(msgspec.Struct, frozen=True):
    name: str
    type: str


class AlertStatus(msgspec.Struct, frozen=True):
    """A rule of the configuration, and what became of it.

    What was left out is counted since the start; the rest comes from the store.
    """

    name: str
    when: dict[str, Any]
    """As configured, without what means any."""
    cooldown: float
    cooldown_per: CooldownPer
    send: list[SinkName]
    matched_24h: int
    last_matched_at: float | None
    delivered_24h: int
    last_delivered_at: float | None
    last_delivered_event: str | None
    deliveries: list[LastDelivery]
    left_out: list[LeftOut]
    group: float
    """Seconds in which what happens becomes one message; 0 where each has its own."""
    escalate_after: float | None
    escalate_to: list[SinkName]
    is_on: bool
    """False while the profile that holds is none of the rule's."""
    snoozed_until: float | None


class SinkOutcome(msgspec.Struct, frozen=True):
    """How a test went; `error` is null where it arrived."""

    sink: str
    error: str | None


class NearMiss(msgspec.Struct, frozen=True):
    """What an object nearly did, and what was missing."""

    rule: str
    where: str
    why: str


class WhyNot(msgspec.Struct, frozen=True):
    """What became of one event under one alert rule, in words and figures; `reason` is null where it was sent."""

    rule: str
    sent: bool
    reason: WhyLeftOut | None
    words: str
    deliveries: list[Delivery]


class Why(msgspec.Struct, frozen=True):
    """Of an event: what each alert rule made of it, and what its object nearly did."""

    event: str
    rules: list[WhyNot]
    near_misses: list[NearMiss]


class Snooze(msgspec.Struct, frozen=True):
    """A rule or a camera that is kept still until a time (UTC seconds)."""

    kind: Literal["rule", "camera"]
    name: str
    until: float


class AlertSwitches(msgspec.Struct, frozen=True):
    """What people switch while the system runs."""

    profiles: list[str]
    profile: str | None
    snoozes: list[Snooze]
    rules: list[str]
    """The names of all that there are."""
