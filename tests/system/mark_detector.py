"""A model plugin that finds the moving mark exactly: what a detector would see, without weights.

Named in configurations as `type: ./mark_detector.py:MarkDetector`.
"""

import asyncio
from collections.abc import Mapping

import numpy as np
from pydantic import Field

from framewatch import Detections, Frame, Options

_TOLERANCE = 60


class MarkDetector:
    """Calls the mark a person; `takes_s` is how long a look lasts, as inference would."""

    class Options(Options):
        takes_s: float = Field(default=0.0, ge=0)

    labels: Mapping[int, str] = {0: "person"}
    description = "finds the mark"

    def __init__(self, options: Options) -> None:
        self._takes_s: float = getattr(options, "takes_s", 0.0)

    def load(self) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to close."""

    async def detect(self, frame: Frame, *, min_score: float) -> Detections:
        found = await asyncio.to_thread(self._find, frame)
        await asyncio.sleep(self._takes_s)
        return found

    def _find(self, frame: Frame) -> Detections:
        image = frame.bgr().astype(np.int16)
        magenta = (np.abs(image - (255, 0, 255)) < _TOLERANCE).all(axis=2)
        rows, columns = np.flatnonzero(magenta.any(axis=1)), np.flatnonzero(magenta.any(axis=0))
        if not len(rows):
            return Detections.empty(self.labels)
        box = np.array([[columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]], np.float32)
        return Detections(box, np.array([0.95], np.float32), np.zeros(1, np.int32), self.labels)
