"""Events that become alerts, as fast as a busy system's, in a process that may be killed at any moment."""

import asyncio
import itertools
import time
from multiprocessing.connection import Connection
from pathlib import Path

from pipeline.alerts import alert_history
from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.alerts import Alerts
from pipeline.core.broadcast import Broadcast
from pipeline.core.clock import SystemClock
from pipeline.core.event import Event
from pipeline.core.ids import new_id
from pipeline.core.metrics import Metrics
from pipeline.events.service import EventService
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore
from sinks.alerts.webhook import Webhook

EVERY_S = 0.02
OBJECTS = 5


def run(store_url: str, media: str, hook: str, drain: bool, acknowledged: Connection) -> None:
    """`acknowledged` gets the id of each event once it is told, which is when it is stored.

    With `drain` nothing new happens, and it ends when nothing waits to be delivered any more.
    """
    asyncio.run(_run(store_url, media, hook, drain, acknowledged))


async def _run(store_url: str, media: str, hook: str, drain: bool, acknowledged: Connection) -> None:
    store = EventStore(store_url)
    store.start()
    told: Broadcast[Event] = Broadcast()
    told.subscribe(lambda event: acknowledged.send_bytes(event.id.encode()))
    folder, clock, metrics = MediaFolder(Path(media)), SystemClock(), Metrics()
    rule = AlertRule.model_validate({"name": "all", "send": "hook"})
    sink = Webhook(Webhook.Options.model_validate({"url": hook}))
    alerts = Alerts([rule], {"hook": sink}, store, folder, clock, metrics)
    service = EventService(store, folder, clock, metrics, broadcast=told, alerts=alerts)
    await service.start()
    if drain:
        while store.ask(lambda connection: alert_history.found(connection, states=["waiting"], limit=1)):
            await asyncio.sleep(0.05)
    else:
        await _happen(service)
    await service.close()
    store.close()


async def _happen(service: EventService) -> None:
    for number in itertools.count():
        now = time.time()
        service.on_event(
            Event(
                id=new_id(now),
                type="zone_enter",
                camera="lobby",
                started_at=now,
                ended_at=now,
                state="end",
                object_id=f"object-{number % OBJECTS}",
            )
        )
        await asyncio.sleep(EVERY_S)
