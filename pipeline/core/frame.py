"""One decoded picture, converted only when somebody asks."""

from threading import Lock

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

Image = NDArray[np.uint8]


_MOST_REFORMATTERS = 8
_MOST_ARRAYS = 8
"""A frame that stays for long, as the last of a camera that went away, must not grow with what is asked of it."""


class Scaler:
    """Keeps a reformatter for each of the sizes and formats that a camera was asked for of late.

    A kept reformatter costs half of `frame.reformat`. Safe from several threads: a reformatter
    serves one picture at a time.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._reformatters: dict[tuple[int, int, str], tuple[VideoReformatter, Lock]] = {}

    def convert(self, picture: av.VideoFrame, width: int, height: int, pixel_format: str) -> Image:
        key = (width, height, pixel_format)
        with self._lock:
            kept = self._reformatters.pop(key, None) or (VideoReformatter(), Lock())
            self._reformatters[key] = kept
            if len(self._reformatters) > _MOST_REFORMATTERS:
                del self._reformatters[next(iter(self._reformatters))]
        reformatter, lock = kept
        with lock:
            # for shrinking it is cheaper than bilinear, and nearer to what models were trained on
            scaled = reformatter.reformat(
                picture, width=width, height=height, format=pixel_format, interpolation=Interpolation.AREA
            )
            return np.asarray(scaled.to_ndarray(), np.uint8)


class Frame:
    """A decoded picture of one camera; holds the decoder's planes, makes arrays on demand.

    `pts_90k` and `captured_at` are those of its packet; `seq` counts decoded frames of the camera.
    Arrays are cached by size and format and must not be written to.
    """

    __slots__ = ("_arrays", "_scaler", "camera", "captured_at", "height", "picture", "pts_90k", "seq", "width")

    def __init__(
        self,
        picture: av.VideoFrame,
        *,
        camera: str,
        seq: int,
        pts_90k: int,
        captured_at: float,
        scaler: Scaler | None = None,
    ) -> None:
        self.picture = picture
        self.camera = camera
        self.seq = seq
        self.pts_90k = pts_90k
        self.captured_at = captured_at
        self.width: int = picture.width
        self.height: int = picture.height
        self._scaler = scaler or Scaler()
        self._arrays: dict[tuple[int, int, str], Image] = {}

    @classmethod
    def from_bgr(
        cls, image: Image, *, camera: str = "test", seq: int = 0, pts_90k: int = 0, captured_at: float = 0.0
    ) -> "Frame":
        """A frame around an array (height, width, 3), blue first."""
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
        return cls(picture, camera=camera, seq=seq, pts_90k=pts_90k, captured_at=captured_at)

    @property
    def resolution_wh(self) -> tuple[int, int]:
        return self.width, self.height

    def bgr(self, width: int | None = None, height: int | None = None) -> Image:
        """(height, width, 3) uint8, blue first; scaled when a size is given."""
        return self._array(width, height, "bgr24")

    def rgb(self, width: int | None = None, height: int | None = None) -> Image:
        """(height, width, 3) uint8, red first; scaled when a size is given."""
        return self._array(width, height, "rgb24")

    def gray(self, width: int | None = None, height: int | None = None) -> Image:
        """(height, width) uint8 luminance; scaled when a size is given."""
        return self._array(width, height, "gray")

    def _array(self, width: int | None, height: int | None, pixel_format: str) -> Image:
        key = (width or self.width, height or self.height, pixel_format)
        if key not in self._arrays:
            image = self._scaler.convert(self.picture, *key)
            image.flags.writeable = False
            if len(self._arrays) >= _MOST_ARRAYS:
                return image
            self._arrays[key] = image
        return self._arrays[key]
