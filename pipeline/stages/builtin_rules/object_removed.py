"""Tells when a thing that has long been at rest in a zone is gone, and was not seen going."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot

from pipeline.core.camera import Camera, Zone
from pipeline.core.event import Event
from pipeline.core.geometry import anchor, covered
from pipeline.core.near_miss import NearMiss, missed
from pipeline.core.objects import Box, TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.home import is_at

GONE_S = 8.0
"""How long its place must be seen without it."""
HIDDEN = 0.3
"""The share of its place that something else covers when it may be behind that."""
AWAY = 2.0
"""How many times its own size from its place it has been seen going."""
NEAR = 0.5
MOST = 256
"""Things that are remembered."""


@dataclass(slots=True)
class _Place:
    """Where a thing came to rest, and the thing as it was then."""

    thing: TrackedObject
    since: float
    seen_at: float
    gone_since: float | None = None

    def is_away(self, box: Box) -> bool:
        x1, y1, x2, y2 = self.thing.box
        (ax, ay), (bx, by) = anchor(self.thing.box, "center"), anchor(box, "center")
        return hypot((bx - ax) / max(x2 - x1, 1e-6), (by - ay) / max(y2 - y1, 1e-6)) > AWAY

    def is_hidden(self, objects: Iterable[TrackedObject]) -> bool:
        others = (other.box for other in objects if other.root != self.thing.root and not other.lost)
        return any(covered(self.thing.box, box) >= HIDDEN for box in others)


class ObjectRemoved:
    class Options(BaseOptions):
        """Zones and their `removed` are the camera's."""

    def __init__(self, options: Options, camera: Camera) -> None:
        self._camera = camera.name
        self._zones = {name: zone for name, zone in camera.zones.items() if zone.removed.seconds}
        self._places: dict[tuple[str, str], _Place] = {}

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event | NearMiss]:
        """`data.rested_s` is how long it lay there; the event is about the thing as it was seen last."""
        if not self._zones:
            return
        here = {thing.root: thing for thing in objects if not thing.lost}
        for root, thing in here.items():
            for zone in thing.zones:
                if zone in self._zones and thing.stationary and _is_thing(self._zones[zone], thing):
                    self._rests(root, zone, thing, now)
        for (root, zone), place in list(self._places.items()):
            if root in here:
                yield from self._seen(root, zone, place, here[root], now)
            else:
                yield from self._missing(root, zone, place, objects, now)

    def _rests(self, root: str, zone: str, thing: TrackedObject, now: float) -> None:
        place = self._places.get((root, zone))
        if place is None or not is_at(thing.box, place.thing.box):
            self._places[root, zone] = _Place(thing, now, now)
        if len(self._places) > MOST:
            del self._places[next(iter(self._places))]

    def _seen(self, root: str, zone: str, place: _Place, thing: TrackedObject, now: float) -> Iterable[NearMiss]:
        place.gone_since, place.seen_at = None, now
        if place.is_away(thing.box):
            del self._places[root, zone]
            if place.seen_at - place.since >= self._zones[zone].removed.seconds:
                yield missed("object_removed", thing, "seen going", zone=zone)

    def _missing(
        self, root: str, zone: str, place: _Place, objects: Sequence[TrackedObject], now: float
    ) -> Iterable[Event | NearMiss]:
        if place.is_hidden(objects):
            place.gone_since = None
            return
        place.gone_since = now if place.gone_since is None else place.gone_since
        if now - place.gone_since < GONE_S:
            return
        del self._places[root, zone]
        rested_s, wanted_s = place.seen_at - place.since, self._zones[zone].removed.seconds
        if rested_s >= wanted_s:
            yield Event.instant(
                "object_removed",
                camera=self._camera,
                at=now,
                about=place.thing,
                zone=zone,
                rested_s=round(rested_s, 3),
            )
        elif rested_s >= NEAR * wanted_s:
            why = f"rested for {rested_s:.0f} of {wanted_s:g} s"
            yield missed("object_removed", place.thing, why, zone=zone, near=rested_s / wanted_s)


def _is_thing(zone: Zone, thing: TrackedObject) -> bool:
    return not zone.removed.objects or thing.label in zone.removed.objects
