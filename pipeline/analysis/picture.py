"""Stills of a frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.frame import Frame, Image

_QUALITY = 85


def jpeg(image: NDArray[np.uint8]) -> bytes:
    """`image` is (height, width, 3), blue first."""
    done, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise ValueError(f"cannot encode a picture of shape {image.shape} as JPEG")
    return bytes(encoded.tobytes())


def scaled_bgr(frame: Frame, height: int | None) -> Image:
    """A writable picture, no taller than `height`, even in both directions as encoders want it."""
    height = min(height or frame.height, frame.height)
    width = round(frame.width * height / frame.height)
    return frame.canvas(max(2, width // 2 * 2), max(2, height // 2 * 2))
