"""Tells once a stay that an object has been in a zone for long."""

from collections.abc import Iterable, Sequence

from pipeline.core.camera import Camera
from pipeline.core.event import Event
from pipeline.core.near_miss import NearMiss, missed
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.stays import Stay, Stays

NEAR = 0.5
"""From this share of the time on one has nearly loitered."""


class Loitering:
    patient = True

    class Options(BaseOptions):
        """Zones and their `loitering_time` are the camera's."""

    def __init__(self, options: Options, camera: Camera) -> None:
        self._camera = camera
        self._longest_s = {name: zone.loitering_time for name, zone in camera.zones.items() if zone.loitering_time}
        self._stays = Stays()

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event | NearMiss]:
        """An object that is lost is not told of: it may have left unseen."""
        _, ended = self._stays.update(objects, now)
        for stay in [*ended, *(stay for stay in self._stays if stay.about.lost)]:
            yield from self._missed(stay)
        for stay in self._stays:
            if self._is_long(stay, now):
                stay.told = True
                yield Event.instant(
                    "loitering",
                    camera=self._camera.name,
                    at=now,
                    about=stay.about,
                    zone=stay.zone,
                    stayed_s=round(now - stay.since, 3),
                )

    def _is_long(self, stay: Stay, now: float) -> bool:
        longest_s = self._longest_s.get(stay.zone)
        return longest_s is not None and not stay.told and not stay.about.lost and now - stay.since >= longest_s

    def _missed(self, stay: Stay) -> Iterable[NearMiss]:
        longest_s = self._longest_s.get(stay.zone)
        stayed_s = stay.seen_at - stay.since
        if longest_s is not None and not stay.told and NEAR <= stayed_s / longest_s < 1:
            why = f"stayed {stayed_s:.0f} of {longest_s:g} s"
            yield missed("loitering", stay.about, why, zone=stay.zone, near=stayed_s / longest_s)
