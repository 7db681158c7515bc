"""A network apart from what its outputs mean: pictures in, raw tensors out."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pipeline.models.look import Look
from pipeline.models.planes import Memory

Size = tuple[int, int]
"""Height, width."""

Constants = Mapping[str, Callable[[Size], Any]]
"""Inputs besides the picture, by name: what they are (for one picture) at a size of input."""
NO_CONSTANTS: Constants = {}

A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)


class Network(Protocol):
    """Weights on a device. `load` and `prepare` block and may come from any thread, the rest from one thread alone."""

    max_batch: int
    in_flight: int
    """How many batches it likes to have started at once."""
    planes_memory: Memory | None
    """Where decoders' planes are to lie if it converts and scales them itself; it takes scaled frames in any case."""
    fixed_hw: Size | None
    """The one input size that it takes, known once it is loaded; None where any will do."""

    @property
    def description(self) -> str: ...

    def load(self) -> None: ...

    def prepare(self, input_hw: Size) -> None:
        """Makes it ready for a size of input; called once for each, before the first of it is started."""
        ...

    def start(self, looks: Sequence[Look]) -> Any:
        """Begins one batch, all of one size of input, and returns what names it."""
        ...

    def finished(self, started: Any, wait_s: float) -> bool:
        """Whether `outputs` would come at once; waits for that at most `wait_s`."""
        ...

    def outputs(self, started: Any) -> AbstractContextManager[Sequence[Any]]:
        """The network's outputs, each (batch, …): arrays, or tensors on any device.

        They are the network's own memory: to be read within the context, which also raises what went wrong.
        """
        ...

    def restart(self) -> None:
        """Leaves what is running to itself and begins anew; after an inference that never ended."""
        ...

    def close(self) -> None: ...


class Head(Protocol[A_co]):
    """What a network's outputs mean."""

    def answers(self, outputs: Sequence[Any], looks: Sequence[Look]) -> Sequence[A_co]:
        """One for each look, in order; the outputs may hold more pictures than were asked for."""
        ...


@dataclass(slots=True)
class _Batch:
    started: Any
    looks: Sequence[Look]


class Answering(Generic[A]):
    """A network and its head: the backend that a scheduler wants."""

    def __init__(self, network: Network, head: Head[A]) -> None:
        self._network = network
        self._head = head
        self.max_batch = network.max_batch
        self.in_flight = network.in_flight

    def start(self, works: Sequence[Look]) -> _Batch:
        return _Batch(self._network.start(works), works)

    def finished(self, started: _Batch, wait_s: float) -> bool:
        return self._network.finished(started.started, wait_s)

    def results(self, started: _Batch) -> Sequence[A]:
        with self._network.outputs(started.started) as outputs:
            return self._head.answers(outputs, started.looks)

    def restart(self) -> None:
        self._network.restart()

    def close(self) -> None:
        self._network.close()
