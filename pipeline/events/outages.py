"""From a camera's coming and going to events."""

from dataclasses import dataclass

from msgspec.structs import replace

from pipeline.core.clock import Clock
from pipeline.core.event import Event
from pipeline.core.ids import new_id


@dataclass(slots=True)
class _Outage:
    event: Event
    noticed_at: float
    told: bool = False


class CameraOutages:
    """A `camera_offline` event spans a camera's absence; `data.reason` says why. Its return is a `camera_online`.

    One shorter than `grace_s` is not told at all: cameras hiccup.
    """

    def __init__(self, clock: Clock, *, grace_s: float = 5.0) -> None:
        self._clock = clock
        self._grace_s = grace_s
        self._outages: dict[str, _Outage] = {}

    def offline(self, camera: str, reason: str, at: float) -> None:
        """`at` is UTC seconds. Said again while it lasts only the reason counts, where one is given."""
        outage = self._outages.get(camera)
        if outage is None:
            event = Event(id=new_id(at), type="camera_offline", camera=camera, started_at=at)
            outage = self._outages[camera] = _Outage(event, self._clock.monotonic())
        if reason:
            outage.event = replace(outage.event, data={"reason": reason})

    def due(self) -> list[Event]:
        """The outages that have now lasted long enough to be told."""
        now = self._clock.monotonic()
        due = [each for each in self._outages.values() if not each.told and now - each.noticed_at >= self._grace_s]
        for outage in due:
            outage.told = True
        return [outage.event for outage in due]

    def back(self, camera: str, at: float) -> list[Event]:
        """The end of the outage and, for who waits for that alone, an instant; if it was told."""
        ended = self.online(camera, at)
        return [*ended, *(_return(outage, at) for outage in ended)]

    def online(self, camera: str, at: float) -> list[Event]:
        """The end of the outage, if it was told, whatever ended it."""
        outage = self._outages.pop(camera, None)
        if outage is None or not outage.told:
            return []
        return [replace(outage.event, state="end", ended_at=max(at, outage.event.started_at))]

    def close(self, at: float) -> list[Event]:
        return [event for camera in [*self._outages] for event in self.online(camera, at)]


def _return(outage: Event, at: float) -> Event:
    """`data.offline_s` is how long it was away."""
    away_s = round(max(0.0, at - outage.started_at), 3)
    return Event.instant("camera_online", camera=outage.camera, at=at, offline_s=away_s)
