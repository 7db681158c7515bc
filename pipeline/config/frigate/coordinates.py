"""Polygons as Frigate writes them → points relative to the picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from math import isfinite

from pydantic import TypeAdapter, ValidationError

from pipeline.config.frigate.report import Report
from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import shown
from pipeline.core.camera import Polygon

Points = list[list[float]]
Size = tuple[float, float]

_DIGITS = 4
_ROUNDING = 0.005
"""So far beyond the picture is no more than rounding, or the last pixel."""
_IN_PIXELS = (
    "in pixels, and detect.width and detect.height do not say of which picture; write 0..1 there, or both of them"
)
_POLYGON: TypeAdapter[object] = TypeAdapter(Polygon)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Reads what was drawn on one camera's picture; `size` is that of Frigate's `detect`, where it is written."""

    size: Size | None
    problems: Problems
    report: Report

    def polygon(self, node: Node) -> Points | None:
        """A text, or a list of texts `x,y`, in pixels or relative; None where it cannot be had, which is said."""
        numbers = _numbers(node)
        if numbers is None or len(numbers) % 2:
            self.problems.add(node, got=shown(node), wanted='coordinates like "0.1,0.5,0.6,0.5,0.6,1"')
            return None
        width, height = self.size or (0.0, 0.0)
        if max(numbers, default=0) > 1:
            if not (width and height):
                self.report.left(node, _IN_PIXELS)
                return None
            numbers = [value / (height if at % 2 else width) for at, value in enumerate(numbers)]
        if any(not -_ROUNDING <= value <= 1 + _ROUNDING for value in numbers):
            self.report.changed(node, "it reaches beyond the picture and is cut at the edges")
        inside = [round(min(1.0, max(0.0, value)), _DIGITS) for value in numbers]
        points = [list(pair) for pair in zip(inside[::2], inside[1::2], strict=True)]
        if not _is_an_area(points):
            self.report.left(node, "no area: three points that are not on one line are the least")
            return None
        return points

    def mask(self, node: Node) -> list[Points]:
        """A text, a list of texts, or a map of names to coordinates."""
        return [points for each in self._polygons(node) if (points := self.polygon(each)) is not None]

    def _polygons(self, node: Node) -> Iterator[Node]:
        if node.value in (None, ""):
            return
        if node.names:
            for name in node.names:
                yield from self._named(node.get(name))
        elif any(len(_split(item)) > 2 for item in node.items):
            yield from (item for item in node.items if item.value not in (None, ""))
        elif node.value not in ([], {}):
            yield node

    def _named(self, node: Node) -> Iterator[Node]:
        if not node.names:
            yield node
        elif node.get("enabled").value in (False, "false", "off", "no"):
            self.report.left(node, "it is turned off there, and cannot be here")
        else:
            yield node.get("coordinates")
            self.report.rest(node, ("coordinates", "enabled"), {"friendly_name": "a mask has no name"})


def _numbers(node: Node) -> list[float] | None:
    parts = list(chain.from_iterable(map(_split, node.items))) if node.items else _split(node)
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    return numbers if numbers and all(map(isfinite, numbers)) else None


def _split(node: Node) -> list[str]:
    """The parts between commas; a list in a list gives its own."""
    if node.items:
        return [part for item in node.items for part in _split(item)]
    if isinstance(node.value, (dict, bool)) or node.value is None:
        return ["no number"]
    return [part.strip() for part in str(node.value).split(",") if part.strip()]


def _is_an_area(points: Points) -> bool:
    try:
        _POLYGON.validate_python(points)
    except ValidationError:
        return False
    return True
