"""What one may ask about the past; the store answers it, the API and the CLI ask it."""

from dataclasses import dataclass

from pipeline.core.event import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery:
    """All that is given must hold; an empty tuple or None means any.

    `zone` finds what happened in a zone and the objects that passed through it. `after` and `before` bound
    `started_at` (UTC seconds): after ≤ started_at < before. `attributes` are names with values as text; of
    several values of one name any will do. `rule` is the name of an alert rule that the event matched.
    """

    ids: tuple[str, ...] = ()

    cameras: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    zone: str | None = None
    rule: str | None = None
    severity: Severity | None = None
    object_id: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    after: float | None = None
    before: float | None = None
    reviewed: bool | None = None
    pinned: bool | None = None


def attribute_of(text: str) -> tuple[str, str]:
    """`colour:red` as a name and a value; raises ValueError."""
    name, colon, value = text.partition(":")
    if not (name and colon and value):
        raise ValueError(f"got {text!r}, wanted an attribute and its value, as in colour:red")
    return name, value
