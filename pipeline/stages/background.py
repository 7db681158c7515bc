"""What a camera's picture looks like while nothing moves, and where it differs from that."""

from collections.abc import Sequence
from math import exp

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.frame import Image
from pipeline.core.geometry import XY
from pipeline.core.objects import Box
from pipeline.stages.flicker import Flicker
from pipeline.stages.straying import Memory, Straying

cv2.setNumThreads(1)  # pictures this small are done before other threads have woken; cameras are what is parallel

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
"""The whole picture: it is another scene."""
ABSORB_S = 10.0
"""How fast what has changed becomes background: after this long a third of the difference is left."""
SETTLE_S = 2.0
"""How long a scene is new: cameras find their exposure meanwhile, and the background follows at once."""
LONGEST_GAP_S = 60.0
"""After a longer gap it is another scene, whatever it looks like."""
_SETTLING_ABSORB_S = 0.5
_OVERLAPS_S = 0.4
"""In this time nobody walks further than they are wide; at a lower rate of pictures nothing need show in two."""
_FAINTEST = 1 / 3
"""Of the threshold: what counts where it fills more room."""
_MOST_STRAYED = 0.8
"""Of the threshold: what is off for a while hides nothing that differs by more."""
_MOST_RAISED = 2.0
"""Of the threshold: flicker raises it no further, for a person before a swaying tree is to be seen too."""
_WEIGHED_S = 1.0
"""How long it counts what differences were found to be usual: that is learnt over many seconds."""
_USUAL_SPREAD = 48.0
"""Standard deviation of the grey values of a picture by day."""
_LEAST_SPREAD = 12.0


class Background:
    """A running average of small grey pictures, with a memory of how each pixel flickers and strays from it. Not for
    several threads.

    `threshold` is a difference in grey values, `contour_area` pixels of the small picture: so many that differ by
    so much are motion, and so are more that differ by less, down to a third, as far as that is more than they
    stray by themselves (in noise, an encoder leaves blocks standing that are a little off for a while). Where it rains,
    they must do so in two pictures running, if these are close in time. What comes and stays is learnt
    as background, at the pace of the stream's time and not of pictures. With `improve_contrast` a dull picture
    (night, fog) needs smaller differences. Where more than the share `lightning_threshold` differs, the scene is
    another: it is learnt at once. Inside the polygons of `mask` nothing counts. `far_apart` is for pictures with
    seconds between them, in which whoever passes by looks like flicker: it never hides what differs by `threshold`,
    and one picture is enough.
    """

    def __init__(
        self,
        *,
        threshold: float = 30.0,
        contour_area: float = 10.0,
        lightning_threshold: float = 0.8,
        improve_contrast: bool = True,
        mask: Sequence[Sequence[XY]] = (),
        far_apart: bool = False,
    ) -> None:
        self._threshold = threshold
        self._contour_area = contour_area
        self._lightning_threshold = lightning_threshold
        self._improve_contrast = improve_contrast
        self._polygons = mask
        self._far_apart = far_apart
        self._mean: NDArray[np.float32] | None = None
        self._watched = 0
        self._small: Image
        self._eyes: Image
        self._began_at = self._looked_at = 0.0
        self._weighed_at = float("-inf")

    @property
    def is_new(self) -> bool:
        """Whether the scene has only just begun: at the start, after a light was switched or a long gap."""
        return self._mean is None or self._looked_at - self._began_at < SETTLE_S

    def look(self, gray: Image, now: float) -> tuple[Box, ...]:
        """Relative boxes around what moves in (height, width) uint8 at `now` seconds of the stream's time.

        `WHOLE` alone while the scene is new. The picture is kept, and must not be written to.
        """
        if self._mean is None or self._mean.shape != gray.shape or not 0 <= now - self._looked_at <= LONGEST_GAP_S:
            return self._begin(gray, now)
        known = cv2.convertScaleAbs(self._mean)
        if self.is_new or now - self._weighed_at >= _WEIGHED_S:
            self._weigh(known, now)
        threshold = self._dulled
        differs = cv2.absdiff(gray, known)
        moving: Image = cv2.bitwise_and(cv2.compare(differs, self._limit, cv2.CMP_GT), self._eyes)
        count = cv2.countNonZero(moving)
        if count > self._lightning_threshold * self._watched:
            return self._begin(gray, now)
        is_enough = count > 0 and count * cv2.mean(differs, moving)[0] >= self._contour_area * threshold
        weights = cv2.bitwise_and(differs, self._lasting(moving, now)) if is_enough else differs
        # what flickered is known one picture later: it goes by the regions of the last one
        self._flicker.learn(gray, now - self._looked_at, threshold * _FAINTEST, self._small)
        self._small = self._eyes
        boxes = self._boxes(moving, weights, threshold) if is_enough else ()
        self._learn(gray, differs, now)
        self._looked_at, self._moved = now, moving
        return (WHOLE,) if self.is_new else boxes

    def adopt(self, gray: Image, now: float) -> None:
        """This is what the picture looks like while nothing moves: whoever says so has looked more closely."""
        if self._mean is None or self._mean.shape != gray.shape:
            self._begin(gray, now)
        self._mean = gray.astype(np.float32)
        self._looked_at, self._began_at = now, now - SETTLE_S

    def _begin(self, gray: Image, now: float) -> tuple[Box, ...]:
        self._mean = gray.astype(np.float32)
        self._flicker = Flicker(gray)
        self._strays, self._memory = Straying(gray), Memory()
        self._weighed_at = float("-inf")
        self._moved = np.zeros_like(gray)
        self._small = self._eyes = self._unmasked(gray.shape[1], gray.shape[0])
        self._watched = cv2.countNonZero(self._eyes)
        self._began_at = self._looked_at = now
        return (WHOLE,)

    def _unmasked(self, width: int, height: int) -> Image:
        eyes = np.full((height, width), 255, np.uint8)
        for polygon in self._polygons:
            cv2.fillPoly(eyes, [np.round(np.array(polygon) * (width, height)).astype(np.int32)], 0)
        return eyes

    def _dullness(self, known: Image) -> float:
        if not self._improve_contrast:
            return 1.0
        _, spread = cv2.meanStdDev(known)
        return min(1.0, max(_LEAST_SPREAD, float(spread[0, 0])) / _USUAL_SPREAD)

    def _weigh(self, known: Image, now: float) -> None:
        """The difference that counts in all of this picture, and how much each pixel must differ by."""
        self._weighed_at = now
        self._dulled = threshold = self._threshold * self._dullness(known)
        highest = threshold if self._far_apart else threshold * _MOST_RAISED
        faintest = cv2.max(cv2.min(self._strays.reach(), threshold * _MOST_STRAYED), threshold * _FAINTEST)
        self._limit: Image = cv2.min(cv2.max(self._flicker.reach(), faintest), highest)

    def _lasting(self, moving: Image, now: float) -> Image:
        """What moves, less what is there in this picture alone where much else flickers."""
        if self._far_apart or now - self._looked_at >= _OVERLAPS_S:
            return moving
        lasting: Image = cv2.bitwise_and(moving, cv2.bitwise_or(self._moved, self._flicker.calm()))
        return lasting

    def _learn(self, gray: Image, differs: Image, now: float) -> None:
        since_s = now - self._looked_at
        absorb_s = _SETTLING_ABSORB_S if self.is_new else ABSORB_S
        cv2.accumulateWeighted(gray, self._mean, 1 - exp(-since_s / absorb_s))
        if not self.is_new:
            self._strays.learn(cv2.bitwise_and(differs, self._small), self._memory.share(since_s))

    def _boxes(self, moving: Image, weights: Image, threshold: float) -> tuple[Box, ...]:
        """Around the regions of `moving` whose `weights` are together worth `contour_area` at `threshold`."""
        count, labels, stats, _ = cv2.connectedComponentsWithStats(moving, connectivity=8)
        at = moving.ravel() > 0
        sums = np.bincount(labels.ravel()[at], weights.ravel()[at], minlength=count)
        height, width = moving.shape
        counts = sums >= self._contour_area * threshold
        self._small = np.where(counts, 0, 255).astype(np.uint8)[labels]
        regions = stats[counts, :4].tolist()
        return tuple((x / width, y / height, (x + w) / width, (y + h) / height) for x, y, w, h in regions)
