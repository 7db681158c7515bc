"""A model plugin that knows the actors of `scenes.py` by their colours.

Named in configurations as `type: ./scene_detector.py:SceneDetector`.
"""

import asyncio
from collections.abc import Mapping

import cv2
import numpy as np
from pydantic import Field

from framewatch import Detections, Frame, Options

HUES: Mapping[str, int] = {"person": 150, "car": 24, "suitcase": 60}
"""Of OpenCV, 0..179."""
_NEAR = 10
_LEAST_PX = 60


class SceneDetector:
    """As sure as `scores` says of each label, and else very."""

    class Options(Options):
        scores: dict[str, float] = Field(default_factory=dict)

    labels: Mapping[int, str] = dict(enumerate(HUES))
    description = "knows actors by their colours"

    def __init__(self, options: Options) -> None:
        self._scores: dict[str, float] = getattr(options, "scores", {})

    def load(self) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to close."""

    async def detect(self, frame: Frame, *, min_score: float) -> Detections:
        return await asyncio.to_thread(self._find, frame)

    def _find(self, frame: Frame) -> Detections:
        coloured = cv2.cvtColor(frame.bgr(), cv2.COLOR_BGR2HSV)
        boxes, labels = [], []
        for number, hue in enumerate(HUES.values()):
            mask = cv2.inRange(coloured, (hue - _NEAR, 120, 90), (hue + _NEAR, 255, 255))
            _, _, found, _ = cv2.connectedComponentsWithStats(mask)
            for left, top, width, height, area in found[1:].tolist():
                if area >= _LEAST_PX:
                    boxes.append((left, top, left + width, top + height))
                    labels.append(number)
        if not boxes:
            return Detections.empty(self.labels)
        scores = np.array([self._scores.get(self.labels[number], 0.9) for number in labels], np.float32)
        return Detections(np.array(boxes, np.float32), scores, np.array(labels, np.int32), self.labels)
