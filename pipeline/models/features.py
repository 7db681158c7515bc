"""How detections look, as a detector's own early layers see them.

Ultralytics' trackers take a row of the maps that go into the head, at the anchor that found a thing. Those maps say
what something is, the same of every person, and neighbouring anchors say it differently. An early map, averaged over
the box, knows cloth and colour: which of two people is the one seen a second ago it tells nine times of ten, theirs
every other time (docs/tracking.md).
"""

import logging
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.models.letterbox import Letterbox

STRIDE = 4
"""Pixels of the input that a cell of the map stands for, each way."""
BANDS = 2
"""Parts of a box from top to bottom, each looked at by itself: a red coat over black is not a black one over red."""

_LEAST_SIZE = 0.1
"""Cells: what is flat, or outside, is looked at all the same."""
_LEAST_DEVIATION = 1e-3
"""Of a channel that is the same all over the picture."""

log = logging.getLogger(__name__)

Features = NDArray[np.float32]
"""(N, BANDS * channels)"""


def tell_features(network: Any) -> None:
    """Makes a network of ultralytics' give one output more, the last: its map (batch, channels, height / 4, width / 4).

    Stays so when it is copied, fused and exported. Where it has no such layer that is logged, and nothing is changed.
    """
    layer = _layer(network)
    if layer is None:
        log.warning("a network without a layer of stride %d cannot tell how things look (features)", STRIDE)
        return
    tap = _Tap()
    layer.register_forward_hook(tap.take)
    network.model[-1].register_forward_hook(tap.hand_on)


def features(feature_map: Any, xyxy: NDArray[np.float32], letterbox: Letterbox) -> Features:
    """Of the boxes (N, 4) in the input's pixels; `feature_map` is (channels, height, width), an array or a tensor.

    Means over each band of a box, less the picture's own and in units of its deviation: what is the same all over
    the picture tells nobody apart.
    """
    channels, height, width = feature_map.shape
    if not len(xyxy):
        return np.zeros((0, BANDS * channels), np.float32)
    x1, y1, x2, y2 = (xyxy / STRIDE).T
    down = np.stack([_shares(*band, height) for band in _bands(y1, y2)], axis=1)
    seen = _averaged(feature_map, down, _shares(x1, x2, width))
    mean, deviation = _content(feature_map, letterbox)
    return np.asarray(((seen - mean) / deviation).reshape(len(xyxy), -1), np.float32)


class _Tap:
    """Takes the map where it is made and hands it on behind the head's outputs."""

    _map: Any = None

    def take(self, layer: Any, given: Any, made: Any) -> None:
        self._map = made

    def hand_on(self, head: Any, given: Any, made: Any) -> Any:
        """As a head returns: what an exported model gives, or that and what only training reads."""
        made, taken, self._map = made if head.export else made[0], self._map, None
        outputs = (*(made if isinstance(made, list | tuple) else (made,)), taken)
        return outputs if head.export else (outputs, None)


def _layer(network: Any) -> Any:
    """The last one of this stride before the picture gets coarser; up to there one layer feeds the next."""
    import torch

    weight, side = next(network.parameters()), 16 * STRIDE
    seen, found = torch.zeros(1, 3, side, side, dtype=weight.dtype, device=weight.device), None
    with torch.no_grad():
        for layer in network.model:
            seen = layer(seen) if layer.f == -1 else None
            if not isinstance(seen, torch.Tensor) or seen.shape[-1] < side // STRIDE:
                return found
            found = layer if seen.shape[-1] == side // STRIDE else found
    return None


def _bands(y1: Features, y2: Features) -> list[tuple[Features, Features]]:
    edges = [y1 + (y2 - y1) * (number / BANDS) for number in range(BANDS + 1)]
    return list(pairwise(edges))


def _shares(begins: Features, ends: Features, cells: int) -> Features:
    """(N, cells): how much of what lies from `begins` to `ends` is in each cell; a box outside has the nearest one."""
    begins = np.clip(begins, 0, cells - 1)[:, None]
    ends = np.clip(ends[:, None], begins + _LEAST_SIZE, cells)
    cell = np.arange(cells, dtype=np.float32)
    covered = np.clip(np.minimum(ends, cell + 1) - np.maximum(begins, cell), 0, None)
    return np.asarray(covered / covered.sum(axis=1, keepdims=True), np.float32)


def _averaged(feature_map: Any, down: Features, across: Features) -> Features:
    """(N, BANDS, channels) of shares (N, BANDS, height) and (N, width)."""
    if isinstance(feature_map, np.ndarray):
        return np.stack([_average(feature_map, *shares) for shares in zip(down, across, strict=True)])
    import torch

    rows, columns = (torch.from_numpy(shares).to(feature_map.device) for shares in (down, across))
    return np.asarray(torch.einsum("nbh,chn->nbc", rows, feature_map.float() @ columns.T).cpu().numpy())


def _average(feature_map: NDArray[Any], down: Features, across: Features) -> Features:
    """(BANDS, channels) of one box. Looks at the box's own cells alone, and leaves BLAS out of it: its threads would
    wait for the cores that the next picture is at work on."""
    rows, columns = (slice(at[0], at[-1] + 1) for at in (np.flatnonzero(down.any(axis=0)), np.flatnonzero(across)))
    part = np.asarray(feature_map[:, rows, columns], np.float32)
    return np.asarray(np.einsum("by,cy->bc", down[:, rows], np.einsum("cyx,x->cy", part, across[columns])))


def _content(feature_map: Any, letterbox: Letterbox) -> tuple[Features, Features]:
    """Mean and deviation of each channel, (channels,), over the picture without what the letterbox added.

    Every other row and column say it as well as all of them.
    """
    (left, top), (width, height) = letterbox.offset_xy, letterbox.content_wh
    cells = (slice(begin // STRIDE, -(-(begin + size) // STRIDE), 2) for begin, size in ((top, height), (left, width)))
    part = feature_map[:, *cells].reshape(len(feature_map), -1)
    part = part.astype(np.float32) if isinstance(part, np.ndarray) else part.float()
    told = part.mean(1), (part * part).mean(1)
    mean, square = (each if isinstance(each, np.ndarray) else each.cpu().numpy() for each in told)
    return mean, np.sqrt(np.maximum(square - mean * mean, 0)) + _LEAST_DEVIATION
