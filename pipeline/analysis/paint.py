"""The one painter: burned view, snapshots and processed files all look like this."""

from collections.abc import Iterable, Sequence
from threading import local
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.attributes import in_words
from pipeline.core.colours import colour_of
from pipeline.core.context import Colour, Mark
from pipeline.core.geometry import XY
from pipeline.core.objects import Box, TrackedObject

Picture = NDArray[np.uint8]
"""(height, width, 3), blue first, writable."""

_RIM: Colour = (16, 16, 20)
_DARK: Colour = (16, 16, 20)
_LIGHT: Colour = (255, 255, 255)
_BOLD = 600
_OPEN_SHARE = 0.25
"""How much of its sides the box of an object shows that was neither measured nor at rest: its corners."""
_font = local()


def paint(image: Picture, objects: Sequence[TrackedObject], marks: Sequence[Mark]) -> None:
    """Draws marks, then objects on top of them, into `image`; objects that are lost are left out.

    Safe from several threads, each with a picture of its own. Sizes go with the picture's height.
    """
    brush = Brush(image)
    for mark in marks:
        brush.mark(mark)
    for thing in objects:
        if not thing.lost:
            brush.thing(thing)


class Brush:
    """Draws on one picture, in relative coordinates."""

    def __init__(self, image: Picture) -> None:
        self._image = image
        self._height, self._width = image.shape[:2]
        self._line_px = max(1, round(self._height / 360))
        self._font_px = max(11, round(self._height / 45))

    def thing(self, thing: TrackedObject) -> None:
        colour = colour_of(thing.label)
        self._box(thing.box, colour, closed=thing.measured or thing.stationary)
        words = in_words(thing.attributes)
        self._tag(f"{thing.label} {thing.score:.0%}" + (f" {words}" if words else ""), thing.box[:2], colour)

    def mark(self, mark: Mark) -> None:
        match mark.kind:
            case "box":
                (x1, y1), (x2, y2) = mark.points
                self._box((x1, y1, x2, y2), mark.colour, closed=True)
            case "line" | "polygon":
                self._path(mark.points, mark.colour, closed=mark.kind == "polygon")
        if mark.text:
            self._tag(mark.text, mark.points[0], mark.colour)

    def _box(self, box: Box, colour: Colour, *, closed: bool) -> None:
        """A dark rim keeps every colour visible on every picture."""
        (left, top), (right, bottom) = self._pixel(box[:2]), self._pixel(box[2:])
        for stroke, line_px in ((_RIM, self._line_px + 2), (colour, self._line_px)):
            if closed:
                cv2.rectangle(self._image, (left, top), (right, bottom), stroke[::-1], line_px)
            else:
                cv2.polylines(self._image, _corners(left, top, right, bottom), False, stroke[::-1], line_px)

    def _path(self, points: Iterable[XY], colour: Colour, *, closed: bool) -> None:
        corners = np.array([self._pixel(point) for point in points], np.int32)
        cv2.polylines(self._image, [corners], closed, _RIM[::-1], self._line_px + 2)
        cv2.polylines(self._image, [corners], closed, colour[::-1], self._line_px, cv2.LINE_AA)

    def _tag(self, text: str, at: XY, colour: Colour) -> None:
        """Text on a field of its colour: above the point where there is room, else below, always in the picture."""
        x, y = self._pixel(at)
        font, pad = _font_face(), self._font_px // 3
        width = cv2.getTextSize((0, 0), text, (0, 0), font, self._font_px, _BOLD)[2] + 2 * pad
        height = self._font_px + pad
        left = max(0, min(x, self._width - width))
        top = y - height if y >= height else min(y, self._height - height)
        cv2.rectangle(self._image, (left, top), (left + width, top + height), colour[::-1], cv2.FILLED)
        ink = _DARK if _luminance(colour) > 0.45 else _LIGHT
        base = (left + pad, top + height - pad)
        cv2.putText(self._image, text, base, ink[::-1], font, self._font_px, _BOLD)

    def _pixel(self, point: tuple[float, ...]) -> tuple[int, int]:
        return round(point[0] * self._width), round(point[1] * self._height)


def _corners(left: int, top: int, right: int, bottom: int) -> list[NDArray[np.int32]]:
    dx, dy = round((right - left) * _OPEN_SHARE), round((bottom - top) * _OPEN_SHARE)
    return [
        np.array([(x + along, y), (x, y), (x, y + down)], np.int32)
        for x, along in ((left, dx), (right, -dx))
        for y, down in ((top, dy), (bottom, -dy))
    ]


def _luminance(colour: Colour) -> float:
    red, green, blue = colour
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def _font_face() -> Any:
    """A font that knows more than ASCII; one for each thread, for it caches what it has drawn."""
    if not hasattr(_font, "face"):
        _font.face = cv2.FontFace("sans")
    return _font.face
