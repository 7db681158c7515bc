"""A decoder's planes as they are, and the RGB that they mean, made and scaled by torch on any device."""

from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

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
class Planes:
    """Luminance and half as large chrominance, 8 bits, row upon row without gaps."""

    packed: NDArray[np.uint8]
    luma_wh: tuple[int, int]
    chroma_wh: tuple[int, int]
    is_interleaved: bool
    """Chrominance in pairs (nv12), not in two planes."""
    weights: tuple[float, float]
    is_full_range: bool
    """0..255 for black to white, not 16..235."""

    @classmethod
    def of(cls, picture: av.VideoFrame) -> "Planes | None":
        """A copy, a third of a millisecond for 1920x1080; None for what a camera's decoder does not give."""
        name, weights = picture.format.name, _WEIGHTS.get(int(picture.colorspace))
        if name not in ("yuv420p", "yuvj420p", "nv12") or weights is None:
            return None
        luma, chroma = picture.planes[0], picture.planes[1]
        pairs = 2 if name == "nv12" else 1
        rows = [_rows(luma, luma.width), *(_rows(plane, plane.width * pairs) for plane in picture.planes[1:])]
        return cls(
            np.concatenate([each.reshape(-1) for each in rows]),
            (luma.width, luma.height),
            (chroma.width, chroma.height),
            name == "nv12",
            weights,
            name == "yuvj420p" or int(picture.color_range) == int(ColorRange.JPEG),
        )

    def rgb(self, content_wh: tuple[int, int], device: Any) -> Any:
        """A tensor (3, height, width) of 0..255 on `device`: uploaded at once, each plane scaled, then mixed."""
        import torch

        (width, height), (half_width, half_height) = self.luma_wh, self.chroma_wh
        there = torch.from_numpy(self.packed).to(device, non_blocking=True).float()
        luma, chroma = there[: width * height].view(1, 1, height, width), there[width * height :]
        if self.is_interleaved:
            chroma = chroma.view(1, half_height, half_width, 2).permute(0, 3, 1, 2)
        else:
            chroma = chroma.view(1, 2, half_height, half_width)
        return self._mixed(_scaled(luma, content_wh)[0, 0], _scaled(chroma, content_wh)[0] - 128)

    def _mixed(self, luma: Any, chroma: Any) -> Any:
        """R = Y + 2 (1 - Kr) Cr, B = Y + 2 (1 - Kb) Cb, and Y = Kr R + Kg G + Kb B gives G (BT.709-6 3.3, 3.4)."""
        import torch

        if self.is_full_range:
            chroma = chroma / 255
            luma = luma / 255
        else:
            chroma = chroma / 224
            luma = (luma - 16) / 219
        of_red, of_blue = self.weights
        red = luma + 2 * (1 - of_red) * chroma[1]
        blue = luma + 2 * (1 - of_blue) * chroma[0]
        green = (luma - of_red * red - of_blue * blue) / (1 - of_red - of_blue)
        return (torch.stack((red, green, blue)) * 255).clamp(0, 255).round()


def _rows(plane: av.video.plane.VideoPlane, width: int) -> NDArray[np.uint8]:
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, :width]


def _scaled(planes: Any, wh: tuple[int, int]) -> Any:
    """(1, planes, height, width): averages where it shrinks, as swscale's SWS_AREA, else bilinear."""
    from torch.nn.functional import interpolate

    (width, height), size = planes.shape[:1:-1], (wh[1], wh[0])
    if wh[0] > width or wh[1] > height:
        return interpolate(planes, size=size, mode="bilinear", align_corners=False)
    return _averaged(_averaged(planes, wh[1], dim=2), wh[0], dim=3)


def _averaged(planes: Any, size: int, dim: int) -> Any:
    """Each of `size` values the mean of its share, parts of pixels included: differences of a running sum."""
    import torch

    length = planes.shape[dim]
    if length == size:
        return planes
    sums = torch.cat((torch.zeros_like(planes.narrow(dim, 0, 1)), planes.cumsum(dim)), dim)
    edges = torch.arange(size + 1, device=planes.device, dtype=torch.float64) * length / size
    low = edges.long().clamp(max=length - 1)
    part = (edges - low).float().view([-1 if each == dim else 1 for each in range(planes.ndim)])
    at_edges = torch.lerp(sums.index_select(dim, low), sums.index_select(dim, low + 1), part)
    return at_edges.diff(dim=dim) * (size / length)
