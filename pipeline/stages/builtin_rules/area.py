"""One zone, and whether an object stands in it."""

from collections.abc import Sequence
from typing import Literal

from pipeline.core.attributes import AttributeValue, Wanted, fits
from pipeline.core.camera import Zone
from pipeline.core.geometry import XY, anchor, depth, overlap, thickness
from pipeline.core.objects import Box, TrackedObject

Verdict = Literal["inside", "outside"]

_ROUNDING = 1e-9


def tremble(box: Box) -> float:
    """How far the anchor of an object at rest may wander from frame to frame, in relative units.

    Detectors know a box to a few percent of its size, and never better than about two pixels of a picture
    that is 360 high.
    """
    x1, y1, x2, y2 = box
    return max(0.006, 0.02 * (x2 - x1 + y2 - y1))


class Area:
    """One zone's polygon, and whether an object stands clearly in it or clearly not."""

    def __init__(self, zone: Zone, frame_s: float) -> None:
        self.inertia = zone.inertia
        self.settle_s = (zone.inertia - 1 - 1 / 3) * frame_s
        """Between the first and the last of `inertia` frames, less a third of one: frames are not punctual."""
        self._zone = zone
        self._polygon: Sequence[XY] = zone.coordinates
        self._most_doubt = thickness(zone.coordinates) / 4

    def lacks(self, thing: TrackedObject) -> str:
        """Why it does not count here wherever it stands; empty where it does."""
        return lacks(self._zone.objects, self._zone.attributes, thing)

    def verdict(self, thing: TrackedObject) -> Verdict | None:
        """Where it stands, whatever it is; None where it is so near an edge that it could be either."""
        verdicts = {*self._by_anchor(thing.box), *self._by_overlap(thing.box)}
        if "outside" in verdicts:
            return "outside"
        return None if None in verdicts else "inside"

    def _by_anchor(self, box: Box) -> Sequence[Verdict | None]:
        if self._zone.anchor == "none":
            return ()
        doubt = min(tremble(box), self._most_doubt)
        deep = depth(self._polygon, _in_picture(anchor(box, self._zone.anchor), doubt))
        if deep >= doubt - _ROUNDING:
            return ("inside",)
        return ("outside",) if deep < -doubt else (None,)

    def _by_overlap(self, box: Box) -> Sequence[Verdict | None]:
        """As much as `min_overlap` is inside; less is outside only where it is clearly less."""
        wanted = self._zone.min_overlap
        if not wanted:
            return ()
        share = overlap(self._polygon, box)
        if share >= wanted - _ROUNDING:
            return ("inside",)
        x1, y1, x2, y2 = box
        doubt = tremble(box) * (1 / max(x2 - x1, 1e-6) + 1 / max(y2 - y1, 1e-6))
        return ("outside",) if share < wanted - min(doubt, wanted / 2) else (None,)


def lacks(objects: Sequence[str], attributes: Wanted, thing: TrackedObject) -> str:
    """What an object would have to be, in words; empty where it is that."""
    if objects and thing.label not in objects:
        return f"label {thing.label}, wanted {_either(objects)}"
    for name, values in attributes.items():
        if not fits({name: values}, thing.attributes):
            return f"{name} {_said(thing.attributes.get(name))}, wanted {_either(values)}"
    return ""


def _said(value: AttributeValue | None) -> str:
    return "unknown" if value is None else str(value)


def _either(values: Sequence[AttributeValue]) -> str:
    return " or ".join(map(str, values))


def _in_picture(point: XY, margin: float) -> XY:
    """Feet below the picture's edge stand on it: they are as far inside as one can see."""
    x, y = (min(1 - margin, max(margin, value)) for value in point)
    return x, y
