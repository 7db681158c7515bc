"""Which batches run by a CUDA graph, one launch in place of hundreds: those that turned out to be faster so."""

import logging
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from pipeline.models.network import Size

log = logging.getLogger(__name__)

MOST_SIZES = 4
"""Sizes of input that have graphs: each keeps as much memory as its largest batch needs."""

Forward = Callable[[Any], list[Any]]
"""Pictures (batch, 3, height, width) to outputs (batch, …) that stay as they are; queued on the current stream."""


class Capturing(Protocol):
    """A network at one size of input. Raises what torch and CUDA like."""

    def eager(self, pictures: Any) -> list[Any]:
        """The network's own way."""
        ...

    def captured(self, batch: int) -> Forward:
        """Its graph, for up to `batch` pictures."""
        ...

    def ms(self, forward: Forward, count: int) -> float:
        """What `count` pictures take, where batch follows upon batch."""
        ...


class Graphs:
    """The graphs of a network, each for a size of input and up to so many pictures.

    `prepare` comes from any thread, the rest from another one meanwhile.
    """

    def __init__(self, capturing: Callable[[Size], Capturing], max_batch: int) -> None:
        self._capturing = capturing
        self._batches = batches(max_batch)
        self._kept: dict[Size, dict[int, Forward]] = {}
        self._failed = False

    def __bool__(self) -> bool:
        """Whether anything runs by a graph."""
        return any(list(self._kept.values()))

    def prepare(self, input_hw: Size) -> None:
        """Seconds. A network that cannot be captured runs as it is, and that is said once."""
        if self._failed or len(self._kept) >= MOST_SIZES:
            return
        size = "{1}x{0}".format(*input_hw)
        try:
            faster = dict(self._faster(self._capturing(input_hw)))
        except Exception as error:  # torch and CUDA raise what they like, and nobody needs a graph
            self._failed = True
            log.warning("this network runs without CUDA graphs, it cannot be captured at %s: %s", size, error)
            return
        self._kept[input_hw] = faster
        log.info("%s: CUDA graphs for batches of %s", size, ", ".join(map(str, sorted(faster))) or "no size")

    def of(self, input_hw: Size, count: int) -> Forward | None:
        """The one for `count` pictures; None where the network's own way is to be gone."""
        return self._kept.get(input_hw, {}).get(batch_for(count, self._batches))

    def _faster(self, capturing: Capturing) -> Iterator[tuple[int, Forward]]:
        """From the largest on: the smaller ones then find room in its memory.

        A graph always does the work of its whole batch, so it must gain with the fewest pictures that come to it.
        """
        for batch in reversed(self._batches):
            graph, fewest = capturing.captured(batch), fewest_in(batch, self._batches)
            eager_ms, graph_ms = capturing.ms(capturing.eager, fewest), capturing.ms(graph, fewest)
            log.debug("%d pictures: %.2f ms, by a graph for %d %.2f ms", fewest, eager_ms, batch, graph_ms)
            if graph_ms < eager_ms:
                yield batch, graph


def batches(max_batch: int) -> tuple[int, ...]:
    """1, 2, 4, 8 … and `max_batch`."""
    return (*(1 << power for power in range((max_batch - 1).bit_length())), max_batch)


def batch_for(count: int, sizes: tuple[int, ...]) -> int:
    """The smallest that holds `count`."""
    return next(size for size in sizes if size >= count)


def fewest_in(batch: int, sizes: tuple[int, ...]) -> int:
    """The fewest pictures that no smaller one holds."""
    return max((size for size in sizes if size < batch), default=0) + 1
