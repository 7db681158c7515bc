"""Tells once a stay that an object moves against a zone's direction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot

from pipeline.core.camera import Camera, Way
from pipeline.core.event import Event
from pipeline.core.geometry import XY, anchor
from pipeline.core.near_miss import NearMiss, missed
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.area import tremble

AGAINST = 0.5
"""The cosine of the angle off straight against the way that is still against it: 60 degrees."""
NEAR = 0.5


@dataclass(slots=True)
class _Progress:
    """The farthest that an object has come along the way, and how far back it is since."""

    about: TrackedObject
    farthest: XY
    back: float = 0.0
    told: bool = False


class WrongWay:
    patient = True

    class Options(BaseOptions):
        """Zones and their `one_way` are the camera's."""

    def __init__(self, options: Options, camera: Camera) -> None:
        self._camera = camera.name
        self._ways = {name: zone.one_way for name, zone in camera.zones.items() if zone.one_way}
        self._progress: dict[tuple[str, str], _Progress] = {}

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event | NearMiss]:
        """`data.distance` is how far it has gone against the way."""
        inside = {(thing.root, zone): thing for thing in objects for zone in thing.zones if zone in self._ways}
        yield from self._parted({key for key in self._progress if key not in inside})
        for key, thing in inside.items():
            progress = self._progress.setdefault(key, _Progress(thing, anchor(thing.box)))
            progress.about = thing
            way = self._ways[key[1]]
            if thing.measured and _goes_against(progress, way, thing) and not progress.told:
                progress.told = True
                yield Event.instant(
                    "wrong_way",
                    camera=self._camera,
                    at=now,
                    about=thing,
                    zone=key[1],
                    distance=round(progress.back, 3),
                )

    def _parted(self, keys: Iterable[tuple[str, str]]) -> Iterable[NearMiss]:
        for key in keys:
            progress, wanted = self._progress.pop(key), self._ways[key[1]].distance
            if not progress.told and progress.back >= NEAR * wanted:
                why = f"{progress.back:.2f} of {wanted:g} against the way"
                yield missed("wrong_way", progress.about, why, zone=key[1], near=min(1.0, progress.back / wanted))


def _goes_against(progress: _Progress, way: Way, thing: TrackedObject) -> bool:
    place = anchor(thing.box)
    moved = place[0] - progress.farthest[0], place[1] - progress.farthest[1]
    along = way.to[0] - way.from_[0], way.to[1] - way.from_[1]
    back = -(moved[0] * along[0] + moved[1] * along[1]) / hypot(*along)
    if back <= 0:
        progress.farthest = place
        return False
    if back < AGAINST * hypot(*moved):
        return False
    progress.back = max(progress.back, back)
    return back >= max(way.distance, 2 * tremble(thing.box))
