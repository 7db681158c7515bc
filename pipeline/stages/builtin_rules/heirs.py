"""Which object goes on another that was lost, under another id."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from msgspec.structs import replace

from pipeline.core.geometry import covered, iou
from pipeline.core.objects import Box, TrackedObject
from pipeline.stages.builtin_rules.home import home_of, is_at

RETURN_S = 3.0
"""How long after the tracker has given up one that stood somewhere may come back."""
AT_REST_RETURN_S = 15.0
"""The same for one at rest, where something has moved at its place: it may have left unseen."""
UNMOVED_RETURN_S = 600.0
"""The same where nothing has: the detector fails, and looks again when it likes."""
ON_ITS_WAY_S = 2.0
"""How long after its last sighting one that moved may come back."""
LEAST_OVERLAP = 0.3
MOST = 64
"""Those that are waited for at once."""
_SLOW = 0.5
"""Of its own size a second."""
_EDGE = 0.01


@dataclass(slots=True)
class _Sighting:
    """An object as it was measured last, and what has happened at its place since."""

    thing: TrackedObject
    at: float
    home: Box | None = None
    stirred: bool = False
    gone_at: float | None = None

    @property
    def is_slow(self) -> bool:
        x1, y1, x2, y2 = self.thing.box
        vx1, vy1, vx2, vy2 = self.thing.velocity
        width, height = max(x2 - x1, 1e-6), max(y2 - y1, 1e-6)
        return self.home is not None or hypot((vx1 + vx2) / 2 / width, (vy1 + vy2) / 2 / height) < _SLOW

    @property
    def may_return(self) -> bool:
        return self.thing.confirmed and self.is_slow and (self.home is not None or not _is_cut(self.thing.box))

    def is_over(self, now: float) -> bool:
        gone_s = now - (self.at if self.gone_at is None else self.gone_at)
        if self.home is not None:
            return not 0 <= gone_s < (AT_REST_RETURN_S if self.stirred else UNMOVED_RETURN_S)
        return not 0 <= gone_s < RETURN_S

    def fits(self, new: TrackedObject, now: float) -> bool:
        """Whether `new` may be what was seen here."""
        came_later = new.first_seen_at > self.at
        in_time = self.is_slow or now - self.at <= ON_ITS_WAY_S
        return came_later and in_time and new.label == self.thing.label and self.likeness(new, now) >= LEAST_OVERLAP

    def likeness(self, new: TrackedObject, now: float) -> float:
        """Where it was, or where it would be had it gone on."""
        if self.home is not None and is_at(new.box, self.home):
            return 1.0
        return max(iou(new.box, self.thing.box), iou(new.box, self._gone_on(now)))

    def _gone_on(self, now: float) -> Box:
        later_s, thing = min(now - self.at, ON_ITS_WAY_S), self.thing
        x1, y1, x2, y2 = (side + speed * later_s for side, speed in zip(thing.box, thing.velocity, strict=True))
        return x1, y1, x2, y2


class Heirs:
    """Writes `origin` of objects that appear where one of their label was seen a moment ago and is no longer.

    One that stood where it was last seen is remembered for a few seconds after the tracker has forgotten it, one at
    rest for longer. If both are seen after all, they are two.
    """

    def __init__(self) -> None:
        self._seen: dict[str, _Sighting] = {}
        self._gone: dict[str, _Sighting] = {}
        """By their roots."""
        self._roots: dict[str, str] = {}
        """Of heirs, by their ids."""

    def update(self, objects: Sequence[TrackedObject], now: float, motion: Sequence[Box] | None) -> None:
        present = {thing.id: thing for thing in objects}
        self._part(present, now)
        self._tell_apart(objects)
        for thing in objects:
            if thing.id not in self._seen and (root := self._ancestor(thing, present, now)):
                self._roots[thing.id] = root
        for thing in objects:
            thing.origin = self._roots.get(thing.id, "")
            if thing.measured or thing.id not in self._seen:
                self._seen[thing.id] = _Sighting(thing, now, self._home(thing))
        self._watch(motion)
        here = {thing.root for thing in objects if thing.confirmed}
        waited_for = set(self._roots.values())
        self._gone = {
            root: seen
            for root, seen in self._gone.items()
            if root not in here and (root in waited_for or not seen.is_over(now))
        }

    def _home(self, thing: TrackedObject) -> Box | None:
        known = self._seen.get(thing.id) or self._gone.get(thing.root)
        return home_of(thing, known.home if known else None)

    @property
    def vanished(self) -> list[TrackedObject]:
        """Those that may come back, as `lost`."""
        return [seen.thing for seen in self._gone.values()]

    def _part(self, present: Mapping[str, TrackedObject], now: float) -> None:
        """Of those that are not there any more some may come back."""
        for vanished in self._seen.keys() - present.keys():
            seen, root = self._seen.pop(vanished), self._roots.pop(vanished, vanished)
            if seen.may_return and root not in self._roots.values():
                seen.gone_at = now
                seen.thing = replace(seen.thing, measured=False, lost=True, velocity=(0.0, 0.0, 0.0, 0.0))
                self._gone[root] = seen
        while len(self._gone) > MOST:
            del self._gone[next(iter(self._gone))]

    def _tell_apart(self, objects: Sequence[TrackedObject]) -> None:
        """Of several that are seen under one root it is the first one's; its own it always is."""
        held = set[str]()
        seen = [thing for thing in objects if thing.measured]
        for thing in sorted(seen, key=lambda thing: (thing.id in self._roots, thing.first_seen_at)):
            if self._roots.get(thing.id) in held:
                del self._roots[thing.id]
            held.add(self._roots.get(thing.id, thing.id))

    def _ancestor(self, new: TrackedObject, present: Mapping[str, TrackedObject], now: float) -> str | None:
        there = {self._roots.get(one, one) for one, thing in present.items() if one in self._seen and thing.measured}
        unseen = {self._roots.get(one, one): seen for one, seen in self._seen.items() if not present[one].measured}
        fitting = [
            (seen.likeness(new, now), root)
            for root, seen in {**self._gone, **unseen}.items()
            if root not in there and root not in self._new(present) and seen.fits(new, now)
        ]
        return max(fitting)[1] if fitting else None

    def _new(self, present: Mapping[str, TrackedObject]) -> set[str]:
        """Roots that have been taken over in this very frame."""
        return {root for heir, root in self._roots.items() if heir not in self._seen and heir in present}

    def _watch(self, motion: Sequence[Box] | None) -> None:
        for seen in [*self._seen.values(), *self._gone.values()]:
            seen.stirred = seen.stirred or motion is None or any(covered(seen.thing.box, box) > 0 for box in motion)


def apart(objects: Iterable[TrackedObject]) -> list[TrackedObject]:
    """Each root once: as it is seen, or else as it was seen last."""
    best: dict[str, TrackedObject] = {}
    for thing in objects:
        other = best.get(thing.root)
        if other is None or (not thing.lost, thing.first_seen_at) > (not other.lost, other.first_seen_at):
            best[thing.root] = thing
    return list(best.values())


def _is_cut(box: Box) -> bool:
    return min(box[:2]) <= _EDGE or max(box[2:]) >= 1 - _EDGE
