"""In which zones every object is, told only when it is sure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.core.attributes import fits
from pipeline.core.camera import Camera, Zone
from pipeline.core.geometry import XY, anchor, depth, thickness
from pipeline.core.objects import Box, TrackedObject

Verdict = Literal["inside", "outside"]

_ROUNDING = 1e-9


def tremble(box: Box) -> float:
    """How far the anchor of an object at rest may wander from frame to frame, in relative units.

    Detectors know a box to a few percent of its size, and never better than about two pixels of a picture
    that is 360 high.
    """
    x1, y1, x2, y2 = box
    return max(0.006, 0.02 * (x2 - x1 + y2 - y1))


class Area:
    """One zone's polygon, and whether an object stands clearly in it or clearly not."""

    def __init__(self, zone: Zone, frame_s: float) -> None:
        self.settle_s = (zone.inertia - 1 - 1 / 3) * frame_s
        """Between the first and the last of `inertia` frames, less a third of one: frames are not punctual."""
        self._labels = zone.objects
        self._attributes = zone.attributes
        self._polygon: Sequence[XY] = zone.coordinates
        self._most_doubt = thickness(zone.coordinates) / 4

    def verdict(self, thing: TrackedObject) -> Verdict | None:
        """None where the object is so near an edge that it could be either."""
        if not self._counts(thing):
            return "outside"
        doubt = min(tremble(thing.box), self._most_doubt)
        deep = depth(self._polygon, _in_picture(anchor(thing.box), doubt))
        if deep >= doubt - _ROUNDING:
            return "inside"
        return "outside" if deep < -doubt else None

    def _counts(self, thing: TrackedObject) -> bool:
        return (not self._labels or thing.label in self._labels) and fits(self._attributes, thing.attributes)


@dataclass(slots=True)
class _Standing:
    inside: bool = False
    otherwise_since: float | None = None
    """Since when every frame says that `inside` is wrong."""


class Presence:
    """Writes `zones` of every object, in the order of the configuration.

    An object enters when it is clearly inside for `inertia` frames in a row at the nominal rate, and leaves
    likewise; at another rate it is the same time, and never less than two frames where `inertia` wants two. A
    box that was not measured says nothing, but for one at rest: that is where it was.
    """

    def __init__(self, camera: Camera) -> None:
        self._areas = {name: Area(zone, 1 / camera.fps) for name, zone in camera.zones.items()}
        self._standings: dict[str, dict[str, _Standing]] = {}

    def update(self, objects: Sequence[TrackedObject], now: float) -> None:
        if not self._areas:
            return
        self._standings = {
            thing.id: self._standings.get(thing.id) or {name: _Standing() for name in self._areas} for thing in objects
        }
        for thing in objects:
            standings = self._standings[thing.id]
            if thing.measured or (thing.stationary and not thing.lost):
                for name, area in self._areas.items():
                    _settle(standings[name], area.verdict(thing), area.settle_s, now)
            thing.zones = [name for name, standing in standings.items() if standing.inside]


def _settle(standing: _Standing, verdict: Verdict | None, settle_s: float, now: float) -> None:
    if verdict is None or (verdict == "inside") == standing.inside:
        standing.otherwise_since = None
        return
    if standing.otherwise_since is None:
        standing.otherwise_since = now
    if now - standing.otherwise_since >= settle_s:
        standing.inside = not standing.inside
        standing.otherwise_since = None


def _in_picture(point: XY, margin: float) -> XY:
    """Feet below the picture's edge stand on it: they are as far inside as one can see."""
    x, y = (min(1 - margin, max(margin, value)) for value in point)
    return x, y
