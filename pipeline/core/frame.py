"""One decoded picture, converted only when somebody asks."""

from threading import Lock

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from pipeline.core.costs import measured

Image = NDArray[np.uint8]

_COLOURS = ("rgb24", "bgr24")
_MOST_REFORMATTERS = 12
_MOST_ARRAYS = 8
"""A frame that stays for long, as the last of a camera that went away, must not grow with what is asked of it."""


class Scaler:
    """Keeps a reformatter for each of the sizes and formats that a camera was asked for of late.

    A kept reformatter costs half of `frame.reformat`. Safe from several threads: a reformatter
    serves one picture at a time.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._reformatters: dict[tuple[int, int, int, str], tuple[VideoReformatter, Lock]] = {}

    def convert(self, picture: av.VideoFrame, width: int, height: int, pixel_format: str) -> Image:
        if pixel_format in _COLOURS and _is_a_shrunk_camera(picture, width, height):
            # scaling what the camera sent and then turning it into colours is less than half the work of both at once
            picture = self._reformatted(picture, width, height, picture.format.name)
        return np.asarray(self._reformatted(picture, width, height, pixel_format).to_ndarray(), np.uint8)

    def _reformatted(self, picture: av.VideoFrame, width: int, height: int, pixel_format: str) -> av.VideoFrame:
        key = (picture.width, width, height, pixel_format)
        with self._lock:
            kept = self._reformatters.pop(key, None) or (VideoReformatter(), Lock())
            self._reformatters[key] = kept
            if len(self._reformatters) > _MOST_REFORMATTERS:
                del self._reformatters[next(iter(self._reformatters))]
        reformatter, lock = kept
        with lock:
            # for shrinking it is cheaper than bilinear, and nearer to what models were trained on
            # one thread: each reformatter would start as many as there are cores, for less than a millisecond's work
            return reformatter.reformat(
                picture, width=width, height=height, format=pixel_format, interpolation=Interpolation.AREA, threads=1
            )


def _is_a_shrunk_camera(picture: av.VideoFrame, width: int, height: int) -> bool:
    """Whether it is smaller in the layout of most cameras, whose chroma needs even sides."""
    is_even = width % 2 == height % 2 == 0
    return picture.format.name in ("yuv420p", "yuvj420p") and is_even and width < picture.width


class Frame:
    """A decoded picture of one camera; holds the decoder's planes, makes arrays on demand.

    `pts_90k` and `captured_at` are those of its packet; `seq` counts decoded frames of the camera.
    `priority` is the camera's. Arrays are cached by size and format and must not be written to.
    """

    __slots__ = (
        *("_arrays", "_scaler", "camera", "captured_at", "height"),
        *("picture", "priority", "pts_90k", "seq", "width"),
    )

    def __init__(
        self,
        picture: av.VideoFrame,
        *,
        camera: str,
        seq: int,
        pts_90k: int,
        captured_at: float,
        priority: float = 1.0,
        scaler: Scaler | None = None,
    ) -> None:
        self.picture = picture
        self.camera = camera
        self.seq = seq
        self.pts_90k = pts_90k
        self.captured_at = captured_at
        self.priority = priority
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

    def crop(self, x1: int, y1: int, x2: int, y2: int) -> "Frame":
        """A part of the picture at its own resolution, as a frame of the same camera and moment.

        The corners are pixels; they are clipped to the picture and moved out to even ones, as its planes need.
        `cropped_xyxy` says which.
        """
        x1, y1, x2, y2 = cropped_xyxy(self.resolution_wh, (x1, y1, x2, y2))
        return Frame(
            _part(self.picture, x1, y1, x2, y2) or av.VideoFrame.from_ndarray(self.bgr()[y1:y2, x1:x2], format="bgr24"),
            camera=self.camera,
            seq=self.seq,
            pts_90k=self.pts_90k,
            captured_at=self.captured_at,
            priority=self.priority,
        )

    def bgr(self, width: int | None = None, height: int | None = None) -> Image:
        """(height, width, 3) uint8, blue first; scaled when a size is given."""
        return self._array(width, height, "bgr24")

    def rgb(self, width: int | None = None, height: int | None = None) -> Image:
        """(height, width, 3) uint8, red first; scaled when a size is given."""
        return self._array(width, height, "rgb24")

    def gray(self, width: int | None = None, height: int | None = None) -> Image:
        """(height, width) uint8 luminance; scaled when a size is given."""
        return self._array(width, height, "gray")

    def canvas(self, width: int | None = None, height: int | None = None) -> Image:
        """As `bgr`, to be drawn on: the caller's own, made afresh."""
        key = (width or self.width, height or self.height, "bgr24")
        kept = self._arrays.get(key)
        image = kept if kept is not None else self._converted(key)
        # a picture that is what was asked for is not converted, but lent
        is_own = kept is None and (self.width, self.height, self.picture.format.name) != key
        return image if is_own else image.copy()

    def _array(self, width: int | None, height: int | None, pixel_format: str) -> Image:
        key = (width or self.width, height or self.height, pixel_format)
        if key not in self._arrays:
            image = self._converted(key)
            image.flags.writeable = False
            if len(self._arrays) >= _MOST_ARRAYS:
                return image
            self._arrays[key] = image
        return self._arrays[key]

    def _converted(self, key: tuple[int, int, str]) -> Image:
        with measured(self.camera, "convert"):
            return self._scaler.convert(self.picture, *key)


def cropped_xyxy(resolution_wh: tuple[int, int], xyxy: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The pixels that `Frame.crop` takes: inside the picture, at least 2x2, even but for the picture's own edge."""
    (width, height), (x1, y1, x2, y2) = resolution_wh, xyxy
    x1, y1 = (max(0, min(low, most - 2)) // 2 * 2 for low, most in ((x1, width), (y1, height)))
    x2, y2 = max(x2, x1 + 2), max(y2, y1 + 2)
    return x1, y1, min(width, x2 + x2 % 2), min(height, y2 + y2 % 2)


def _part(picture: av.VideoFrame, x1: int, y1: int, x2: int, y2: int) -> av.VideoFrame | None:
    """A copy of that part of the planes; None for a layout that is not a camera's, or an odd size."""
    name = picture.format.name
    if name not in ("yuv420p", "yuvj420p", "nv12") or (x2 - x1) % 2 or (y2 - y1) % 2:
        return None
    luma, *chroma = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size) for plane in picture.planes
    )
    rows = [luma[y1:y2, x1:x2]]
    if name == "nv12":
        rows += [chroma[0][y1 // 2 : y2 // 2, x1:x2]]
    else:
        rows += [plane[y1 // 2 : y2 // 2, x1 // 2 : x2 // 2].reshape(-1) for plane in chroma]
    packed = np.concatenate([row.reshape(-1) for row in rows]).reshape(-1, x2 - x1)
    part = av.VideoFrame.from_ndarray(packed, format=name)
    part.colorspace, part.color_range = picture.colorspace, picture.color_range
    return part
