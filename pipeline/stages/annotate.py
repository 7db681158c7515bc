"""The `annotate` stage: draws zones, lines and trails into the live pictures. Boxes come with the objects."""

from collections import Counter, deque
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from pipeline.core.colours import colour_of
from pipeline.core.context import Colour, Context, Drawing
from pipeline.core.contracts import StageSetup
from pipeline.core.event import Event
from pipeline.core.geometry import XY, anchor
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.line_cross import LineCross

EMPTY: Colour = (214, 214, 214)
OCCUPIED: Colour = (255, 186, 8)
_STEP = 0.004
"""A trail gets a new point when the object has moved by this share of the picture."""


class Annotate:
    """To stand after `rules`, which says who is in which zone."""

    prompt = True

    class Options(BaseOptions):
        zones: bool = True
        """Outlines of zones, highlighted and with a count while somebody is inside."""
        lines: bool = True
        """Lines, with how many came out on which side so far."""
        trails: Annotated[float, Field(ge=0, le=60)] = 2.0
        """Seconds of its way that each object draws behind it; 0 draws none."""

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._options = options
        self._camera = setup.camera
        self._crossings = LineCross(LineCross.Options(), setup.camera)
        self._came_out: Counter[tuple[str, str]] = Counter()
        self._trails: dict[str, deque[tuple[float, XY]]] = {}

    def process(self, ctx: Context) -> None:
        now = ctx.frame.captured_at
        objects = [thing for thing in ctx.objects if thing.confirmed]
        if self._options.zones:
            self._draw_zones(ctx.draw, objects)
        if self._options.lines:
            self._draw_lines(ctx.draw, ctx.objects, now)
        if self._options.trails:
            self._draw_trails(ctx.draw, objects, now)

    def _draw_zones(self, draw: Drawing, objects: Sequence[TrackedObject]) -> None:
        inside = Counter(zone for thing in objects if not thing.lost for zone in thing.zones)
        for name, zone in self._camera.zones.items():
            count = inside[name]
            draw.polygon(
                list(zone.coordinates),
                OCCUPIED if count else EMPTY,
                text=f"{name}: {count}" if count else name,
                layer="zones",
            )

    def _draw_lines(self, draw: Drawing, objects: Sequence[TrackedObject], now: float) -> None:
        for event in self._crossings.update(objects, now):
            if isinstance(event, Event):
                self._came_out[str(event.line), str(event.direction)] += 1
        for name, line in self._camera.lines.items():
            sides = ("left", "right") if line.direction == "any" else (line.direction,)
            counts = ", ".join(f"{self._came_out[name, side]} {side}" for side in sides)
            draw.line(line.from_, line.to, OCCUPIED, text=f"{name}: {counts}", layer="lines")

    def _draw_trails(self, draw: Drawing, objects: Sequence[TrackedObject], now: float) -> None:
        self._trails = {thing.id: self._trails.get(thing.id, deque(maxlen=256)) for thing in objects}
        for thing in objects:
            trail = self._trails[thing.id]
            if thing.measured:
                _follow(trail, anchor(thing.box), now)
            while trail and now - trail[0][0] > self._options.trails:
                trail.popleft()
            if len(trail) > 1 and not thing.lost:
                draw.path([point for _, point in trail], colour_of(thing.label), layer="trails")


def _follow(trail: deque[tuple[float, XY]], point: XY, now: float) -> None:
    if not trail or max(abs(point[0] - trail[-1][1][0]), abs(point[1] - trail[-1][1][1])) >= _STEP:
        trail.append((now, point))
