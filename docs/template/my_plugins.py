"""A stage, a rule and an alert sink: everything a plugin needs is in `framewatch`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from framewatch import Alert, Camera, Context, Event, Options, StageSetup, TrackedObject, new_id


class CountPeople:
    """A stage: writes onto the picture how many people are there."""

    class Options(Options):
        label: str = "person"

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._label = options.label

    def process(self, ctx: Context) -> None:
        count = sum(thing.label == self._label for thing in ctx.objects)
        ctx.draw.text((0.02, 0.05), f"{self._label}: {count}")


class Crowd:
    """A rule: tells once when more than `limit` objects are there."""

    class Options(Options):
        limit: int = 3

    def __init__(self, options: Options, camera: Camera) -> None:
        self._limit, self._camera, self._crowded = options.limit, camera.name, False

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event]:
        before, self._crowded = self._crowded, len(objects) > self._limit
        if self._crowded and not before:
            yield Event(id=new_id(now), type="crowd", camera=self._camera, started_at=now, ended_at=now, state="end")


class AppendToFile:
    """An alert sink: a line of text for each alert."""

    class Options(Options):
        path: Path

    def __init__(self, options: Options) -> None:
        self._path = options.path

    async def send(self, alert: Alert) -> None:
        with self._path.open("a") as file:
            file.write(f"{alert.rule}: {alert.event.type} on {alert.event.camera}\n")

    async def close(self) -> None:
        pass
