"""A decoder's planes as they are, and the RGB that they mean, made and scaled by torch on any device."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from pipeline.models.resizing import scaled

_BT601, _BT709 = (0.299, 0.114), (0.2126, 0.0722)
"""What red and blue weigh in the luminance (ITU-R BT.601-7 2.5.1, BT.709-6 3.2)."""
_UNSPECIFIED = 2
"""AVCOL_SPC_UNSPECIFIED, which PyAV has no name for."""
_WEIGHTS = {
    int(Colorspace.ITU709): _BT709,
    int(Colorspace.ITU601): _BT601,
    int(Colorspace.SMPTE170M): _BT601,
    _UNSPECIFIED: _BT601,  # as swscale does
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Luminance and half as large chrominance, 8 bits, row upon row without gaps."""

    luma_wh: tuple[int, int]
    chroma_wh: tuple[int, int]
    is_interleaved: bool
    """Chrominance in pairs (nv12), not in two planes."""
    weights: tuple[float, float]
    is_full_range: bool
    """0..255 for black to white, not 16..235."""

    def rgb(self, packed: Any, content_wh: tuple[int, int]) -> Any:
        """A float tensor (N, 3, height, width) of 0..255 from one (N, bytes), on its device: scaled, then mixed."""
        (width, height), (half_width, half_height) = self.luma_wh, self.chroma_wh
        values = packed.to(_precision(packed.device))
        luma, chroma = values[:, : width * height].view(-1, 1, height, width), values[:, width * height :]
        if self.is_interleaved:
            chroma = chroma.view(-1, half_height, half_width, 2).permute(0, 3, 1, 2)
        else:
            chroma = chroma.view(-1, 2, half_height, half_width)
        return self._mixed(scaled(luma, content_wh).float(), scaled(chroma, content_wh).float() - 128)

    def _mixed(self, luma: Any, chroma: Any) -> Any:
        """R = Y + 2 (1 - Kr) Cr, B = Y + 2 (1 - Kb) Cb, and Y = Kr R + Kg G + Kb B gives G (BT.709-6 3.3, 3.4)."""
        import torch

        if not self.is_full_range:
            chroma = chroma * (255 / 224)
            luma = (luma - 16) * (255 / 219)
        of_red, of_blue = self.weights
        blue_difference, red_difference = chroma[:, :1], chroma[:, 1:]
        red = luma + 2 * (1 - of_red) * red_difference
        blue = luma + 2 * (1 - of_blue) * blue_difference
        green = (luma - of_red * red - of_blue * blue) / (1 - of_red - of_blue)
        return torch.cat((red, green, blue), dim=1).clamp(0, 255).round()


Memory = Callable[[int], NDArray[np.uint8]]
"""So many bytes to copy a picture into."""


def _anywhere(size: int) -> NDArray[np.uint8]:
    return np.empty(size, np.uint8)


@dataclass(frozen=True, slots=True)
class Planes:
    """One picture of a decoder, all planes in one piece."""

    packed: NDArray[np.uint8]
    layout: Layout

    @classmethod
    def of(cls, picture: av.VideoFrame, memory: Memory = _anywhere) -> "Planes | None":
        """A copy, a third of a millisecond for 1920x1080; None for what a camera's decoder does not give."""
        name, weights = picture.format.name, _WEIGHTS.get(int(picture.colorspace))
        if name not in ("yuv420p", "yuvj420p", "nv12") or weights is None:
            return None
        luma, chroma = picture.planes[0], picture.planes[1]
        pairs = 2 if name == "nv12" else 1
        rows = [_rows(luma, luma.width), *(_rows(plane, plane.width * pairs) for plane in picture.planes[1:])]
        packed = memory(sum(each.size for each in rows))
        np.concatenate([each.reshape(-1) for each in rows], out=packed)
        is_full_range = name == "yuvj420p" or int(picture.color_range) == int(ColorRange.JPEG)
        wh, chroma_wh = (luma.width, luma.height), (chroma.width, chroma.height)
        return cls(packed, Layout(wh, chroma_wh, name == "nv12", weights, is_full_range))


def _rows(plane: av.video.plane.VideoPlane, width: int) -> NDArray[np.uint8]:
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, :width]


def _precision(device: Any) -> Any:
    """Halves hold a byte exactly and are what graphics processors multiply fastest; the CPU has no such thing."""
    import torch

    return torch.float16 if device.type == "cuda" else torch.float32
