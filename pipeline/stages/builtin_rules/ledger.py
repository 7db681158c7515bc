"""What rules nearly told of each object."""

from collections.abc import Iterable, Sequence

from pipeline.core.event import Event
from pipeline.core.near_miss import NearMiss
from pipeline.core.objects import TrackedObject

MOST = 8
"""Near misses of one object that are kept: the latest places, at each the nearest one."""


class Ledger:
    """A miss is struck out when the rule tells after all. Objects that nobody believes yet have theirs told later."""

    def __init__(self) -> None:
        self._misses: dict[str, dict[tuple[str, str | None, str | None], NearMiss]] = {}
        self._news: set[str] = set()

    def enter(self, said: Iterable[Event | NearMiss]) -> list[Event]:
        """Writes down the misses and returns the events."""
        events: list[Event] = []
        for one in said:
            if isinstance(one, NearMiss):
                self._miss(one)
            else:
                self._strike(one)
                events.append(one)
        return events

    def news(self, objects: Sequence[TrackedObject]) -> dict[str, list[NearMiss]]:
        """All misses of each object of which one is new, or is none any more; those of who has gone are forgotten."""
        unbelieved = {thing.root for thing in objects if not thing.confirmed} - {
            thing.root for thing in objects if thing.confirmed
        }
        told = self._news - unbelieved
        self._news &= unbelieved
        news = {one: list(self._misses.get(one, {}).values()) for one in told}
        present = {thing.root for thing in objects}
        self._misses = {one: misses for one, misses in self._misses.items() if one in present}
        return news

    def _miss(self, miss: NearMiss) -> None:
        misses = self._misses.setdefault(miss.object_id, {})
        before = misses.pop(miss.place, None)
        misses[miss.place] = before if before and before.near > miss.near else miss
        if misses[miss.place] != before:
            self._news.add(miss.object_id)
        if len(misses) > MOST:
            del misses[next(iter(misses))]

    def _strike(self, event: Event) -> None:
        misses = self._misses.get(event.object_id or "", {})
        if misses.pop((event.type, event.zone, event.line), None):
            self._news.add(event.object_id or "")
