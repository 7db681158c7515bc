"""Where events wait for the store."""

from pipeline.core.event import Event


class Inbox:
    """Bounded; for one event loop's thread.

    A newer `update` takes the place of the one that waits: it says all that one did. When there is no room the
    oldest `update` goes, and only where there is none the oldest event; `dropped` counts both.
    """

    def __init__(self, capacity: int = 1024) -> None:
        self.capacity = capacity
        self.dropped = 0
        self._waiting: dict[int, Event] = {}
        self._updates: dict[str, int] = {}
        self._next = 0

    def put(self, event: Event) -> Event | None:
        """Returns the event that had to go for this one."""
        if event.state == "update" and event.id in self._updates:
            self._waiting[self._updates[event.id]] = event
            return None
        victim = self._make_room() if len(self._waiting) >= self.capacity else None
        if event.state == "update":
            self._updates[event.id] = self._next
        else:
            self._updates.pop(event.id, None)  # order: what comes later must not move in front of this one
        self._waiting[self._next] = event
        self._next += 1
        return victim

    def _make_room(self) -> Event:
        self.dropped += 1
        updates = (number for number, event in self._waiting.items() if event.state == "update")
        number = next(updates, next(iter(self._waiting)))
        victim = self._waiting.pop(number)
        if self._updates.get(victim.id) == number:
            del self._updates[victim.id]
        return victim

    def take(self) -> list[Event]:
        """Everything that waits, oldest first."""
        taken = [*self._waiting.values()]
        self._waiting.clear()
        self._updates.clear()
        return taken

    def __len__(self) -> int:
        return len(self._waiting)
