"""Pictures that a device has decoded are scaled there: only what was asked for comes over."""

from typing import Any

import av
import numpy as np

from pipeline.core.frame import Image, Scaler
from pipeline.models.planes import ON_DEVICE, Planes


class DeviceScaler(Scaler):
    """For pictures of any decoder; those on a device that hold what it cannot scale are fetched whole."""

    def convert(self, picture: av.VideoFrame, width: int, height: int, pixel_format: str) -> Image:
        planes = Planes.of(picture) if picture.format.name == ON_DEVICE else None
        if planes is None or pixel_format not in ("rgb24", "bgr24", "gray"):
            return super().convert(picture, width, height, pixel_format)
        return fetched(planes, (width, height), pixel_format, "cuda")


def fetched(planes: Planes, wh: tuple[int, int], pixel_format: str, device: Any) -> Image:
    """As `Scaler.convert`."""
    import torch

    with torch.inference_mode():
        packed = torch.empty((1, planes.layout.size), dtype=torch.uint8, device=device)
        planes.put_onto(packed[0])
        if pixel_format == "gray":
            made = planes.layout.gray(packed, wh)[0, 0]
        else:
            red_first = planes.layout.rgb(packed, wh)[0].permute(1, 2, 0)
            made = red_first if pixel_format == "rgb24" else red_first.flip(-1)
        return np.asarray(made.to(torch.uint8).contiguous().cpu().numpy())
