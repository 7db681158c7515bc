"""A network of PyTorch captured as CUDA graphs (https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from itertools import chain
from threading import Lock
from typing import Any

from pipeline.models.backends.graphs import Forward
from pipeline.models.network import Size

_WARM_UPS = 3
_ROUNDS, _RUNS = 3, 4

Flat = Callable[[Any], list[Any]]
"""A network's answer as its tensors."""

_one_at_a_time = Lock()
"""torch allows no two captures in a process at once."""


class Capture:
    """Captures `network`, which is never run itself, at one size of input.

    Its graphs share memory: they may only be replayed on one stream, one after the other. So each size has memory of
    its own, for one that is being captured and timed here must not disturb those that are at work.
    """

    def __init__(self, network: Any, device: str, flat: Flat, input_hw: Size) -> None:
        import torch

        self._network = network
        self._eager = twin(network)
        self._device = device
        self._flat = flat
        self._input_hw = input_hw
        self._dtype = next(network.parameters()).dtype
        self._stream = torch.cuda.Stream(device)
        self._pool = torch.cuda.graph_pool_handle()

    def eager(self, pictures: Any) -> list[Any]:
        return self._flat(self._eager(pictures))

    def captured(self, batch: int) -> "Replay":
        import torch

        network, graph = twin(self._network), torch.cuda.CUDAGraph()
        with _one_at_a_time, self._beside():
            pictures = self._pictures(batch)
            for _ in range(_WARM_UPS):  # what is made at the first run (workspaces, anchors) must not be captured
                network(pictures)
            # other threads use the device meanwhile: what they may not do during a capture is none of theirs
            with torch.cuda.graph(graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"):
                outputs = self._flat(network(pictures))
        return Replay(graph, pictures, outputs, reads=network)

    def ms(self, forward: Forward, count: int) -> float:
        """The best of a few short rounds, for others use the device too."""
        with self._beside():
            pictures = self._pictures(count)
            forward(pictures)
            return min(self._round_ms(forward, pictures) for _ in range(_ROUNDS))

    def _round_ms(self, forward: Forward, pictures: Any) -> float:
        """Of one run. They are not waited for one by one: where launching takes longer than running, that counts."""
        import torch

        began, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        began.record()
        for _ in range(_RUNS):
            forward(pictures)
        ended.record()
        ended.synchronize()
        return float(began.elapsed_time(ended)) / _RUNS

    @contextmanager
    def _beside(self) -> Iterator[None]:
        """On a stream of its own, as a capture must be.

        Not in inference mode: the first capture in a process makes tensors that all later ones write to, which such
        a mode would forbid to those outside of it (pytorch issue 166792).
        """
        import torch

        with torch.cuda.device(self._device), torch.cuda.stream(self._stream), torch.no_grad():
            yield

    def _pictures(self, count: int) -> Any:
        import torch

        empty = torch.zeros((count, 3, *self._input_hw), dtype=self._dtype, device=self._device)
        return empty.contiguous(memory_format=torch.channels_last)


class Replay:
    """A graph with its input and outputs, which are the same memory at every replay; `reads` is kept as long."""

    def __init__(self, graph: Any, pictures: Any, outputs: Sequence[Any], *, reads: Any) -> None:
        self._graph = graph
        self._pictures = pictures
        self._outputs = outputs
        self._reads = reads

    def __call__(self, pictures: Any) -> list[Any]:
        """Fewer pictures than it was captured with leave those of an earlier batch in the other places."""
        count = len(pictures)
        self._pictures[:count].copy_(pictures)
        self._graph.replay()
        # the next replay may be queued before these are read
        return [output[:count].clone() for output in self._outputs]


def twin(network: Any) -> Any:
    """The same network on the same weights, which keeps to itself what it remembers of its last input.

    ultralytics' heads remember the anchors of one shape, which a graph goes on reading, and make others for the next.
    """
    weights = chain(network.parameters(), network.buffers())
    return deepcopy(network, {id(each): each for each in weights})
