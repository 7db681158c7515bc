"""What a query asks for, one thing by one, and which of them a page is best read along.

Each has an index that has its rows in order of time. A page is read along one of them, newest first, and every row
that the others let through is taken: so it is read along the rarest, which a glance at each index tells.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, exists, literal_column, select

from pipeline.core.event_query import EventQuery
from pipeline.events.schema import event_attributes, event_rules, event_zones, events

GLANCE = 1000
"""The time of so many rows before the newest one shows how rare something is."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`name` tells it from the others of a query.

    `leads` is its condition where the page is read along `table`, `checks` where it is read along another.
    """

    name: str
    table: Table
    leads: ColumnElement[bool]
    checks: ColumnElement[bool]
    may_lead: bool = True


def filters_of(query: EventQuery) -> list[Filter]:
    """Those that are rare as a rule come first."""
    return [*_filters(query)]


def leading(connection: Connection, query: EventQuery, before: float | None = None) -> Filter | None:
    """The one to read a page along; None where time does. `before` is where an earlier page ended."""
    candidates = [each for each in filters_of(query) if each.may_lead]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    earliest = min((at for at in (query.before, before) if at is not None), default=None)
    return min(candidates, key=lambda each: _far_back(connection, each, query.after, earliest))


def _far_back(connection: Connection, each: Filter, after: float | None, before: float | None) -> float:
    """The time (UTC seconds) that one has to go back to for some more of it."""
    at = each.table.c.started_at
    found = select(at).where(each.leads, *within(at, after, before))
    found_at: float | None = connection.scalar(found.order_by(at.desc()).limit(1).offset(GLANCE))
    return float("-inf") if found_at is None else found_at


def within(at: ColumnElement[float], after: float | None, before: float | None) -> Iterator[ColumnElement[bool]]:
    if after is not None:
        yield at >= after
    if before is not None:
        yield at < before


def _filters(query: EventQuery) -> Iterator[Filter]:
    if query.ids:
        yield Filter("id", events, events.c.id.in_(query.ids), events.c.id.in_(query.ids), may_lead=False)
    yield from _of_column(events.c.object_id, () if query.object_id is None else (query.object_id,))
    if query.pinned is not None:  # written out: an index of some rows is not found otherwise
        is_so = events.c.pinned == literal_column(str(int(query.pinned)))
        yield Filter("pinned", events, is_so, events.c.pinned + 0 == int(query.pinned), may_lead=query.pinned)
    if query.rule is not None:
        yield _beside(event_rules, event_rules.c.rule, (query.rule,))
    for name, values in _by_name(query.attributes).items():
        yield _beside(event_attributes, event_attributes.c.value, values, name)
    if query.zone is not None:
        yield _beside(event_zones, event_zones.c.zone, (query.zone,))
    yield from _of_column(events.c.label, query.labels)
    yield from _of_column(events.c.camera, query.cameras)
    yield from _of_column(events.c.type, query.types)
    yield from _of_column(events.c.severity, () if query.severity is None else (query.severity,))
    if query.reviewed is not None:
        is_so = events.c.reviewed == int(query.reviewed)
        yield Filter("reviewed", events, is_so, events.c.reviewed + 0 == int(query.reviewed))


def _of_column(column: Column[str], values: tuple[str, ...]) -> Iterator[Filter]:
    """Where it does not lead its index is hidden, so that no database reads along that all the same."""
    if values:
        yield Filter(column.name, events, _is_any(column, values), _is_any(column + "", values), len(values) == 1)


def _beside(table: Table, column: Column[str], values: tuple[str, ...], name: str | None = None) -> Filter:
    """Of a table that has several rows for an event; one look at its key tells whether there is one."""
    leads, other = _is_any(column, values), table.alias()
    same = other.c.started_at == events.c.started_at, other.c.event_id == events.c.id
    checks = _is_any(other.c[column.name], values)
    if name is not None:
        leads, checks = (table.c.name == name) & leads, (other.c.name == name) & checks
    return Filter(f"{table.name} {name or ''}", table, leads, exists().where(checks, *same), len(values) == 1)


def _by_name(attributes: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for name, value in dict.fromkeys(attributes):
        values[name] = (*values.get(name, ()), value)
    return values


def _is_any(column: ColumnElement[Any], values: tuple[str, ...]) -> ColumnElement[bool]:
    """Equality where one will do: an index then also gives the order."""
    return column == values[0] if len(values) == 1 else column.in_(values)
