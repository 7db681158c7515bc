"""What the running system looks like from outside: every state, kept up to date."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from pipeline.core.camera import Camera
from pipeline.core.event import Event
from pipeline.core.feed import FeedCamera, SystemFeed
from pipeline.core.messages import FrameResult
from pipeline.core.status import CameraStatus
from sinks.alerts.broker.counts import Counts, counted, crossed, none_of
from sinks.alerts.broker.discovery import Discovery
from sinks.alerts.broker.outbox import Outbox, Payload
from sinks.alerts.broker.pictures import Pictures
from sinks.alerts.broker.topics import Topics

log = logging.getLogger(__name__)

TICK_S = 1.0
REMEMBERED = 2048
"""Events that go on, and how they were before."""


class Teller:
    """Puts states and events into the outbox; for the event loop, never waits but in `run`."""

    def __init__(
        self,
        feed: SystemFeed,
        topics: Topics,
        outbox: Outbox,
        *,
        discovery: Discovery | None,
        pictures: bool,
        stats_every_s: float,
    ) -> None:
        self._feed = feed
        self._topics = topics
        self._outbox = outbox
        self._discovery = discovery
        self._with_pictures = pictures
        self._stats_every_s = stats_every_s
        self._began = asyncio.get_running_loop().time()
        self._stats_at = float("-inf")
        self._stats = b""
        self._plans: dict[str, Camera] = {}
        self._counts: dict[str, Counts] = {}
        self._entities: dict[str, tuple[Camera, dict[str, bytes]]] = {}
        self.pictures = Pictures(feed, outbox)
        self._was_edited = False
        self._before: OrderedDict[str, Event] = OrderedDict()
        self._wake = asyncio.Event()
        self._ends: list[Callable[[], None]] = []

    def start(self) -> None:
        """From now on it listens, and the states are in the outbox."""
        feed = self._feed
        self._ends = [
            feed.events.subscribe(self._on_event),
            feed.results.subscribe(self._on_result),
            feed.edits.subscribe(self._on_edit),
        ]
        if self._feed.profiles is not None:
            self._ends.append(self._feed.profiles.subscribe(lambda _name: self.look_again()))
        self.tell()

    def stop(self) -> None:
        for end in self._ends:
            end()

    def look_again(self) -> None:
        """Something has changed that is worth telling at once."""
        self._wake.set()

    async def run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._look()
            except Exception:  # the next look may go well again
                log.exception("MQTT: states are not told")

    async def _look(self) -> None:
        if self._was_edited:
            self._was_edited = False
            await self.pictures.forget_what_was_deleted()
        self.tell()

    def tell(self) -> None:
        """All states as they are now."""
        cameras = self._feed.cameras()
        self._plans = {camera.plan.name: camera.plan for camera in cameras}
        self._forget_who_has_gone()
        states: dict[str, Payload] = {self._topics.available: b"online"}
        states |= self._system_states()
        for camera in cameras:
            states |= self._camera_states(camera)
        states |= self.pictures.states
        states[self._topics.stats] = self._stats_of(cameras)
        self._outbox.become(states)

    def _forget_who_has_gone(self) -> None:
        for known in (self._counts, self._entities):
            for name in known.keys() - self._plans.keys():
                del known[name]
        self.pictures.keep_those_of(self._plans)

    def _system_states(self) -> dict[str, bytes]:
        profiles = self._feed.profiles
        names = () if profiles is None else profiles.profiles
        states = {} if self._discovery is None else self._discovery.system(names)
        if profiles is not None and profiles.profile is not None:
            states[self._topics.profile] = profiles.profile.encode()
        return states

    def _camera_states(self, camera: FeedCamera) -> dict[str, bytes]:
        plan, status, topics = camera.plan, camera.status, self._topics
        if not _is_watched(camera) or self._counts.get(plan.name, {}).keys() != none_of(plan).keys():
            self._counts[plan.name] = none_of(plan)
        return {
            **self._entities_of(plan),
            topics.online(plan.name): b"online" if status and status.state == "online" else b"offline",
            topics.enabled(plan.name): b"OFF" if status is None else b"ON",
            topics.status(plan.name): msgspec.json.encode(_in_short(camera)),
            **self._count_states(plan.name),
            **{topics.crossed(plan.name, *where): str(count).encode() for *where, count in crossed(camera)},
        }

    def _count_states(self, name: str) -> dict[str, bytes]:
        found = self._counts[name].items()
        return {self._topics.count(name, zone, label): str(count).encode() for (zone, label), count in found}

    def _entities_of(self, plan: Camera) -> dict[str, bytes]:
        if self._discovery is None:
            return {}
        known = self._entities.get(plan.name)
        if known is None or known[0] != plan:
            known = self._entities[plan.name] = (plan, self._discovery.camera(plan))
        return known[1]

    def _stats_of(self, cameras: Sequence[FeedCamera]) -> bytes:
        """New ones every now and then."""
        now = asyncio.get_running_loop().time()
        if now - self._stats_at >= self._stats_every_s:
            figures = {each.plan.name: _figures(each.status) for each in cameras if each.status}
            stats = {"version": self._feed.version, "uptime_s": round(now - self._began), "cameras": figures}
            self._stats_at, self._stats = now, msgspec.json.encode(stats)
        return self._stats

    def _on_result(self, result: FrameResult) -> None:
        plan = self._plans.get(result.camera)
        if plan is None:
            return
        counts = counted(plan, result)
        if counts != self._counts.get(plan.name):
            self._counts[plan.name] = counts
            for topic, payload in self._count_states(plan.name).items():
                self._outbox.state(topic, payload)

    def _on_event(self, event: Event) -> None:
        before = self._before.pop(event.id, None)
        self._before[event.id] = event
        if len(self._before) > REMEMBERED:
            self._before.popitem(last=False)
        was_over = before is not None and before.state == event.state == "end"
        change = {"type": "update" if was_over else event.state, "before": before, "after": event}
        self._outbox.news(self._topics.events, msgspec.json.encode(change))
        has_picture = self._with_pictures and event.type == "object" and event.has_snapshot
        if has_picture and event.label and event.camera in self._plans:
            self.pictures.show(self._topics.picture(event.camera, event.label), event)
        if event.type == "line_cross":
            self.look_again()

    def _on_edit(self, _: None) -> None:
        self._was_edited = True
        self.look_again()


def _is_watched(camera: FeedCamera) -> bool:
    """Whether its counts are those of now."""
    return camera.status is not None and camera.status.state == "online" and camera.status.analysis == "running"


def _in_short(camera: FeedCamera) -> dict[str, str | None]:
    status = camera.status
    if status is None:
        return {"state": "disabled", "analysis": None, "reason": ""}
    return {"state": status.state, "analysis": status.analysis, "reason": status.last_error}


def _figures(status: CameraStatus) -> dict[str, float | dict[str, int] | None]:
    return {
        "fps_in": status.fps_in,
        "fps_analysed": status.fps_analysed,
        "latency_p50_ms": status.latency_p50_ms,
        "latency_p95_ms": status.latency_p95_ms,
        "dropped": status.dropped,
    }
