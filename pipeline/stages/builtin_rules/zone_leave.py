"""Tells when an object leaves a zone, or is gone for good while it was in one."""

from collections.abc import Iterable, Sequence

from pipeline.core.camera import Camera
from pipeline.core.event import Event
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.stays import Stays


class ZoneLeave:
    patient = True

    class Options(BaseOptions):
        """Zones are the camera's."""

    def __init__(self, options: Options, camera: Camera) -> None:
        self._camera = camera
        self._stays = Stays()

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event]:
        """`data.stayed_s` is how long the object was inside."""
        _, ended = self._stays.update(objects, now)
        for stay in ended:
            yield Event.instant(
                "zone_leave",
                camera=self._camera.name,
                at=now,
                about=stay.about,
                zone=stay.zone,
                stayed_s=round(now - stay.since, 3),
            )
