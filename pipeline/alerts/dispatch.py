"""Alerts on their way to the sinks."""

import asyncio
from collections.abc import Iterable, Mapping

from pipeline.alerts.delivery_options import DeliveryOptions
from pipeline.alerts.lane import Lane, Letters
from pipeline.alerts.outbox_rows import Draft, Parcel
from pipeline.core.alerts import SinkOutcome
from pipeline.core.clock import Clock
from pipeline.core.contracts import AlertSink
from pipeline.core.event import Alert
from pipeline.core.metrics import Metrics


class Dispatcher:
    """Sees to it that what is in the outbox arrives, each sink for itself; for one event loop's thread.

    Counted in `metrics.alerts`: delivered, retried, failed (given up), dropped (too old, or the store could not take
    it and there was no room).
    """

    def __init__(
        self,
        sinks: Mapping[str, AlertSink],
        letters: Letters,
        clock: Clock,
        metrics: Metrics,
        options: DeliveryOptions = DeliveryOptions(),  # noqa: B008 - frozen
    ) -> None:
        self._lanes = {name: Lane(name, sink, letters, clock, metrics, options) for name, sink in sinks.items()}
        self._clock = clock
        self._held: dict[str, tuple[list[str], float]] = {}
        """By queue, the sinks whose alert waits for a picture, and until when."""
        self._is_open = False

    def start(self) -> None:
        self._is_open = True
        for lane in self._lanes.values():
            lane.start()

    def open_ones(self, sinks: Iterable[str]) -> list[str]:
        """Those that alerts can be handed to; sinks nobody knows are passed over."""
        return [name for name in sinks if name in self._lanes] if self._is_open else []

    @property
    def sinks(self) -> list[str]:
        return [*self._lanes]

    def wake(self, sinks: Iterable[str]) -> None:
        """There is something new for these in the outbox."""
        for name in self.open_ones(sinks):
            self._lanes[name].wake()

    def hold(self, queue: str, sinks: Iterable[str], until: float) -> None:
        """What was put there waits for its picture, until `hurry` says that it has come or its time is over."""
        now = self._clock.time()
        for past in [known for known, (_, known_until) in self._held.items() if known_until < now]:
            del self._held[past]
        known, _ = self._held.get(queue, ((), 0.0))
        self._held[queue] = [*dict.fromkeys([*known, *sinks])], until

    def hurry(self, queues: Iterable[str]) -> None:
        """What waits there for its picture has it now."""
        for queue in queues:
            sinks, _ = self._held.pop(queue, ((), 0.0))
            for name in sinks:
                if lane := self._lanes.get(name):
                    lane.hurry(queue)

    def put_loose(self, draft: Draft) -> None:
        """What the store could not take goes out all the same, as long as this process lives."""
        for name in self.open_ones(draft.sinks):
            parcel = Parcel(None, draft.alert, 0, draft.created_at, draft.expires_at)
            self._lanes[name].put_loose(parcel, draft.send_at)

    async def test(self, alert: Alert, sinks: Iterable[str]) -> list[SinkOutcome]:
        """Sends it to each at once, a single time."""
        named = [(name, self._lanes.get(name)) for name in sinks]
        return await asyncio.gather(*(_tested(name, lane, alert) for name, lane in named))

    async def close(self) -> None:
        """Within about three seconds, however the sinks behave; idempotent."""
        self.hurry([*self._held])
        self._is_open = False
        lanes, self._lanes = self._lanes, {}
        await asyncio.gather(*(lane.close() for lane in lanes.values()))


async def _tested(name: str, lane: Lane | None, alert: Alert) -> SinkOutcome:
    return SinkOutcome(name, "it is not open") if lane is None else await lane.test(alert)
