"""In which zones every object is, told only when it is sure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.camera import Camera, Objects
from pipeline.core.figures import below
from pipeline.core.near_miss import NearMiss, missed
from pipeline.core.objects import TrackedObject
from pipeline.stages.builtin_rules.area import Area, Verdict


@dataclass(slots=True)
class _Standing:
    inside: bool = False
    otherwise_since: float | None = None
    """Since when every frame says that `inside` is wrong."""
    stands_in_vain_since: float | None = None
    """Since when it is where it would be inside if it were something else."""
    told_why: str = ""
    told_lost_since: float | None = None


class Presence:
    """Writes `zones` of every object, in the order of the configuration.

    An object enters when it is clearly inside for `inertia` frames in a row at the nominal rate, and leaves
    likewise; at another rate it is the same time, and never less than two frames where `inertia` wants two. A
    box that was not measured says nothing, but for one at rest: that is where it was. One that goes on another stands
    where that one stood.
    """

    def __init__(self, camera: Camera) -> None:
        self._areas = {name: Area(zone, 1 / camera.fps) for name, zone in camera.zones.items()}
        self._fps = camera.fps
        self._objects = camera.objects
        self._standings: dict[str, dict[str, _Standing]] = {}
        self._here: dict[str, TrackedObject] = {}

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[NearMiss]:
        """Tells of those that have nearly entered."""
        if not self._areas:
            return []
        misses = list(self._vanished({thing.root for thing in objects}, now))
        self._here = {thing.root: thing for thing in objects}
        self._standings = {
            thing.root: self._standings.get(thing.root) or {name: _Standing() for name in self._areas}
            for thing in objects
        }
        for thing in objects:
            standings = self._standings[thing.root]
            if thing.measured or (thing.stationary and not thing.lost):
                misses += self._stand(thing, standings, now)
            elif thing.lost:
                misses += self._lost(thing, standings, now)
            thing.zones = [name for name, standing in standings.items() if standing.inside]
        return misses

    def _stand(self, thing: TrackedObject, standings: Mapping[str, _Standing], now: float) -> Iterable[NearMiss]:
        for name, area in self._areas.items():
            standing, verdict, lack = standings[name], area.verdict(thing), area.lacks(thing)
            if lack:
                verdict, where = "outside", verdict
                yield from self._in_vain(thing, name, standing, where, lack, now)
            was_inside, began = standing.inside, standing.otherwise_since
            _settle(standing, verdict, area.settle_s, now)
            if began is not None and not was_inside and not standing.inside and standing.otherwise_since is None:
                yield self._too_short(thing, name, began, now)
            if was_inside and not standing.inside and not thing.confirmed:
                yield _not_believed(thing, name, self._objects)

    def _in_vain(
        self, thing: TrackedObject, zone: str, standing: _Standing, where: Verdict | None, lack: str, now: float
    ) -> Iterable[NearMiss]:
        if where != "inside":
            standing.stands_in_vain_since = None
            return
        standing.stands_in_vain_since = now if standing.stands_in_vain_since is None else standing.stands_in_vain_since
        if now - standing.stands_in_vain_since >= self._areas[zone].settle_s and lack != standing.told_why:
            standing.told_why = lack
            yield missed("zone_enter", thing, lack, zone=zone)

    def _lost(self, thing: TrackedObject, standings: Mapping[str, _Standing], now: float) -> Iterable[NearMiss]:
        """Told at once: when nobody waits for it any more, its event is over."""
        for zone, standing in standings.items():
            since = standing.otherwise_since
            if since is not None and not standing.inside and standing.told_lost_since != since:
                standing.told_lost_since = since
                yield self._too_short(thing, zone, since, now)

    def _vanished(self, present: set[str], now: float) -> Iterable[NearMiss]:
        for root, thing in self._here.items():
            for zone, standing in self._standings[root].items():
                if root not in present and not standing.inside and standing.otherwise_since is not None:
                    yield self._too_short(thing, zone, standing.otherwise_since, now)

    def _too_short(self, thing: TrackedObject, zone: str, since: float, now: float) -> NearMiss:
        """Frames at the nominal rate, of which this one is none any more."""
        inertia = self._areas[zone].inertia
        frames = min(inertia - 1, max(1, round((now - since) * self._fps)))
        return missed("zone_enter", thing, f"inertia {frames} of {inertia}", zone=zone, near=frames / inertia)


def _not_believed(thing: TrackedObject, zone: str, objects: Objects) -> NearMiss:
    threshold = objects.filter(thing.label).threshold
    why = f"score {below(thing.score, threshold)} below {threshold:g}"
    return missed("zone_enter", thing, why, zone=zone, near=min(1.0, thing.score / max(threshold, 1e-6)))


def _settle(standing: _Standing, verdict: Verdict | None, settle_s: float, now: float) -> None:
    if verdict is None or (verdict == "inside") == standing.inside:
        standing.otherwise_since = None
        return
    if standing.otherwise_since is None:
        standing.otherwise_since = now
    if now - standing.otherwise_since >= settle_s:
        standing.inside = not standing.inside
        standing.otherwise_since = None
