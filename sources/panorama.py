"""A view that moves along a photograph."""

from dataclasses import dataclass
from math import cos, pi

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

Plane = NDArray[np.uint8]


@dataclass(frozen=True)
class Movement:
    """How the view moves; heights and places are shares of the photograph's, speed is in view widths a second."""

    centre_y: float
    narrowest: float
    widest: float
    begin_x: float = 0.0
    """What lies left of this is cut off: half a person looks odd beside the mirror image."""
    speed: float = 0.06
    zoom_period_s: float = 20.0

    def height(self, at_s: float) -> float:
        return self.widest + (self.narrowest - self.widest) * (1 - cos(2 * pi * at_s / self.zoom_period_s)) / 2


class Panorama:
    """Pans along the photograph and its mirror images, which meet without a seam, zooming slowly in and out.

    Works on the three planes of 4:2:0: nothing needs converting on the way to the encoder.
    """

    def __init__(self, photograph: av.VideoFrame, movement: Movement, size: tuple[int, int]) -> None:
        # Multiples of 4: the rows of the three planes then lie in memory without padding.
        width, height = photograph.width // 4 * 4, photograph.height // 4 * 4
        planar = VideoReformatter().reformat(
            photograph, width=width, height=height, format="yuv420p", dst_color_range="MPEG"
        )
        image = np.asarray(planar.to_ndarray(), np.uint8)
        self._movement = movement
        self._size = size
        self._height = height
        self._widest_px = movement.widest * height * size[0] / size[1]
        begin = round(movement.begin_x * width) // 2 * 2
        self._period_px = 2 * (width - begin)
        luma, chroma = image[:height], image[height:].reshape(2, height // 2, width // 2)
        self._planes = [
            _endless(plane[:, begin // by :], round(self._widest_px / by) + 3)
            for plane, by in ((luma, 1), (chroma[0], 2), (chroma[1], 2))
        ]

    def view(self, at_s: float) -> list[Plane]:
        """Luma and the two colour planes, at a time in seconds (any, also below zero)."""
        width, height = self._size
        view_height = self._movement.height(at_s) * self._height
        view_width = view_height * width / height
        top = self._movement.centre_y * self._height - view_height / 2
        top = min(max(0.0, top), self._height - view_height)
        left = (self._movement.speed * at_s * self._widest_px) % self._period_px
        part = left, top, view_width, view_height
        return [
            _cut(plane, [round(edge / by) for edge in part], (width // by, height // by))
            for plane, by in zip(self._planes, (1, 2, 2), strict=True)
        ]


def _endless(plane: Plane, view_width: int) -> Plane:
    """The plane and its mirror image, and so much of them again that a view may begin anywhere."""
    pair = np.concatenate([plane, plane[:, ::-1]], axis=1)
    return pair.take(np.arange(pair.shape[1] + view_width), axis=1, mode="wrap")


def _cut(plane: Plane, left_top_width_height: list[int], size: tuple[int, int]) -> Plane:
    """A part of the plane, scaled; whole pixels are smooth enough at this speed, and cost a third."""
    import cv2  # Only the demo camera needs it in this process, and only in its first round.

    left, top, width, height = left_top_width_height
    part = plane[top : top + height, left : left + width]
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def blended(first: list[Plane], second: list[Plane], share: float) -> list[Plane]:
    """`share` (0..1) of the second over the first."""
    import cv2

    return [
        np.asarray(cv2.addWeighted(one, 1 - share, other, share, 0), np.uint8)
        for one, other in zip(first, second, strict=True)
    ]


def picture(planes: list[Plane]) -> av.VideoFrame:
    height, width = planes[0].shape
    stacked = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)
    return av.VideoFrame.from_ndarray(stacked, format="yuv420p")
