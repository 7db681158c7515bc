"""A view that goes along photographs which stand side by side."""

from collections.abc import Sequence
from math import cos, pi

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
_FINENESS = (1, 2, 2)
"""4:2:0, which the encoder takes as it is: luma, and two colour planes of half the width and height."""

_NARROWEST = 0.75
_KEPT_Y = 0.8
"""What keeps its place while the view zooms, as a share of the height: low enough that nobody loses head or feet."""
_POST_WIDTH = 0.056
"""As a share of the height."""


class Panorama:
    """Goes once along all photographs and back to the first in every round, zoomed in on the first one's middle.

    A post hides where one ends and the next begins: it is in front of whoever is cut off there.
    """

    def __init__(self, photographs: Sequence[list[Plane]], size: tuple[int, int]) -> None:
        """`size` is the view's width and height in pixels, both even; the photographs are bands of that height."""
        width, height = size
        self._size = size
        post = _post(_even(_POST_WIDTH * height), height)
        parts = [part for photograph in photographs for part in (photograph, post)]
        strip = [np.concatenate(planes, axis=1) for planes in zip(*parts, strict=True)]
        self._begin_px = photographs[0][0].shape[1] / 2
        self._round_px = strip[0].shape[1]
        self._planes = [
            # So much of the beginning again that a view may begin anywhere.
            plane.take(np.arange(plane.shape[1] + width // by + 2), axis=1, mode="wrap")
            for plane, by in zip(strip, _FINENESS, strict=True)
        ]

    def view(self, share: float) -> av.VideoFrame:
        """The picture after a share (0..1) of the round."""
        width, height = self._size
        zoom = 1 - (1 - _NARROWEST) * (1 + cos(2 * pi * share)) / 2
        left = (self._begin_px + share * self._round_px - zoom * width / 2) % self._round_px
        part = left, (1 - zoom) * height * _KEPT_Y, zoom * width, zoom * height
        return _picture(
            [
                _scaled(plane, [round(edge / by) for edge in part], (width // by, height // by))
                for plane, by in zip(self._planes, _FINENESS, strict=True)
            ]
        )


def band(photograph: av.VideoFrame, top: float, bottom: float, height: int) -> list[Plane]:
    """What lies between two shares of the photograph's height, scaled to `height` pixels (even)."""
    whole = _even(height / (bottom - top))
    width = _even(photograph.width * whole / photograph.height)
    planar = VideoReformatter().reformat(
        photograph, width=width, height=whole, format="yuv420p", dst_color_range="MPEG"
    )
    image = np.asarray(planar.to_ndarray(), np.uint8)
    first = min(_even(top * whole), whole - height)
    planes = image[:whole], *image[whole:].reshape(2, whole // 2, width // 2)
    return [plane[first // by : (first + height) // by] for plane, by in zip(planes, _FINENESS, strict=True)]


def _post(width: int, height: int) -> list[Plane]:
    """Round, dark and grey, lit from the front."""
    luma = np.uint8(28 + 44 * np.sin(np.linspace(0, pi, width)))
    grey = np.full((height // 2, width // 2), 128, np.uint8)
    return [np.tile(luma, (height, 1)), grey, grey]


def _scaled(plane: Plane, left_top_width_height: list[int], size: tuple[int, int]) -> Plane:
    """A part of the plane; whole pixels are smooth enough at this speed, and cost a third."""
    import cv2  # Only the demo camera needs it in this process, and only in its first round.

    left, top, width, height = left_top_width_height
    part = plane[top : top + height, left : left + width]
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _picture(planes: list[Plane]) -> av.VideoFrame:
    height, width = planes[0].shape
    stacked = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)
    return av.VideoFrame.from_ndarray(stacked, format="yuv420p")


def _even(pixels: float) -> int:
    return max(2, 2 * round(pixels / 2))
