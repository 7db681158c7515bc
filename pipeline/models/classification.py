"""What classifiers of every type have in common: how they are shared, the square they look at, their scores."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import RLock
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import ModelError
from pipeline.core.frame import Frame
from pipeline.models.letterbox import Letterbox
from pipeline.models.look import Look
from pipeline.models.network import Network, Size
from pipeline.models.served import Served, translated

PER_CAMERA = 64
"""Crops of one camera that may wait: several stages may share a model, each bounds what it asks by itself."""

Scores = tuple[float, ...]
Activation = Literal["auto", "softmax", "sigmoid", "none"]


@dataclass(frozen=True, slots=True)
class Found:
    """A network, and what is known of it; `usual_hw` is its input where it takes any."""

    network: Network
    labels: Mapping[int, str]
    usual_hw: Size
    activation: Activation


class SharedClassifier:
    """One for all cameras that name it: `classify` is called on any event loop, the rest on any thread.

    `weights` is what the configuration calls it. A type says in `_find` what its options mean.
    """

    def __init__(self, weights: str) -> None:
        self._weights = weights
        self._lock = RLock()
        self._found: Found | None = None
        self._served: Served[Scores] | None = None

    def load(self) -> None:
        """Seconds, for it also looks at an empty picture once; raises ModelError. Idempotent."""
        with self._lock:
            if self._served is not None:
                return
            with translated(self._weights, "cannot be loaded"):
                self._found = self._find()
                head = ScoresHead(self._found.labels, self._found.activation)
                served = Served(self._weights, self._found.network, head, per_camera=PER_CAMERA)
                served.load()
            self._served = served
            served.begin(self._input_hw())
            with ThreadPoolExecutor(1) as thread:  # an event loop may be running on this one
                thread.submit(asyncio.run, self._look_at_nothing()).result()

    @property
    def labels(self) -> Mapping[int, str]:
        return self._known.labels

    @property
    def description(self) -> str:
        """What runs where: `colours openvino CPU 224x224`."""
        return self._loaded.description

    async def classify(self, crop: Frame) -> Scores:
        """A score for each label, of the middle of `crop`: the largest part of it that has the input's shape.

        That is what torchvision's and ultralytics' transforms do; a network that is not square gets the whole crop,
        stretched, as theirs does.
        """
        height, width = input_hw = self._input_hw()
        middle = crop.crop(*_middle(crop.resolution_wh)) if height == width else crop
        return await self._loaded.ask(middle, Letterbox(middle.resolution_wh, (width, height), (0, 0), input_hw))

    def close(self) -> None:
        """Ends every wait with ModelError; idempotent."""
        if self._served is not None:
            self._served.close()

    def _find(self) -> Found:
        raise NotImplementedError

    async def _look_at_nothing(self) -> None:
        """A network that gives other scores than there are labels is known before a camera waits for it."""
        height, width = self._input_hw()
        await self.classify(Frame.from_bgr(np.zeros((height, width, 3), np.uint8), camera=""))

    def _input_hw(self) -> Size:
        return self._known.network.fixed_hw or self._known.usual_hw

    @property
    def _known(self) -> Found:
        if self._found is None:
            raise ModelError(f"model {self._weights!r} is not loaded")
        return self._found

    @property
    def _loaded(self) -> Served[Scores]:
        if self._served is None:
            raise ModelError(f"model {self._weights!r} is not loaded")
        return self._served


class ScoresHead:
    """One score in 0..1 for each of `labels`, out of a network's first output.

    `auto` takes what sums up to one for probabilities already, and anything else for what softmax is made for.
    """

    def __init__(self, labels: Mapping[int, str], activation: Activation) -> None:
        self._labels = labels
        self._activation = activation

    def answers(self, outputs: Sequence[Any], looks: Sequence[Look]) -> list[Scores]:
        raw = outputs[0].float().cpu().numpy() if hasattr(outputs[0], "cpu") else np.asarray(outputs[0], np.float32)
        rows = raw[: len(looks)].reshape(len(looks), -1)
        if rows.shape[1] != len(self._labels):
            raise ModelError(f"the network gives {rows.shape[1]} scores, wanted as many as labels: {len(self._labels)}")
        return [tuple(map(float, _activated(row, self._activation))) for row in rows]


def _activated(row: NDArray[np.float32], activation: Activation) -> NDArray[np.float32]:
    if activation == "none" or (activation == "auto" and _are_probabilities(row)):
        return np.clip(row, 0, 1)
    if activation == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-np.clip(row, -80, 80))), np.float32)
    powers = np.exp(row - row.max())
    return np.asarray(powers / powers.sum(), np.float32)


def _are_probabilities(row: NDArray[np.float32]) -> bool:
    """Within what half precision makes of them."""
    return bool(row.min() >= -1e-3 and abs(row.sum() - 1) < 1e-2)


def _middle(resolution_wh: tuple[int, int]) -> tuple[int, int, int, int]:
    side = min(resolution_wh)
    left, top = ((length - side) // 2 for length in resolution_wh)
    return left, top, left + side, top + side
