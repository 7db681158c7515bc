"""What a person is told about the alert rules."""

from typing import Any, Literal

import msgspec

WhyLeftOut = Literal["zone", "line", "object", "attributes", "score", "schedule", "cooldown", "no sink"]
"""The first condition of the rule that an event did not meet; or, of one that met them all, why nothing was sent."""


class LeftOut(msgspec.Struct, frozen=True):
    """Events of a rule's kind and cameras that came to nothing for one reason, in the last 24 hours."""

    reason: WhyLeftOut
    events: int
    last_at: float
    last_event: str
    """The id of the latest."""


class Delivery(msgspec.Struct, frozen=True):
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

    `matched_24h` and `last_matched_at` come from the store; what was delivered or left out is counted since the start.
    """

    name: str
    when: dict[str, Any]
    """As configured, without what means any."""
    cooldown: float
    send: list[SinkName]
    matched_24h: int
    last_matched_at: float | None
    delivered_24h: int
    last_delivered_at: float | None
    last_delivered_event: str | None
    deliveries: list[Delivery]
    left_out: list[LeftOut]


class SinkOutcome(msgspec.Struct, frozen=True):
    """How a test went; `error` is null where it arrived."""

    sink: str
    error: str | None
