"""What there is to filter events by."""

from sqlalchemy import Column, ColumnElement, Connection, func, select

from pipeline.core.overview import EventChoices
from pipeline.store.schema import event_attributes, event_rules, event_zones, events

MOST = 500
"""Nobody chooses from more."""


def choices(connection: Connection) -> EventChoices:
    names = _values(connection, event_attributes.c.name)
    return EventChoices(
        cameras=cameras(connection),
        types=_values(connection, events.c.type),
        labels=_values(connection, events.c.label),
        zones=_values(connection, event_zones.c.zone),
        rules=_values(connection, event_rules.c.rule),
        attributes={
            name: _values(connection, event_attributes.c.value, event_attributes.c.name == name) for name in names
        },
    )


def cameras(connection: Connection) -> list[str]:
    """Those that there are events of."""
    return _values(connection, events.c.camera)


def _values(connection: Connection, column: Column[str], *of: ColumnElement[bool]) -> list[str]:
    """The different values of a column that an index begins with: from each to the next, not over all rows."""
    smallest = select(func.min(column)).where(*of)
    each = select(smallest.scalar_subquery().label("value")).cte("each", recursive=True)
    next_one = smallest.where(column > each.c.value).scalar_subquery()
    each = each.union_all(select(next_one).where(each.c.value.is_not(None)))
    return [*connection.scalars(select(each.c.value).where(each.c.value.is_not(None)).limit(MOST))]
