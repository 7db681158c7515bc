"""Inference with PyTorch: batches on CUDA, one picture at a time on the CPU."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import ModelError
from pipeline.models.backends.capture import Capture, twin
from pipeline.models.backends.graphs import Graphs
from pipeline.models.backends.laying import lay
from pipeline.models.features import tell_features
from pipeline.models.look import Look
from pipeline.models.metadata import one_to_many
from pipeline.models.planes import Memory, Planes
from pipeline.models.ultra import ultralytics


@dataclass(slots=True)
class _Batch:
    raw: list[Any]
    done: Any
    """A CUDA event, None on the CPU, where `start` does it all."""


class TorchNetwork:
    """Weights as ultralytics trains them. On CUDA in half precision, unless told otherwise."""

    def __init__(self, weights: Path, *, device: str, half: bool, max_batch: int, features: bool = False) -> None:
        self._weights = weights
        self._features = features
        self._device = device
        self._half = half
        self._on_cuda = device.startswith("cuda")
        self.max_batch = max_batch if self._on_cuda else 1
        self.in_flight = 2 if self._on_cuda else 1
        self.planes_memory: Memory | None = _pinned if self._on_cuda else None
        self._canvases: dict[tuple[int, tuple[int, int]], Any] = {}
        self._turn = 0
        self._graphs: Graphs | None = None
        self._abandoned: list[Graphs] = []
        self.fixed_hw: tuple[int, int] | None = None

    def load(self) -> None:
        module = ultralytics()
        import torch

        if self._on_cuda:
            self._begin_cuda()
        else:
            torch.set_num_threads(_cores())
        network = one_to_many(module.YOLO(self._weights).model).fuse(verbose=False).eval().to(self._device)
        if self._features:
            tell_features(network)
        network = network.half() if self._half else network.float()
        # the layout that cuDNN's half precision kernels are fastest in
        self._network = network.to(memory_format=torch.channels_last) if self._on_cuda else network
        if self._on_cuda:
            self._graphs = Graphs(partial(Capture, twin(self._network), self._device, _flat), self.max_batch)

    def _begin_cuda(self) -> None:
        ultralytics()
        import torch

        if not torch.cuda.is_available():
            raise ModelError(f"device {self._device}: this machine has no CUDA device that torch can use")
        import_module("torchvision")  # its kernel suppresses
        # the next batch is queued before this one is read: reading must not queue up behind it
        self._reading = torch.cuda.Stream(self._device)

    @property
    def description(self) -> str:
        return f"torch {self._device.upper()}{' fp16' if self._half else ''}{' graphs' if self._graphs else ''}"

    def prepare(self, input_hw: tuple[int, int]) -> None:
        """The network takes any size; on CUDA its graphs are made for this one."""
        if self._graphs is not None:
            self._graphs.prepare(input_hw)

    def start(self, looks: Sequence[Look]) -> _Batch:
        import torch

        with torch.inference_mode():
            pictures = self._pictures(looks)
            raw = self._forward(pictures.to(torch.float16 if self._half else torch.float32) / 255)
        done = None
        if self._on_cuda:
            done = torch.cuda.Event()
            done.record(torch.cuda.current_stream(self._device))
        return _Batch(raw, done)

    def finished(self, batch: _Batch, wait_s: float) -> bool:
        if batch.done is None or batch.done.query():
            return True
        # CUDA's own wait has no time limit: an event that never comes would take the watchdog with it
        return _poll(batch.done.query, wait_s)

    @contextmanager
    def outputs(self, batch: _Batch) -> Iterator[list[Any]]:
        import torch

        reading = torch.cuda.stream(self._reading) if self._on_cuda else nullcontext()
        with torch.inference_mode(), reading:
            yield batch.raw

    def restart(self) -> None:
        """From then on the sizes that were prepared run without graphs: it may be one that hung."""
        self._canvases.clear()
        if self._graphs is not None:
            self._abandoned.append(self._graphs)  # kept, for the device may be at work in their memory
        self.load()

    def close(self) -> None:
        self._canvases.clear()
        self._graphs = None

    def _pictures(self, looks: Sequence[Look]) -> Any:
        """(batch, 3, height, width) of 0..255, on the device; planes become pictures there, scaled frames here."""
        import torch

        planes = [number for number, look in enumerate(looks) if isinstance(look.content, Planes)]
        if len(planes) < len(looks):
            pictures = self._filled(looks)
        else:
            pictures = torch.empty((len(looks), 3, *looks[0].letterbox.input_hw), device=self._device)
        return lay(pictures.float(), looks) if planes else pictures

    def _filled(self, looks: Sequence[Look]) -> Any:
        canvas = self._canvas(looks[0].letterbox.input_hw)
        for picture, look in zip(canvas.numpy(), looks, strict=False):
            if not isinstance(look.content, Planes):
                look.letterbox.fill(picture, look.content)
        return canvas[: len(looks)].to(self._device, non_blocking=True).permute(0, 3, 1, 2)

    def _forward(self, pictures: Any) -> list[Any]:
        """(batch, 3, height, width) of 0..1, on the device; queued, where that is CUDA."""
        graph = self._graphs.of(tuple(pictures.shape[2:]), len(pictures)) if self._graphs is not None else None
        return graph(pictures) if graph else _flat(self._network(pictures))

    def _canvas(self, input_hw: tuple[int, int]) -> Any:
        """A kept buffer (batch, height, width, 3); one more than are in flight: none is written while it is read."""
        import torch

        self._turn = (self._turn + 1) % (self.in_flight + 1)
        key = (self._turn, input_hw)
        if key not in self._canvases:
            shape = (self.max_batch, *input_hw, 3)
            self._canvases[key] = torch.empty(shape, dtype=torch.uint8, pin_memory=self._on_cuda)
        return self._canvases[key]


def _pinned(size: int) -> NDArray[np.uint8]:
    """What CUDA reads by itself while the processor goes on; torch keeps it for the next one of that size."""
    import torch

    return np.asarray(torch.empty(size, dtype=torch.uint8, pin_memory=True).numpy())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _poll(finished: Any, wait_s: float) -> bool:
    until = monotonic() + wait_s
    while monotonic() < until:
        sleep(0.0005)
        if finished():
            return True
    return False


def _flat(raw: Any) -> list[Any]:
    """The tensors as an exported model would give them: ultralytics adds what only training reads."""
    if not isinstance(raw, list | tuple):
        return [raw]
    first = raw[0]
    return list(first) if isinstance(first, list | tuple) else [first]
