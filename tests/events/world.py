"""A service with everything real around it, for tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio

from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.alerts import Alerts
from pipeline.core.broadcast import Broadcast
from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.core.messages import FrameResult, Snapshot
from pipeline.core.metrics import Metrics
from pipeline.core.objects import TrackedObject
from pipeline.events.service import EventService
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore
from tests.alerts.sinks import ListSink


@dataclass
class World:
    """A service with everything real around it, but the clock."""

    service: EventService
    alerts: Alerts
    store: EventStore
    media: MediaFolder
    clock: ManualClock
    metrics: Metrics
    phone: ListSink
    told: list[Event]
    edits: Broadcast[None]

    def frame(self, at: float, *objects: TrackedObject) -> None:
        self.service.on_result(FrameResult("lobby", 0, 0, at, 0.1, [*objects], []))

    def picture(self, name: str, jpeg: bytes = b"jpeg") -> None:
        self.service.on_snapshot(Snapshot("lobby", name, 100.0, 0.8, jpeg))

    def states(self, name: str) -> list[str]:
        return [event.state for event in self.told if event.id == name]

    def metric(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                for lane in self.alerts.dispatcher._lanes.values():
                    lane.wake()  # the clock has no hands that move by themselves
                await asyncio.sleep(0.005)


Start = Callable[..., Any]


def seen(name: str = "walker", **given: Any) -> TrackedObject:
    plain: dict[str, Any] = {"label": "person", "score": 0.6, "box": (0.1, 0.1, 0.2, 0.4), "first_seen_at": 99.0}
    return TrackedObject(id=name, **(plain | given))


def rule(name: str, *, cooldown: float = 0.0, **when: Any) -> AlertRule:
    return AlertRule.model_validate({"name": name, "when": when, "cooldown": cooldown, "send": "phone"})


def entered(name: str = "entered", **given: Any) -> Event:
    plain: dict[str, Any] = {"started_at": 100.0, "ended_at": 100.0, "state": "end", "zone": "door", "label": "person"}
    return Event(id=name, type="zone_enter", camera="lobby", **(plain | given))


@pytest_asyncio.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    worlds: list[World] = []

    async def start(*rules: AlertRule, **given: Any) -> World:
        store = EventStore(given.pop("url", f"sqlite:///{tmp_path}/events.db"), busy_timeout_s=0.05)
        store.start()
        media, metrics, phone = MediaFolder(tmp_path / "media"), Metrics(), ListSink()
        clock = ManualClock(given.pop("at", 1_000.0))
        sinks = {"phone": phone, **given.pop("sinks", {})}
        broadcast: Broadcast[Event] = Broadcast()
        footage = given.pop("footage", None)
        alerts = Alerts(rules, sinks, store, media, clock, metrics, **given)
        service = EventService(store, media, clock, metrics, broadcast=broadcast, alerts=alerts, footage=footage)
        world = World(service, alerts, store, media, clock, metrics, phone, [], Broadcast())
        broadcast.subscribe(world.told.append)
        worlds.append(world)
        await service.start()
        return world

    yield start
    for world in worlds:
        await world.service.close()
        world.store.close()
