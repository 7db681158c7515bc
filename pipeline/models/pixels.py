"""What a network was trained to read a picture's values as."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.frame import Image

Triple = tuple[float, float, float]

_Share = Annotated[float, Field(ge=0, le=1)]
_Divisor = Annotated[float, Field(gt=0, le=1)]
Mean = tuple[_Share, _Share, _Share]
Std = tuple[_Divisor, _Divisor, _Divisor]
"""Both as a configuration has them: of values in 0..1, as model cards print them. Those of 0..255 are refused."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """(value - `mean`) / `std`, values in 0..255, `mean` and `std` in the `order` that the network reads colours in."""

    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (255.0, 255.0, 255.0)
    order: Literal["rgb", "bgr"] = "rgb"

    def blob(self, pictures: Iterable[Image]) -> NDArray[np.float32]:
        """(N, 3, height, width) of pictures that are height x width x red-green-blue."""
        if len({*self.std}) == 1:
            return _blob(pictures, 1 / self.std[0], self)
        blob = _blob(pictures, 1.0, self)
        blob /= np.array(self.std, np.float32)[:, None, None]
        return blob

    def put_into(self, preprocess: Any) -> None:
        """The same as steps of OpenVINO's own, after those that made NHWC float of its input."""
        if self.order == "bgr":
            preprocess.reverse_channels()
        if any(self.mean):
            preprocess.mean([*self.mean])
        preprocess.scale([*self.std])


def of_255(shares: Triple) -> Triple:
    """A configuration's mean or deviation as `Pixels` has it."""
    first, second, third = shares
    return 255 * first, 255 * second, 255 * third


def _blob(pictures: Iterable[Image], scale: float, pixels: Pixels) -> NDArray[np.float32]:
    import cv2  # reading a configuration comes by here, and loads nothing heavy

    blob: NDArray[np.float32] = cv2.dnn.blobFromImages(
        [*pictures], scale, mean=pixels.mean, swapRB=pixels.order == "bgr"
    )
    return blob


AS_ULTRALYTICS = Pixels()
"""0..1, red first."""

AS_IMAGENET = Pixels((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
AS_THEY_ARE_BLUE_FIRST = Pixels(std=(1.0, 1.0, 1.0), order="bgr")
