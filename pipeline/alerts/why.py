"""Why an alert was sent, or why not: in words and figures."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.held_back import HeldBack
from pipeline.alerts.matching import mismatch
from pipeline.core.alerts import Delivery, NearMiss, WhyNot
from pipeline.core.event import Event


def why(rule: AlertRule, event: Event, deliveries: Sequence[Delivery], held: Mapping[str, HeldBack]) -> WhyNot:
    """`deliveries` are all that tell of the event; `held` says which rules kept still about it."""
    ours = [each for each in deliveries if each.rule == rule.name]
    if ours:
        sent = any(each.state == "delivered" for each in ours)
        return WhyNot(rule.name, sent, None, "; ".join(map(_of_delivery, ours)), ours)
    if (kept := held.get(rule.name)) is not None:
        return WhyNot(rule.name, False, kept.reason, kept.words, [])
    if (missing := mismatch(rule.when, event)) is not None:
        return WhyNot(rule.name, False, missing.reason, missing.words, [])
    if rule.name in event.rules:
        return WhyNot(rule.name, False, None, "what became of it is not remembered any more", [])
    return WhyNot(rule.name, False, None, "it fits the rule as it is now, but did not when it happened", [])


def _of_delivery(delivery: Delivery) -> str:
    to = f"{delivery.sink}{' (escalation)' if delivery.escalation else ''}"
    error = f": {delivery.error}" if delivery.error else ""
    match delivery.state:
        case "delivered":
            return f"{to}: delivered {_time(delivery.done_at)}"
        case "waiting" if delivery.attempts:
            return f"{to}: waiting after {_attempts(delivery)}{error}"
        case "waiting":
            return f"{to}: waiting until {_time(delivery.next_at)}"
        case "dead":
            return f"{to}: dead after {_attempts(delivery)}{error}"
        case "dropped":
            return f"{to}: dropped after {_attempts(delivery)}, it had become too old to matter"
        case _:
            return f"{to}: not needed, somebody had acknowledged it"


def _attempts(delivery: Delivery) -> str:
    return f"{delivery.attempts} attempt{'' if delivery.attempts == 1 else 's'}"


def _time(at: float | None) -> str:
    return "" if at is None else f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M:%S}"


def near_misses(event: Event) -> list[NearMiss]:
    """What the rules of the analysis say that the event's object nearly did; they may say anything."""
    said = event.data.get("near_misses")
    return [*_told(said)] if isinstance(said, list) else []


def _told(said: Iterable[Any]) -> Iterable[NearMiss]:
    for each in said:
        if isinstance(each, Mapping):
            where = each.get("zone") or each.get("line") or ""
            yield NearMiss(str(each.get("rule", "")), str(where), str(each.get("why", "")))
