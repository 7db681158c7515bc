"""How a frame of any shape lies in a network's input: scaled as a whole, centred, the rest grey."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.core.frame import Image
from pipeline.models.planes import Planes

GREY = 114
"""What ultralytics pads with, in training and after."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Sizes are in pixels; `content_wh` is the scaled frame, at `offset_xy` in an input of `input_hw`."""

    frame_wh: tuple[int, int]
    content_wh: tuple[int, int]
    offset_xy: tuple[int, int]
    input_hw: tuple[int, int]

    @classmethod
    def rectangular(cls, frame_wh: tuple[int, int], longest: int, stride: int = 32) -> "Letterbox":
        """No more input than the frame's shape needs: 1280x720 at 640 makes 640x384."""
        content = _scaled(frame_wh, min(longest / frame_wh[0], longest / frame_wh[1]))
        width, height = (-(-side // stride) * stride for side in content)
        return cls._centred(frame_wh, content, (height, width))

    @classmethod
    def fixed(cls, frame_wh: tuple[int, int], input_hw: tuple[int, int]) -> "Letterbox":
        """Into an input whose size is given, as an exported model's is."""
        height, width = input_hw
        return cls._centred(frame_wh, _scaled(frame_wh, min(width / frame_wh[0], height / frame_wh[1])), input_hw)

    @classmethod
    def corner(cls, frame_wh: tuple[int, int], input_hw: tuple[int, int]) -> "Letterbox":
        """Into the upper left of an input, as YOLOX does; sizes are rounded down there."""
        gain = min(input_hw[1] / frame_wh[0], input_hw[0] / frame_wh[1])
        content = max(1, int(frame_wh[0] * gain)), max(1, int(frame_wh[1] * gain))
        return cls(frame_wh, content, (0, 0), input_hw)

    @classmethod
    def stretched(cls, frame_wh: tuple[int, int], input_hw: tuple[int, int]) -> "Letterbox":
        """Without regard to its shape, as the DETR family does."""
        return cls(frame_wh, (input_hw[1], input_hw[0]), (0, 0), input_hw)

    @classmethod
    def _centred(cls, frame_wh: tuple[int, int], content: tuple[int, int], input_hw: tuple[int, int]) -> "Letterbox":
        # ultralytics rounds half a pixel down on the left and top
        left, top = round((input_hw[1] - content[0]) / 2 - 0.1), round((input_hw[0] - content[1]) / 2 - 0.1)
        return cls(frame_wh, content, (left, top), input_hw)

    def fill(self, canvas: Image, content: Image | Planes) -> None:
        """Writes `content` (of `content_wh`) into `canvas` (of `input_hw`) and greys what surrounds it.

        Raises TypeError for planes, which only a network reads that says so.
        """
        if isinstance(content, Planes):
            raise TypeError("this network reads no planes")
        (left, top), (width, height) = self.offset_xy, self.content_wh
        canvas[:top] = canvas[top + height :] = GREY
        canvas[:, :left] = canvas[:, left + width :] = GREY
        canvas[top : top + height, left : left + width] = content

    def to_frame(self, xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 4) boxes of the input as boxes of the frame, clipped to it."""
        offset, scale, corner = _onto_frame(self)
        clipped: NDArray[np.float32] = ((xyxy - offset) / scale).clip(0, corner)
        return clipped


@lru_cache(maxsize=64)
def _onto_frame(letterbox: Letterbox) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Offset, scale and far corner, each for both corners of a box; the same for every frame of a camera."""
    scale = np.divide(letterbox.content_wh, letterbox.frame_wh, dtype=np.float32)
    offset, corner = (np.array(pair, np.float32) for pair in (letterbox.offset_xy, letterbox.frame_wh))
    return np.tile(offset, 2), np.tile(scale, 2), np.tile(corner, 2)


def _scaled(frame_wh: tuple[int, int], gain: float) -> tuple[int, int]:
    return max(1, round(frame_wh[0] * gain)), max(1, round(frame_wh[1] * gain))
