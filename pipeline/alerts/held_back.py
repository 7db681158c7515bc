"""Events that fitted an alert rule which kept still all the same, in the store."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from pipeline.alerts.alert_tables import held_back
from pipeline.core.alerts import WhyLeftOut


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Why a rule kept still, with figures; `at` is UTC seconds."""

    rule: str
    reason: WhyLeftOut
    words: str
    at: float


def note(connection: Connection, event_id: str, held: Iterable[HeldBack]) -> None:
    """The latest of a rule counts."""
    for each in held:
        connection.execute(delete(held_back).where(held_back.c.event_id == event_id, held_back.c.rule == each.rule))
        row: dict[str, Any] = {"rule": each.rule, "reason": each.reason, "words": each.words, "at": each.at}
        connection.execute(insert(held_back), row | {"event_id": event_id})


def of_event(connection: Connection, event_id: str) -> dict[str, HeldBack]:
    """By rule."""
    rows = connection.execute(select(held_back).where(held_back.c.event_id == event_id))
    return {row.rule: HeldBack(row.rule, row.reason, row.words, row.at) for row in rows}
