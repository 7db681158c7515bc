"""What people ask about things that were seen but never believed: what, and which rules were not asked for that."""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from pipeline.alerts.alert_rule import AlertRule, When
from pipeline.alerts.matching import matches
from pipeline.core.event import Event
from pipeline.core.glimpse import Glimpse, GlimpseQuery
from pipeline.store.glimpses import found
from pipeline.store.query import Page
from pipeline.store.store import EventStore

_OF_CAMERAS = {"camera_offline", "camera_online", "no_motion", "tamper"}
_OF_ZONES = {
    *("zone_enter", "zone_leave", "loitering", "count_over", "count_under", "wrong_way"),
    *("object_left", "object_removed"),
}


class GlimpseDesk:
    """Used on the event loop; raises StoreError."""

    def __init__(self, rules: Sequence[AlertRule], store: EventStore) -> None:
        self._store = store
        self._rules = rules

    async def glimpses(self, query: GlimpseQuery, *, limit: int, cursor: str | None = None) -> Page[Glimpse]:
        """Newest first; raises ValueError for a cursor that it never handed out."""
        page = await asyncio.to_thread(self._store.ask, lambda connection: found(connection, query, limit, cursor))
        return Page([replace(each, rules=not_asked(self._rules, each)) for each in page.items], page.next_cursor)


def not_asked(rules: Sequence[AlertRule], seen: Glimpse) -> list[str]:
    """The names of those that it could have fitted."""
    return [rule.name for rule in rules if could_fit(rule.when, seen)]


def could_fit(when: When, seen: Glimpse) -> bool:
    """By what is known of it: nobody knows which lines it crossed, what colour it had, which profile held."""
    types = {*when.event} - _OF_CAMERAS
    if when.event and (not types or (types <= _OF_ZONES and not seen.zones)):
        return False
    known = when.model_copy(update={"event": (), "lines": (), "attributes": {}, "profiles": ()})
    return matches(known, _as_event(seen))


def _as_event(seen: Glimpse) -> Event:
    return Event(
        id=seen.id,
        type="object",
        camera=seen.camera,
        started_at=seen.first_seen_at,
        label=seen.label,
        score=seen.score,
        zones=seen.zones,
    )
