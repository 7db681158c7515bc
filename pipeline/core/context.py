"""What a stage gets for one frame."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from pipeline.core.camera import Camera
from pipeline.core.detections import Detections
from pipeline.core.event import Event
from pipeline.core.frame import Frame
from pipeline.core.near_miss import NearMiss
from pipeline.core.objects import Box, TrackedObject
from pipeline.core.refusal import Refusal

Colour = tuple[int, int, int]
"""Red, green, blue, 0..255."""


Layer = Literal["", "zones", "lines", "trails"]


class Mark(msgspec.Struct, frozen=True):
    """One thing that a stage drew, in relative coordinates; reaches overlay and burned view alike.

    Somebody who watches may switch a `layer` off; what is in none is always drawn.
    """

    kind: Literal["box", "line", "polygon", "text"]
    points: list[tuple[float, float]]
    text: str = ""
    colour: Colour = (255, 255, 255)
    layer: Layer = ""


@dataclass(slots=True)
class Drawing:
    """A stage's pencil: `ctx.draw.text((0.1, 0.1), "open")`."""

    marks: list[Mark] = field(default_factory=list)

    def box(self, x1: float, y1: float, x2: float, y2: float, text: str = "", colour: Colour = (255, 255, 255)) -> None:
        self.marks.append(Mark("box", [(x1, y1), (x2, y2)], text, colour))

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: Colour = (255, 255, 255),
        text: str = "",
        layer: Layer = "",
    ) -> None:
        self.marks.append(Mark("line", [start, end], text, colour, layer))

    def path(self, points: list[tuple[float, float]], colour: Colour = (255, 255, 255), layer: Layer = "") -> None:
        """A line through all points; one mark, however many they are."""
        self.marks.append(Mark("line", points, "", colour, layer))

    def polygon(
        self,
        points: list[tuple[float, float]],
        colour: Colour = (255, 255, 255),
        text: str = "",
        layer: Layer = "",
    ) -> None:
        self.marks.append(Mark("polygon", points, text, colour, layer))

    def text(self, at: tuple[float, float], text: str, colour: Colour = (255, 255, 255)) -> None:
        self.marks.append(Mark("text", [at], text, colour))


@dataclass(slots=True)
class Context:
    """One frame on its way through a camera's stages.

    `motion` holds the relative boxes in which something moves: empty where nothing does, None where nobody
    looked for it. `detections` is None until a stage has looked, and stays None where nobody did; `weak` are
    those too unsure to begin an object, which may still be the next sight of one. `refused` are some of those that
    nearly counted, with what they did not meet. `objects` is what the
    tracker holds, `before` what it held after the last frame that somebody looked at (of those that have been
    through all stages: two frames may be on their way). `emit` hands an event on; it may be called any number of times.
    `misses` has, by their ids, the objects of which something has changed in what rules nearly told of them.
    """

    frame: Frame
    camera: Camera
    emit: Callable[[Event], None]
    motion: tuple[Box, ...] | None = None
    detections: Detections | None = None
    weak: Detections | None = None
    refused: list[Refusal] = field(default_factory=list)
    objects: list[TrackedObject] = field(default_factory=list)
    before: tuple[TrackedObject, ...] = ()
    draw: Drawing = field(default_factory=Drawing)
    misses: dict[str, list[NearMiss]] = field(default_factory=dict)
