"""Tells when an object crosses a line, and on which side it came out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.attributes import fits
from pipeline.core.camera import Camera, Line
from pipeline.core.event import Event
from pipeline.core.geometry import XY, Side, anchor, crossing, offset
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.presence import tremble


@dataclass(slots=True)
class _Passage:
    """Where an object is with regard to one line."""

    last: XY
    clear: Side | None = None
    """The side it was last clearly on."""
    to_the_right: int = 0
    """Crossings of the line itself since then, those to the left taken off."""


class LineCross:
    """An object has crossed when it was clearly on one side, its way led over the line between its two ends,
    and it is clearly on the other. On the line itself it may tremble as it likes.
    """

    class Options(BaseOptions):
        """Lines are the camera's."""

    def __init__(self, options: Options, camera: Camera) -> None:
        self._camera = camera
        self._passages: dict[str, dict[str, _Passage]] = {}

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event]:
        self._passages = {thing.id: self._passages.get(thing.id, {}) for thing in objects}
        for thing in objects:
            if thing.measured:
                yield from self._crossed(thing, now)

    def _crossed(self, thing: TrackedObject, now: float) -> Iterable[Event]:
        passages, place = self._passages[thing.id], anchor(thing.box)
        for name, line in self._camera.lines.items():
            passage = passages.setdefault(name, _Passage(place))
            came_out = _step(passage, line, place, tremble(thing.box))
            if came_out and line.direction in ("any", came_out) and _counts(line, thing):
                yield Event.instant(
                    "line_cross", camera=self._camera.name, at=now, about=thing, line=name, direction=came_out
                )


def _counts(line: Line, thing: TrackedObject) -> bool:
    return (not line.objects or thing.label in line.objects) and fits(line.attributes, thing.attributes)


def _step(passage: _Passage, line: Line, place: XY, doubt: float) -> Side | None:
    """Goes on to `place`; the side an object came out on when it has now crossed."""
    over = crossing(passage.last, place, line.from_, line.to)
    passage.to_the_right += {"right": 1, "left": -1, None: 0}[over]
    passage.last = place
    distance = offset(line.from_, line.to, place)
    if abs(distance) < doubt:
        return None
    now_on: Side = "right" if distance > 0 else "left"
    was_on, crossed = passage.clear, passage.to_the_right
    passage.clear, passage.to_the_right = now_on, 0
    if was_on in (None, now_on):
        return None
    return now_on if (crossed > 0) == (now_on == "right") and crossed else None
