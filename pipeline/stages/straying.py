"""How far the pixels of a still scene stray, each for itself."""

from math import exp

import cv2
import numpy as np

from pipeline.core.frame import Image

LEARN_S = 20.0
"""How long it takes to learn what strays, and to forget it."""
_LONGEST_STEP_S = 0.5
"""What one picture is worth, at most: where pictures are rare, one in which somebody went by is no proof."""
_SIGMAS = 5.0


class Memory:
    """What the newest picture is worth: at first as much as each before, later that of `LEARN_S` seconds."""

    def __init__(self) -> None:
        self._known_s = 0.0

    def share(self, since_s: float) -> float:
        """Of one more picture, `since_s` after the last."""
        since_s = min(since_s, _LONGEST_STEP_S)
        self._known_s = min(LEARN_S, self._known_s + since_s)
        return 1 - exp(-since_s / self._known_s) if since_s else 0.0


class Straying:
    """The mean square of differences, of which many are noise and none is a thing that moves."""

    def __init__(self, gray: Image) -> None:
        self._square_of = np.zeros(gray.shape, np.float32)

    def learn(self, differs: Image, share: float) -> None:
        """`differs` is (height, width) uint8: 0 where it was somebody who went by, `share` is what it is worth."""
        cv2.accumulateWeighted(cv2.multiply(differs, differs, dtype=cv2.CV_32F), self._square_of, share)

    def reach(self) -> Image:
        """(height, width) uint8: the grey values that a pixel strays by itself."""
        reach: Image = cv2.convertScaleAbs(cv2.sqrt(self._square_of), alpha=_SIGMAS)
        return reach
