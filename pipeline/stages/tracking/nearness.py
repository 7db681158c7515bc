"""How far apart tracks and detections of one frame are."""

from dataclasses import dataclass

import numpy as np

from pipeline.stages.tracking.found import Floats, Found
from pipeline.stages.tracking.matching import HALF, NEVER, doubtful_overlap, overlap


@dataclass(slots=True)
class Nearness:
    """ByteTrack's distances, each (rows, columns) of some tracks and some detections.

    `boxes` is (T, 4), xyxy in pixels, `doubt` (T, 2) the variance of where their centres are, `kinds` are classes;
    `fuse_score` makes overlap with an unsure detection count for less.
    """

    boxes: Floats
    doubt: Floats
    kinds: list[int]
    found: Found
    fuse_score: bool

    def own(self, rows: list[int], columns: list[int]) -> Floats:
        """The tracker's own."""
        return self._judged(self._overlap(rows, columns), columns)

    def doubtful(self, rows: list[int], columns: list[int]) -> Floats:
        """The same, with room for doubt about where a track is."""
        return self._judged(self._doubtful_overlap(rows, columns), columns)

    def half(self, rows: list[int], columns: list[int]) -> Floats:
        """By overlap alone, which must be by half."""
        distances = self.apart(rows, columns)
        return self._within(np.where(distances > HALF, NEVER, distances), columns)

    def apart(self, rows: list[int], columns: list[int]) -> Floats:
        """By overlap alone."""
        return 1 - self._overlap(rows, columns)

    def doubtfully_apart(self, rows: list[int], columns: list[int]) -> Floats:
        """By overlap alone, with room for doubt."""
        return 1 - self._doubtful_overlap(rows, columns)

    def _judged(self, overlaps: Floats, columns: list[int]) -> Floats:
        if self.fuse_score:
            overlaps = overlaps * self.found.conf[columns]
        return self._within(1 - overlaps, columns)

    def _within(self, distances: Floats, columns: list[int]) -> Floats:
        """Each label has its own limit; that of all, `match_thresh` of the settings, is the largest."""
        return np.where(distances > self.found.limits(columns), NEVER, distances)

    def _overlap(self, rows: list[int], columns: list[int]) -> Floats:
        return overlap(self.boxes[rows, None], self.found.xyxy[columns])

    def _doubtful_overlap(self, rows: list[int], columns: list[int]) -> Floats:
        alike = np.array([self.kinds[row] for row in rows])[:, None] == self.found.cls[columns]
        return doubtful_overlap(self.boxes[rows], self.found.xyxy[columns], np.sqrt(self.doubt[rows]), alike)
