"""Events that the store did not take, until it does."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from pipeline.core.clock import Clock
from pipeline.core.event import Event

MOST = 1024
A_TIME = 64
AGAIN_S = 2.0
"""After the store has refused something: it may take seconds over that, for which new events wait."""


class Refused(NamedTuple):
    event: Event
    is_first: bool
    """Whether the store knows nothing of it yet."""


class Unstored:
    """Each as it was last; where there are too many, the oldest is lost. For one event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: OrderedDict[str, Refused] = OrderedDict()
        self._refused_at: float | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def refused(self, event: Event, *, is_first: bool) -> None:
        self._refused_at = self._clock.monotonic()
        before = self._waiting.get(event.id)
        self._waiting[event.id] = Refused(event, is_first or (before is not None and before.is_first))
        if len(self._waiting) > MOST:
            self._waiting.popitem(last=False)

    def stored(self, event: Event) -> bool:
        """Whether this is the first that the store took of an event of which it had refused the beginning."""
        self._refused_at = None
        before = self._waiting.pop(event.id, None)
        return before is not None and before.is_first

    def forget(self, ids: Iterable[str]) -> None:
        for event_id in ids:
            self._waiting.pop(event_id, None)

    def to_try(self) -> Sequence[Refused]:
        """The oldest alone, now and then, for as long as the store takes nothing."""
        if self._refused_at is None:
            return [*islice(self._waiting.values(), A_TIME)]
        is_time = self._clock.monotonic() - self._refused_at >= AGAIN_S
        return [*islice(self._waiting.values(), 1)] if is_time else []
