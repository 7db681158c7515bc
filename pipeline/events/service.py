"""What the media plane does with everything that happens: store it, tell it, alert."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from pipeline.alerts.alerting import Plan
from pipeline.alerts.alerts import Alerts
from pipeline.core.broadcast import Broadcast
from pipeline.core.clock import Clock
from pipeline.core.event import ClipState, Event, moment
from pipeline.core.messages import FrameResult, Snapshot
from pipeline.core.metrics import Metrics
from pipeline.events.afterthoughts import Afterthoughts
from pipeline.events.inbox import Inbox
from pipeline.events.lifecycle import ObjectLifecycle
from pipeline.events.outages import CameraOutages
from pipeline.events.path_keeper import PathKeeper
from pipeline.events.snapshots import PendingSnapshots, SnapshotWriter
from pipeline.events.spans import OpenSpans
from pipeline.events.unstored import Unstored
from pipeline.store.document import to_document
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore

log = logging.getLogger(__name__)

TICK_S = 1.0
DRAIN_WITHIN_S = 1.5
REMEMBERED = 8192
"""Events whose rules and pictures are remembered: more than all cameras together have open."""
PICTURES_A_ROUND = 8
"""Events go first: so many better pictures are written before new events are looked for again."""


class Footage(Protocol):
    """What is recorded of events; used on the event loop."""

    def clip_of(self, event: Event, known: ClipState) -> ClipState:
        """What is to be said of the clip of an event that changes; `known` is what was said of it last."""
        ...

    async def settled(self) -> Mapping[str, ClipState]:
        """By the id of the event, what has become known of clips since this was asked last."""
        ...


@dataclass(frozen=True, slots=True)
class _Change:
    """An event on its way, and what it means for the alerts."""

    event: Event
    plan: Plan
    is_first: bool


class EventService:
    """One task that takes events in order: alert rules → store and outbox (committed together) → broadcast → sinks.

    A picture is on the disk before an event that says so is stored. An event that the store refuses is counted; its
    alerts go out all the same, and it is broadcast once the store takes it. Everything but `start` and `close` is
    called on the event loop's thread and never waits. The store's owner opens and closes it.
    """

    def __init__(
        self,
        store: EventStore,
        media: MediaFolder,
        clock: Clock,
        metrics: Metrics,
        *,
        broadcast: Broadcast[Event],
        alerts: Alerts | None = None,
        footage: Footage | None = None,
    ) -> None:
        """`alerts` start and close with it; without them nobody is told. Without `footage` no event has a clip."""
        self._store = store
        self._media = media
        self._clock = clock
        self._metrics = metrics
        self._broadcast = broadcast
        self._footage = footage
        self._alerts = alerts or Alerts((), {}, store, media, clock, metrics)
        self._judging = self._alerts.judging
        self.turn = asyncio.Lock()
        """Held while events are handled; who holds it sees them between two turns."""
        self._objects = ObjectLifecycle(clock)
        self._afterthoughts = Afterthoughts(clock)
        self._outages = CameraOutages(clock)
        self._spans = OpenSpans()
        self._inbox = Inbox()
        self._paths = PathKeeper(store, clock)
        self._pending = PendingSnapshots()
        self._pictures = SnapshotWriter(media)
        self._unstored = Unstored(clock)
        self._latest: dict[str, Event] = {}
        self._deleted: OrderedDict[str, None] = OrderedDict()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = self._refusing = False

    def on_result(self, result: FrameResult) -> None:
        refused = self._objects.refused
        self._put(self._objects.update(result))
        self._paths.update(result)
        self._put(self._afterthoughts.update(result.camera, result.objects))
        self._count_drop(result.camera, "objects", self._objects.refused - refused)

    def on_event(self, event: Event) -> None:
        """An event of a rule or stage."""
        self._put([event])
        self._spans.hear(event)
        self._afterthoughts.remember(event)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Kept once the object's event exists, which may come later."""
        if lost := self._pending.put(snapshot):
            self._count_drop(lost.camera, "snapshots")
        self._wake.set()

    def on_camera(self, name: str, online: bool, reason: str, at: float) -> None:
        """`at` is UTC seconds; saying the same again does no harm."""
        if online:
            self._put(self._outages.back(name, at))
        else:
            self._outages.offline(name, reason, at)

    def on_change(self, camera: str, *, is_gone: bool = False) -> None:
        """Its objects are followed no longer: the stages that knew them have gone, with `is_gone` the camera too."""
        self._put([*self._objects.lost(camera), *self._spans.lost(camera, self._clock.time())])
        if is_gone:
            self._put(self._outages.online(camera, self._clock.time()))

    def forget(self, deleted: Iterable[str]) -> None:
        """What comes late of these events is not kept; for who holds `turn`."""
        deleted = [*deleted]
        self._unstored.forget(deleted)
        for event_id in deleted:
            self._latest.pop(event_id, None)
            self._deleted[event_id] = None
            if len(self._deleted) > REMEMBERED:
                self._deleted.popitem(last=False)

    async def start(self) -> None:
        """Raises MediaError or StoreError where nothing could be kept."""
        await asyncio.to_thread(self._media.prepare)
        await asyncio.to_thread(self._end_what_an_earlier_run_left)
        await self._alerts.start()
        self._task = asyncio.create_task(self._run(), name="events")

    async def close(self) -> None:
        """Ends open events, stores what waits, gives alerts in flight a moment; idempotent."""
        task, self._task = self._task, None
        if task is not None:
            await self._finish(task)
        await self._alerts.close()

    async def _finish(self, task: asyncio.Task[None]) -> None:
        now = self._clock.time()
        self._put([*self._objects.close(), *self._spans.close(now), *self._outages.close(now)])
        self._closing = True
        self._wake.set()
        done, _ = await asyncio.wait([task], timeout=DRAIN_WITHIN_S)
        if not done:
            log.error("events: closed while the store was busy; %d events are not stored", len(self._inbox))
            task.cancel()
            await asyncio.wait([task])

    def _end_what_an_earlier_run_left(self) -> None:
        """A run that was killed could not end its events; nobody else ever will."""
        left = self._store.unfinished()
        ended = [replace(event, state="end", ended_at=moment(event)) for event in left]
        for done in [self._store.save(event) for event in ended]:
            done.result()

    def _put(self, events: Iterable[Event]) -> None:
        for event in events:
            if not self._can_be_kept(event):
                self._count_drop(event.camera, "events")
            elif lost := self._inbox.put(event):
                self._count_drop(lost.camera, "events")
            self._wake.set()

    def _can_be_kept(self, event: Event) -> bool:
        """Models and plugins may come up with anything; their nonsense must not take along what waits beside it."""
        try:
            to_document(event)
        except ValueError as error:
            if not self._refusing:
                log.error("camera %s: %s", event.camera, error)
            self._refusing = True
            return False
        self._refusing = False
        return True

    def _count_drop(self, camera: str, place: str, count: int = 1) -> None:
        if count:
            self._metrics.dropped.labels(camera=camera, place=place).inc(count)

    async def _run(self) -> None:
        while not self._closing:
            await self._wait()
            await self._run_once()
        await self._run_once()  # what came with the end
        self._paths.keep()

    async def _wait(self) -> None:
        """Until there is something to do, or it is time to see what has become due."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), TICK_S)
        self._wake.clear()

    async def _run_once(self) -> None:
        """A fault costs the events it was found with, never the task."""
        async with self.turn:
            try:
                self._alerts.profiles.tick()
                self._put_what_is_due()
                await self._handle([event for event in self._inbox.take() if self._is_wanted(event)])
                await self._add_pictures()
                await self._tell_of_clips()
                await self._keep_what_was_refused()
                self._paths.keep_what_is_due()
            except Exception:
                log.exception("events: some were lost")

    def _is_wanted(self, event: Event) -> bool:
        """Not what comes late of a deleted event; an object that is back in view is kept again from then on."""
        if event.id in self._deleted and event.state != "end":
            del self._deleted[event.id]
        return event.id not in self._deleted

    async def _handle(self, events: Sequence[Event]) -> None:
        without_picture = {event.id for event in events if not self._has_picture(event.id)}
        pictured = await self._write_pictures(without_picture.__contains__, len(events))
        await self._tell([replace(event, has_snapshot=event.id in pictured) for event in events])

    def _put_what_is_due(self) -> None:
        for outage in self._outages.due():
            ended = [*self._objects.lost(outage.camera), *self._spans.lost(outage.camera, outage.started_at)]
            self._put([*ended, outage])
        self._put(self._objects.silent())

    async def _add_pictures(self) -> None:
        """Pictures of events that were told already; the first one of an event is a change of it."""
        written = await self._write_pictures(self._latest.__contains__, PICTURES_A_ROUND)
        if len(written) == PICTURES_A_ROUND:
            self._wake.set()
        first = [self._latest[event_id] for event_id in written if not self._has_picture(event_id)]
        await self._tell(
            [replace(event, has_snapshot=True, state="end" if event.state == "end" else "update") for event in first]
        )

    async def _tell_of_clips(self) -> None:
        """No rule is asked again: what an event did is known, and a profile or a cooldown may be another by now."""
        if self._footage is None:
            return
        for event_id, clip in (await self._footage.settled()).items():
            latest = self._latest.get(event_id) or await asyncio.to_thread(self._store.get, event_id)
            if latest is None or event_id in self._deleted:
                continue
            event = replace(latest, clip=clip)
            if event_id in self._latest:
                self._latest[event_id] = event
            await self._keep([_Change(event, Plan(event), is_first=False)])

    def _has_picture(self, event_id: str) -> bool:
        latest = self._latest.get(event_id)
        return latest is not None and latest.has_snapshot

    async def _write_pictures(self, is_wanted: Callable[[str], bool], limit: int) -> set[str]:
        """Returns the ids of the events whose picture is on the disk now."""
        snapshots = self._pending.take(is_wanted, limit)
        written = await asyncio.to_thread(self._pictures.write, snapshots) if snapshots else []
        self._alerts.dispatcher.hurry(written)
        return {*written}

    async def _tell(self, events: Sequence[Event]) -> None:
        await self._keep([self._complete(event) for event in events])

    async def _keep_what_was_refused(self) -> None:
        """Their alerts are out already."""
        again = [_Change(event, Plan(event), is_first) for event, is_first in self._unstored.to_try()]
        if again:
            await self._keep(again, again=True)

    async def _keep(self, changes: Sequence[_Change], *, again: bool = False) -> None:
        """Stores all in one go with the alerts that they make, then tells them in order."""
        saves = [
            asyncio.wrap_future(self._store.save(change.event, change.plan.write if change.plan else None))
            for change in changes
        ]
        outcomes = await asyncio.gather(*map(asyncio.wrap_future, saves), return_exceptions=True)
        for change, outcome in zip(changes, outcomes, strict=True):
            if isinstance(outcome, BaseException):  # the store has said why
                self._refused(change, again)
            else:
                self._publish(change)
                self._judging.committed(change.plan)

    def _refused(self, change: _Change, again: bool) -> None:
        if not again:
            self._count_drop(change.event.camera, "store")
        if self._store.trouble:  # not the event's own
            self._unstored.refused(change.event, is_first=change.is_first)
        self._judging.lost(change.plan)

    def _publish(self, change: _Change) -> None:
        if self._unstored.stored(change.event) or change.is_first:
            self._metrics.events.labels(camera=change.event.camera, type=change.event.type).inc()
        self._broadcast.publish(change.event)

    def _complete(self, event: Event) -> _Change:
        """Adds what earlier changes of the event brought, and the rules that it matches only now."""
        before = self._latest.pop(event.id, None)
        if before is not None:
            event = replace(event, rules=before.rules, has_snapshot=event.has_snapshot or before.has_snapshot)
        plan = self._judging.judge(event)
        names = [*event.rules, *(rule.name for rule in plan.rules)]
        event = replace(event, rules=names, severity="alert" if names else event.severity)
        if self._footage:
            known = event.clip if event.clip != "none" or before is None else before.clip
            event = replace(event, clip=self._footage.clip_of(event, known))
        self._latest[event.id] = event
        self._judging.fill(plan, event, self._has_picture)
        if len(self._latest) > REMEMBERED:
            self._forget_one()
        return _Change(event, plan, before is None)

    def _forget_one(self) -> None:
        """The oldest that has ended: a car that is parked all day would otherwise alert again when it leaves."""
        ended = (event_id for event_id, event in self._latest.items() if event.state == "end")
        del self._latest[next(ended, next(iter(self._latest)))]
