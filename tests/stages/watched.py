"""A rules stage that is fed by hand."""

from collections.abc import Iterable
from typing import Any

from pipeline import registry
from pipeline.core.camera import Camera, Line, Zone
from pipeline.core.event import Event
from pipeline.core.near_miss import NearMiss
from pipeline.core.objects import Box, TrackedObject
from pipeline.stages.rules import Rules
from tests.stages.scene import START, at, context, setup

HALL: dict[str, Any] = {"coordinates": [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]}
OUT, EDGE, IN = (0.5, 0.9), (0.5, 0.75), (0.5, 0.5)
ABOVE, BELOW = (0.5, 0.4), (0.5, 0.6)

Place = tuple[float, float] | None
"""Where the object stands; None: not there."""


def camera(*, fps: float = 5.0, zone: dict[str, Any] | None = None, line: dict[str, Any] | None = None) -> Camera:
    return Camera(
        name="lobby",
        fps=fps,
        zones={"hall": Zone.model_validate(zone)} if zone else {},
        lines={"door": Line.model_validate(line)} if line else {},
    )


def person(place: tuple[float, float], *, size: tuple[float, float] = (0.06, 0.2), **more: Any) -> TrackedObject:
    facts = {"id": "a-1", "label": "person", "score": 0.9, "box": at(*place, *size), "first_seen_at": START}
    return TrackedObject(**{**facts, **more})


class Watched:
    """A rules stage, fed by hand."""

    def __init__(self, on: Camera, plugin: Any = registry.load, **options: Any) -> None:
        self.camera = on
        self.stage = Rules(Rules.Options(**options), setup(on, plugin))
        self.events: list[Event] = []
        self.motion: tuple[Box, ...] | None = None
        self.misses: dict[str, list[NearMiss]] = {}

    def frame(self, seconds: float, *objects: TrackedObject) -> list[str]:
        """The types of the events of this frame."""
        before = len(self.events)
        ctx = context(self.camera, seconds, objects=objects, events=self.events, motion=self.motion)
        self.stage.process(ctx)
        self.misses.update(ctx.misses)
        return [event.type for event in self.events[before:]]

    def walk(self, places: Iterable[Place], fps: float = 5.0, **more: Any) -> list[str]:
        for number, place in enumerate(places):
            self.frame(number / fps, *([person(place, **more)] if place else []))
        return [event.type for event in self.events]

    def told(self, *types: str) -> list[Event]:
        """The latest that was said of each event."""
        return [event for event in {event.id: event for event in self.events}.values() if event.type in types]

    def why_not(self, object_id: str = "a-1") -> list[str]:
        return [f"{miss.rule} {miss.zone or miss.line}: {miss.why}" for miss in self.misses.get(object_id, [])]
