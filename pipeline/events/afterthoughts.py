"""What is found out of an object a moment after something happened to it."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from pipeline.core.clock import Clock
from pipeline.core.event import Event
from pipeline.core.objects import TrackedObject

LATE_S = 5.0
CAPACITY = 1024


class Afterthoughts:
    """Adds to instants what a classifier says of their object within `LATE_S`.

    A classifier takes a moment: somebody who walks in has entered a zone before it has answered. Without this,
    an alert for a red car that drives in would depend on which of the two came first. What an instant knew
    when it happened stays as it was.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._instants: OrderedDict[str, tuple[float, Event]] = OrderedDict()
        """By event id, oldest first, with when each was told."""

    def remember(self, event: Event) -> None:
        """Only what happened to an object at one moment is kept."""
        if event.object_id is None or event.type == "object" or event.state != "end":
            return
        self._instants[event.id] = self._clock.monotonic(), event
        if len(self._instants) > CAPACITY:
            self._instants.popitem(last=False)

    def update(self, camera: str, objects: Sequence[TrackedObject]) -> Iterable[Event]:
        """The instants that know more now."""
        self._forget_the_old()
        seen = {thing.root: thing for thing in objects if thing.attributes} if self._instants else {}
        if not seen:
            return
        for event_id, (told_at, event) in list(self._instants.items()):
            thing = seen.get(str(event.object_id)) if event.camera == camera else None
            if thing is not None and not thing.attributes.keys() <= event.attributes.keys():
                more = replace(event, attributes={**thing.attributes, **event.attributes})
                self._instants[event_id] = told_at, more
                yield more

    def _forget_the_old(self) -> None:
        now = self._clock.monotonic()
        while self._instants and now - next(iter(self._instants.values()))[0] > LATE_S:
            self._instants.popitem(last=False)
