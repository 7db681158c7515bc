"""From what each frame holds to events that span an object's life."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from pipeline.core.clock import Clock
from pipeline.core.event import Event, State
from pipeline.core.messages import FrameResult
from pipeline.core.objects import TrackedObject

SCORE_MARGIN = 0.05
"""A score this much better is worth telling."""
TELL_EVERY_S = 1.0
SILENT_AFTER_S = 30.0
"""Without a result for so long, nobody knows whether a camera's objects are still there."""
SET_BACK_S = 10.0
"""A result that is older by more than this is no straggler: the camera's clock was set back."""
REMEMBERED = 64
"""Ended events for each camera that go on if their object comes back."""


@dataclass(slots=True)
class _Life:
    """An object's event as it is now, and what was last told of it."""

    event: Event
    last_seen_at: float
    told: Event
    told_at: float
    misses: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def begin(cls, camera: str, seen: TrackedObject, at: float) -> "_Life":
        event = Event(
            id=seen.id,
            type="object",
            camera=camera,
            started_at=seen.first_seen_at,
            label=seen.label,
            score=seen.score,
            object_id=seen.id,
            box=seen.box,
        )
        return cls(event, at, event, at)

    def see(self, seen: TrackedObject, at: float, *, looked: bool) -> None:
        """`looked` False: nothing moved, so that what was at rest was still there."""
        event = self.event
        if seen.measured or (not looked and seen.stationary and not seen.lost):
            self.last_seen_at = at
        event.label = seen.label
        event.zones.extend(zone for zone in seen.zones if zone not in event.zones)
        event.attributes.update(seen.attributes)
        if seen.measured and (event.score is None or seen.score >= event.score):
            event.score, event.box = seen.score, seen.box

    def is_worth_telling(self, at: float) -> bool:
        now, told = self.event, self.told
        return abs(at - self.told_at) >= TELL_EVERY_S and (  # a clock that was set back is no reason to wait
            (now.score or 0.0) >= (told.score or 0.0) + SCORE_MARGIN
            or (now.label, now.zones, now.attributes) != (told.label, told.zones, told.attributes)
            or self.misses != told.data.get("near_misses", [])
        )

    def tell(self, state: State, at: float) -> Event:
        """A copy: what was told does not change any more."""
        self.told_at = at
        self.told = replace(
            self.event,
            state=state,
            ended_at=max(self.event.started_at, self.last_seen_at) if state == "end" else None,
            zones=[*self.event.zones],
            attributes={**self.event.attributes},
            data={"last_seen_at": self.last_seen_at, **({"near_misses": self.misses} if self.misses else {})},
        )
        return self.told


@dataclass(slots=True)
class _Camera:
    at: float
    heard_at: float
    open: dict[str, _Life] = field(default_factory=dict)
    gone: OrderedDict[str, _Life] = field(default_factory=OrderedDict)
    refused: set[str] = field(default_factory=set)

    def end(self, object_ids: Iterable[str]) -> list[Event]:
        return [self._end(object_id) for object_id in object_ids]

    def _end(self, object_id: str) -> Event:
        life = self.gone[object_id] = self.open.pop(object_id)
        if len(self.gone) > REMEMBERED:
            self.gone.popitem(last=False)
        return life.tell("end", self.at)


class ObjectLifecycle:
    """Begins an event with a confirmed object, tells what a person cares about, ends it when the object has gone. One
    that goes on another goes on with its event.

    Every event told is the whole state; `data.last_seen_at` is when the object was last measured, or last known to
    be at rest as nothing moved; it becomes `ended_at`. `data.near_misses` is what rules nearly told of it. Times are
    the results' (`captured_at`); `clock` only notices that no more results come. At most `capacity` events are open for
    each camera; objects beyond that get none and are counted in `refused`.
    """

    def __init__(self, clock: Clock, *, capacity: int = 256) -> None:
        self.refused = 0
        self._clock = clock
        self._capacity = capacity
        self._cameras: dict[str, _Camera] = {}

    def update(self, result: FrameResult) -> list[Event]:
        """What is to be told after this frame; a repeated or late result changes nothing."""
        camera = self._cameras.setdefault(result.camera, _Camera(float("-inf"), 0.0))
        camera.heard_at = self._clock.monotonic()
        if camera.at - SET_BACK_S <= result.captured_at <= camera.at:
            return []
        camera.at = result.captured_at
        objects = [seen for seen in result.objects if seen.confirmed or not seen.origin]
        present = {seen.root for seen in objects}
        camera.refused &= present
        for object_id in result.misses.keys() & camera.open.keys():
            camera.open[object_id].misses = [miss.facts() for miss in result.misses[object_id]]
        told = camera.end([object_id for object_id in camera.open if object_id not in present])
        for seen in objects:
            told.extend(self._see(result, camera, seen))
        return told

    def _see(self, result: FrameResult, camera: _Camera, seen: TrackedObject) -> Iterable[Event]:
        if (life := camera.open.get(seen.root)) is not None:
            life.see(seen, camera.at, looked=result.looked)
            if life.is_worth_telling(camera.at):
                yield life.tell("update", camera.at)
        elif seen.confirmed and self._has_room(camera, seen.root):
            known = camera.gone.pop(seen.root, None)
            life = camera.open[seen.root] = known or _Life.begin(result.camera, seen, camera.at)
            life.misses = [miss.facts() for miss in result.misses.get(seen.root, ())] or life.misses
            life.see(seen, camera.at, looked=result.looked)
            yield life.tell("update" if known else "new", camera.at)

    def _has_room(self, camera: _Camera, object_id: str) -> bool:
        if len(camera.open) < self._capacity:
            return True
        if object_id not in camera.refused:
            camera.refused.add(object_id)
            self.refused += 1
        return False

    def lost(self, camera: str) -> list[Event]:
        """Ends what is open on a camera whose pictures do not come any more."""
        known = self._cameras.get(camera)
        return known.end([*known.open]) if known else []

    def silent(self) -> list[Event]:
        """Ends what is open on cameras that no result came from for half a minute."""
        now = self._clock.monotonic()
        quiet = [name for name, camera in self._cameras.items() if now - camera.heard_at > SILENT_AFTER_S]
        return [event for name in quiet for event in self.lost(name)]

    def close(self) -> list[Event]:
        """Ends everything."""
        return [event for name in self._cameras for event in self.lost(name)]
