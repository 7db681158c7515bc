"""What comes and goes from one picture to the next: sensor noise, rain, leaves."""

import cv2
import numpy as np

from pipeline.core.frame import Image
from pipeline.stages.straying import Memory, Straying

_SQUARE = 20
"""Pixels; how widely it is asked whether it rains."""
_RAINY = 0.01
"""Share of a square's pixels that flicker, from which on a single picture proves nothing."""


class Flicker:
    """What each pixel of small grey pictures did for one picture only and then took back.

    A thing that comes and stays, or goes by, is no flicker, so this does not learn to overlook people
    who stand or slow cars.
    """

    def __init__(self, gray: Image) -> None:
        self._last = self._before_last = gray
        self._wh = gray.shape[1], gray.shape[0]
        self._strays = Straying(gray)
        self._rate = np.zeros(gray.shape, np.float32)
        self._memory = Memory()

    def learn(self, gray: Image, since_s: float, faintest: float, small: Image) -> None:
        """One more picture, `since_s` after the last; `faintest` is a difference that is worth counting.

        `small` is 255 where the last picture had nothing that was large enough for somebody who went by.
        """
        # differences of unsigned pictures end at 0: these are what stood out for one picture, up and down
        up = cv2.min(cv2.subtract(self._last, self._before_last), cv2.subtract(self._last, gray))
        down = cv2.min(cv2.subtract(self._before_last, self._last), cv2.subtract(gray, self._last))
        flicker = cv2.bitwise_and(cv2.max(up, down), small)
        self._before_last, self._last = self._last, gray
        share = self._memory.share(since_s)
        self._strays.learn(flicker, share)
        cv2.accumulateWeighted(cv2.compare(flicker, faintest, cv2.CMP_GT), self._rate, share)

    def reach(self) -> Image:
        """(height, width) uint8: the grey values that a pixel flickers by."""
        return self._strays.reach()

    def calm(self) -> Image:
        """(height, width) uint8: 255 where, in a wider square, hardly a pixel flickers."""
        wide, high = (max(1, side // _SQUARE) for side in self._wh)
        squares = cv2.resize(self._rate, (wide, high), interpolation=cv2.INTER_AREA)
        calm = cv2.compare(squares, 255 * _RAINY, cv2.CMP_LT)
        return np.asarray(cv2.resize(calm, self._wh, interpolation=cv2.INTER_NEAREST), np.uint8)
