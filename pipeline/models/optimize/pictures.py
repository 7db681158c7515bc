"""What a model is calibrated with, and what the result is compared on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.core.frame import Frame, Image
from pipeline.models.letterbox import Letterbox
from pipeline.models.network import Size

LEAST = 10
"""Fewer pictures than these say little about what a network's numbers are like."""


Fit = Callable[[tuple[int, int]], Letterbox]
"""How a model takes a frame of such a size."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Frames that fit one size of input; no held-out frame is among those for calibration."""

    input_hw: Size
    calibration: Sequence[Frame]
    held_out: Sequence[Frame]

    def inputs(self, fit: Fit) -> list[Image]:
        """The calibration frames as the network gets them."""
        return [_input(frame, fit(frame.resolution_wh)) for frame in self.calibration]


def _input(frame: Frame, letterbox: Letterbox) -> Image:
    canvas = np.empty((*letterbox.input_hw, 3), np.uint8)
    letterbox.fill(canvas, frame.rgb(*letterbox.content_wh))
    return canvas
