"""Tells when an object crosses a line, and on which side it came out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.camera import Camera, Line
from pipeline.core.event import Event
from pipeline.core.geometry import XY, Side, anchor, crossing, distance_to_segment, offset
from pipeline.core.near_miss import NearMiss, missed
from pipeline.core.objects import TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.builtin_rules.area import lacks, tremble
from pipeline.stages.builtin_rules.tally import Tally

NEAR = 0.1
"""Who passes an end of the line within this share of the picture has nearly crossed it."""


@dataclass(slots=True)
class _Passage:
    """Where an object is with regard to one line."""

    last: XY
    clear: Side | None = None
    """The side it was last clearly on."""
    to_the_right: int = 0
    """Crossings of the line itself since then, those to the left taken off."""
    was_over: bool = False
    """Whether it has been on the other side since then, if only by a hair."""
    waiting: tuple[Side, float] | None = None
    """Where and when it came out while nobody believed in it yet."""


class LineCross:
    """An object has crossed when it was clearly on one side, its way led over the line between its two ends,
    and it is clearly on the other. On the line itself it may tremble as it likes. Who is believed only then has crossed
    all the same.
    """

    patient = early = True

    class Options(BaseOptions):
        """Lines are the camera's."""

    def __init__(self, options: Options, camera: Camera) -> None:
        self._camera = camera
        self._passages: dict[str, dict[str, _Passage]] = {}
        self._tallies = {name: Tally(line.inward) for name, line in camera.lines.items()}

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event | NearMiss]:
        for tally in self._tallies.values():
            tally.begin(now)
        self._passages = {thing.root: self._passages.get(thing.root, {}) for thing in objects}
        for thing in objects:
            if thing.measured:
                yield from self._crossed(thing, now)

    def _crossed(self, thing: TrackedObject, now: float) -> Iterable[Event | NearMiss]:
        """`data.counts` has, by label, how many have come in and gone out up to this one."""
        passages = self._passages[thing.root]
        for name, line in self._camera.lines.items():
            place = anchor(thing.box, line.anchor)
            passage = passages.setdefault(name, _Passage(place))
            came_out, why = _step(passage, line, place, tremble(thing.box))
            if why:
                yield missed("line_cross", thing, why, line=name)
            if came_out:  # there and back is nothing to tell of who is believed later
                passage.waiting = None if passage.waiting else (came_out, now)
            if passage.waiting and thing.confirmed:
                (side, at), passage.waiting = passage.waiting, None
                yield self._told(thing, name, line, side, at)

    def _told(self, thing: TrackedObject, name: str, line: Line, side: Side, at: float) -> Event | NearMiss:
        why = _unwanted(line, side, thing)
        if why:
            return missed("line_cross", thing, why, line=name)
        counts = self._tallies[name].count(thing.label, side, at)
        return Event.instant(
            "line_cross", camera=self._camera.name, at=at, about=thing, line=name, direction=side, **counts
        )


def _unwanted(line: Line, came_out: Side, thing: TrackedObject) -> str:
    if line.direction not in ("any", came_out):
        return f"to the {came_out}, wanted {line.direction}"
    return lacks(line.objects, line.attributes, thing)


def _step(passage: _Passage, line: Line, place: XY, doubt: float) -> tuple[Side | None, str]:
    """Goes on to `place`; the side an object came out on when it has now crossed, or why it nearly has."""
    over = crossing(passage.last, place, line.from_, line.to)
    passage.to_the_right += {"right": 1, "left": -1, None: 0}[over]
    passage.was_over = passage.was_over or over is not None
    passage.last = place
    distance = offset(line.from_, line.to, place)
    if abs(distance) < doubt:
        return None, ""
    now_on: Side = "right" if distance > 0 else "left"
    was_on, crossed, was_over = passage.clear, passage.to_the_right, passage.was_over
    passage.clear, passage.to_the_right, passage.was_over = now_on, 0, False
    if was_on is None:
        return None, ""
    if was_on == now_on:
        return None, "turned back on the line" if was_over else ""
    if crossed and (crossed > 0) == (now_on == "right"):
        return now_on, ""
    is_near = distance_to_segment(line.from_, line.to, place) <= NEAR
    return None, "past the end of the line" if is_near else ""
