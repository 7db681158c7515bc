"""An outbox over a real store, for tests."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.alerts import alert_history, outbox_rows
from pipeline.alerts.delivery_options import DeliveryOptions
from pipeline.alerts.dispatch import Dispatcher
from pipeline.alerts.outbox import Outbox
from pipeline.alerts.outbox_rows import Draft
from pipeline.core.clock import ManualClock
from pipeline.core.contracts import AlertSink
from pipeline.core.event import Alert, Event
from pipeline.core.metrics import Metrics
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore


def alert(name: str, **given: Any) -> Alert:
    plain: dict[str, Any] = {"id": name, "type": "zone_enter", "camera": "lobby", "started_at": 1.0}
    return Alert(id=f"key-{name}", rule="night", event=Event(**(plain | given)))


class Delivering:
    """A dispatcher with everything real around it, but the clock and the sinks."""

    def __init__(self, store: EventStore, sinks: Mapping[str, AlertSink], **options: Any) -> None:
        self.store = store
        self.clock = ManualClock()
        self.metrics = Metrics()
        self.came_to_nothing: list[str] = []
        self.outbox = Outbox(store, MediaFolder(Path("no media")), self.clock, self.came_to_nothing.append)
        self.dispatcher = Dispatcher(
            sinks, self.outbox, self.clock, self.metrics, DeliveryOptions.model_validate(options)
        )

    def put(self, one: Alert, sinks: Sequence[str], **given: Any) -> None:
        """Into the store and on its way."""
        self.keep(one, sinks, **given)
        self.dispatcher.wake(sinks)

    def keep(self, one: Alert, sinks: Sequence[str], **given: Any) -> None:
        now = self.clock.time()
        plain: dict[str, Any] = {"created_at": now, "send_at": now, "queue": one.event.object_id or one.event.id}
        draft = Draft(alert=one, sinks=sinks, **(plain | given))
        self.store.edit(lambda connection: outbox_rows.put(connection, [draft])).result(timeout=10)

    def states(self, sink: str) -> list[tuple[str, str]]:
        found = self.store.ask(lambda connection: alert_history.found(connection, sink=sink, limit=1_000))
        return [(each.event, each.state) for each in reversed(found)]

    def outcomes(self, sink: str) -> dict[str, float]:
        found = {}
        for outcome in ("delivered", "retried", "failed", "dropped"):
            labels = {"sink": sink, "outcome": outcome}
            if value := self.metrics.registry.get_sample_value("framewatch_alerts_total", labels):
                found[outcome] = value
        return found

    async def until(self, condition: Callable[[], Any], *, each_s: float = 0.0) -> None:
        """Lets time pass meanwhile, `each_s` of it at a time."""
        async with asyncio.timeout(20):
            while not condition():
                self.clock.advance(each_s)
                for lane in self.dispatcher._lanes.values():
                    lane.wake()
                await asyncio.sleep(0.005)
