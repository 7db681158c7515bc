"""One frame's question to a detection model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.core.frame import Image
from pipeline.models.letterbox import Letterbox

Rows = NDArray[np.float32]
"""(N, 6): x1, y1, x2, y2 in pixels of the network's input, confidence, class."""


@dataclass(frozen=True, slots=True)
class Look:
    """`content` is the scaled frame, red first, of `letterbox.content_wh`."""

    content: Image
    letterbox: Letterbox
    min_score: float
