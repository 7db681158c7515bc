"""Tells when an object enters a zone."""

from collections.abc import Iterable, Sequence

from pipeline.core.camera import Camera
from pipeline.core.event import Event
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.stays import Stays


class ZoneEnter:
    patient = True

    class Options(BaseOptions):
        """Zones are the camera's."""

    def __init__(self, options: Options, camera: Camera) -> None:
        self._camera = camera
        self._stays = Stays()

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event]:
        begun, _ = self._stays.update(objects, now)
        for stay in begun:
            yield Event.instant("zone_enter", camera=self._camera.name, at=now, about=stay.about, zone=stay.zone)
