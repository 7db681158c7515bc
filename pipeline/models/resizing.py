"""Pictures on any device made smaller or larger."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


def scaled(planes: Any, wh: tuple[int, int]) -> Any:
    """(N, planes, height, width): averages where it shrinks, as swscale's SWS_AREA, else bilinear.

    Each side is a matrix: two products, whatever the sizes.
    """
    height, width = planes.shape[-2:]
    shrinks = wh[0] <= width and wh[1] <= height
    for_rows = _matrix(height, wh[1], shrinks, planes.device, planes.dtype)
    for_columns = _matrix(width, wh[0], shrinks, planes.device, planes.dtype)
    return for_rows @ planes @ for_columns.T


@lru_cache(maxsize=64)
def _matrix(length: int, size: int, shrinks: bool, device: Any, dtype: Any) -> Any:
    """(size, length): what each value of the result takes of each one there is."""
    import torch

    made = _shares(length, size) if shrinks else _neighbours(length, size)
    return torch.from_numpy(made).to(device, dtype)


def _shares(length: int, size: int) -> NDArray[np.float64]:
    """Each the mean of its share, parts of pixels included."""
    edges = np.arange(size + 1) * length / size
    places = np.arange(length)
    ends = np.minimum(edges[1:, None], places + 1)
    starts = np.maximum(edges[:-1, None], places)
    return np.asarray((ends - starts).clip(min=0) * (size / length), np.float64)


def _neighbours(length: int, size: int) -> NDArray[np.float64]:
    """Each between the two nearest, by its distance from them."""
    centres = ((np.arange(size) + 0.5) * length / size - 0.5).clip(0, length - 1)
    return np.asarray((1 - abs(centres[:, None] - np.arange(length))).clip(min=0), np.float64)
