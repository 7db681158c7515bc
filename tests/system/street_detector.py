"""A model plugin that finds the people and cars of `street.py`: what they wear is brighter than all around them.

Named in configurations as `type: ./street_detector.py:StreetDetector`.
"""

import asyncio
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from framewatch import Detections, Frame, Options

_LEAST_SATURATION, _LEAST_VALUE = 150, 110
_LEAST_PX = 120
_EDGE_PX = 3


class StreetDetector:
    class Options(Options):
        pass

    labels: Mapping[int, str] = {0: "person", 1: "car"}
    description = "finds the people and cars of drawn streets"

    def __init__(self, options: Options) -> None:
        pass

    def load(self) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to close."""

    async def detect(self, frame: Frame, *, min_score: float) -> Detections:
        return await asyncio.to_thread(self._find, frame)

    def _find(self, frame: Frame) -> Detections:
        image = frame.bgr()
        bright = cv2.inRange(
            cv2.cvtColor(image, cv2.COLOR_BGR2HSV), (0, _LEAST_SATURATION, _LEAST_VALUE), (180, 255, 255)
        )
        closed = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
        _, _, found, _ = cv2.connectedComponentsWithStats(closed)
        height, width = image.shape[:2]
        spots = [tuple(map(int, spot[:4])) for spot in found[1:] if spot[4] >= _LEAST_PX and _is_whole(spot, width)]
        if not spots:
            return Detections.empty(self.labels)
        boxes = [_of_car(*spot) if spot[2] > 1.3 * spot[3] else _of_person(*spot) for spot in spots]
        labels = [int(spot[2] > 1.3 * spot[3]) for spot in spots]
        xyxy = np.array(boxes, np.float32).clip(0, (width, height, width, height))
        scores = np.array([0.9 - 0.04 * (index % 3) for index in range(len(spots))], np.float32)
        return Detections(xyxy, scores, np.array(labels, np.int32), self.labels)


def _is_whole(spot: NDArray[np.int32], width: int) -> bool:
    """What the picture's edge cuts off may be either."""
    return bool(spot[0] > _EDGE_PX and spot[0] + spot[2] < width - _EDGE_PX)


def _of_person(left: int, top: int, width: int, height: int) -> tuple[float, float, float, float]:
    """Around head and legs, too: `height` is the trunk's."""
    size, middle = height / 0.33, left + width / 2
    return middle - 0.2 * size, top - 0.18 * size, middle + 0.2 * size, top + 0.83 * size


def _of_car(left: int, top: int, width: int, height: int) -> tuple[float, float, float, float]:
    """Down to the wheels' lower edge."""
    return left - 3.0, top - 3.0, left + width + 3.0, top + 1.22 * height
