"""A decoder's planes as they are, and the RGB that they mean, made and scaled by torch on any device."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from pipeline.models.resizing import scaled

ON_DEVICE = "cuda"
"""The format of a picture that an NVIDIA device has decoded, and still holds."""
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

    @property
    def size(self) -> int:
        """Bytes."""
        (width, height), (half_width, half_height) = self.luma_wh, self.chroma_wh
        return width * height + 2 * half_width * half_height

    def gray(self, packed: Any, content_wh: tuple[int, int]) -> Any:
        """The luminance alone, as `rgb`: (N, 1, height, width)."""
        width, height = self.luma_wh
        luma = packed[:, : width * height].to(_precision(packed.device)).view(-1, 1, height, width)
        return scaled(luma, content_wh).float().clamp(0, 255).round()

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
    """One picture of a decoder: all planes in one piece, or as they lie on the device that decoded it."""

    layout: Layout
    packed: NDArray[np.uint8] | None = None
    picture: av.VideoFrame | None = None

    @classmethod
    def of(cls, picture: av.VideoFrame, memory: Memory = _anywhere) -> "Planes | None":
        """A copy, a third of a millisecond for 1920x1080; None for what a camera's decoder does not give."""
        there = picture.format.name == ON_DEVICE
        name = picture.sw_format.name if there and picture.sw_format else picture.format.name
        weights = _WEIGHTS.get(int(picture.colorspace))
        if name not in (("nv12",) if there else ("yuv420p", "yuvj420p", "nv12")) or weights is None:
            return None
        is_full_range = name == "yuvj420p" or int(picture.color_range) == int(ColorRange.JPEG)
        wh, chroma_wh = (picture.width, picture.height), (-(-picture.width // 2), -(-picture.height // 2))
        layout = Layout(wh, chroma_wh, name == "nv12", weights, is_full_range)
        if there:
            return cls(layout, picture=picture)
        packed = memory(layout.size)
        pairs = 2 if layout.is_interleaved else 1
        luma, *chroma = picture.planes
        rows = [_rows(luma, wh[0]), *(_rows(plane, chroma_wh[0] * pairs) for plane in chroma)]
        np.concatenate([each.reshape(-1) for each in rows], out=packed)
        return cls(layout, packed)

    def put_onto(self, room: Any) -> None:
        """Queues the copy into a tensor of `layout.size` bytes; `self` must live until that is done."""
        import torch

        if self.packed is not None:
            room.copy_(torch.from_numpy(self.packed), non_blocking=True)
        at = 0
        for plane in self.picture.planes if self.picture else ():
            # FFmpeg decodes on the stream that torch works on by default: what is queued here comes after it
            there = torch.from_dlpack(plane.__dlpack__())
            room[at : at + there.numel()].view(there.shape).copy_(there, non_blocking=True)
            at += there.numel()


def _rows(plane: av.video.plane.VideoPlane, width: int) -> NDArray[np.uint8]:
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, :width]


def _precision(device: Any) -> Any:
    """Halves hold a byte exactly and are what graphics processors multiply fastest; the CPU has no such thing."""
    import torch

    return torch.float16 if device.type == "cuda" else torch.float32
