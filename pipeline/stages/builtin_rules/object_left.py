"""Tells when a thing stays in a zone after everybody has gone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.camera import Camera, LeftBehind, Zone
from pipeline.core.event import Event
from pipeline.core.geometry import gap
from pipeline.core.near_miss import NearMiss, missed
from pipeline.core.objects import Box, TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.home import home_of

NEAR = 0.5


@dataclass(slots=True)
class _Thing:
    home: Box | None = None
    alone_since: float | None = None
    owner: str | None = None
    """Who was near it last."""
    told: bool = False


class ObjectLeft:
    """Once for each time that a thing comes to rest: somebody who passes by does not begin it anew."""

    patient = True

    class Options(BaseOptions):
        """Zones and their `left_behind` are the camera's."""

    def __init__(self, options: Options, camera: Camera) -> None:
        self._camera = camera.name
        self._zones = {name: zone for name, zone in camera.zones.items() if zone.left_behind.seconds}
        self._things: dict[tuple[str, str], _Thing] = {}

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event | NearMiss]:
        """`data.alone_s` is for how long nobody was near, `data.owner` the object that was near last."""
        here = {
            (thing.root, zone): thing
            for thing in objects
            for zone in thing.zones
            if zone in self._zones and _is_thing(self._zones[zone], thing)
        }
        self._things = {key: self._things.get(key) or _Thing() for key in here}
        for key, thing in here.items():
            if not thing.lost:
                yield from self._look_after(self._things[key], thing, key[1], objects, now)

    def _look_after(
        self, state: _Thing, thing: TrackedObject, zone: str, objects: Sequence[TrackedObject], now: float
    ) -> Iterable[Event | NearMiss]:
        wanted = self._zones[zone].left_behind
        owner = next((other for other in objects if _minds(other, thing, wanted)), None)
        state.owner = owner.root if owner else state.owner
        home = home_of(thing, state.home)
        if home is None or home != state.home:
            state.home, state.alone_since, state.told = home, None, False
        if home is None:
            return
        if owner:
            yield from _missed(state, thing, zone, wanted, now)
            state.alone_since = None
            return
        state.alone_since = now if state.alone_since is None else state.alone_since
        alone_s = now - state.alone_since
        if alone_s >= wanted.seconds and not state.told:
            state.told = True
            yield Event.instant(
                "object_left",
                camera=self._camera,
                at=now,
                about=thing,
                zone=zone,
                alone_s=round(alone_s, 3),
                owner=state.owner,
            )


def _is_thing(zone: Zone, thing: TrackedObject) -> bool:
    wanted = zone.left_behind
    return thing.label in wanted.objects if wanted.objects else thing.label not in wanted.owners


def _minds(other: TrackedObject, thing: TrackedObject, wanted: LeftBehind) -> bool:
    is_owner = other.label in wanted.owners and other.root != thing.root and not other.lost
    return is_owner and gap(other.box, thing.box) <= wanted.distance


def _missed(state: _Thing, thing: TrackedObject, zone: str, wanted: LeftBehind, now: float) -> Iterable[NearMiss]:
    alone_s = 0.0 if state.alone_since is None else now - state.alone_since
    if not state.told and alone_s >= NEAR * wanted.seconds:
        why = f"alone for {alone_s:.0f} of {wanted.seconds:g} s"
        yield missed("object_left", thing, why, zone=zone, near=alone_s / wanted.seconds)
