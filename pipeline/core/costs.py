"""What each step of the pipeline costs, while somebody measures; nothing is counted otherwise."""

from collections.abc import Coroutine, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from threading import Lock, local
from time import perf_counter, thread_time
from types import TracebackType, coroutine
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Cost:
    """How often a step was done, and what all of that took: by the clock, and of the processor."""

    times: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0


class Costs:
    """Sums by camera and step; for any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sums: dict[tuple[str, str], Cost] = {}

    def add(self, camera: str, step: str, *, wall_s: float, cpu_s: float = 0.0, times: int = 1) -> None:
        with self._lock:
            total = self._sums.setdefault((camera, step), Cost())
            total.times += times
            total.wall_s += wall_s
            total.cpu_s += cpu_s

    def clear(self) -> None:
        with self._lock:
            self._sums.clear()

    def of(self, camera: str) -> dict[str, Cost]:
        """By step, in the order in which each was first done."""
        with self._lock:
            return {step: replace(cost) for (name, step), cost in self._sums.items() if name == camera}


_current: Costs | None = None
_thread = local()
_nobody: AbstractContextManager[None] = nullcontext()


@contextmanager
def measuring() -> Iterator[Costs]:
    """All steps of this process are counted meanwhile; one at a time."""
    global _current
    if _current is not None:
        raise RuntimeError("costs are being measured already")
    _current = Costs()
    try:
        yield _current
    finally:
        _current = None


def measured(camera: str, step: str, *, times: int = 1) -> AbstractContextManager[None]:
    """Counts what this thread does inside for `step`; inside another step it is part of that one."""
    if _current is None or getattr(_thread, "is_in_a_step", False):
        return _nobody
    return _Span(_current, camera, step, times)


def count(camera: str, step: str, *, wall_s: float, cpu_s: float = 0.0, times: int = 1) -> None:
    """For what is measured otherwise, as the work of a device is."""
    if _current is not None:
        _current.add(camera, step, wall_s=wall_s, cpu_s=cpu_s, times=times)


@coroutine
def awaited(camera: str, step: str, work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    """Awaits `work` and counts what it does itself, not what it waits for."""
    value: Any = None
    error: BaseException | None = None
    times = 1
    while True:
        with measured(camera, step, times=times):
            try:
                waited = work.send(value) if error is None else work.throw(error)
            except StopIteration as done:
                result: T = done.value
                return result
        times = 0
        try:
            value, error = (yield waited), None
        except GeneratorExit:
            work.close()
            raise
        except BaseException as thrown:  # given to `work`, as a bare await would
            error = thrown


class _Span:
    __slots__ = ("_camera", "_costs", "_cpu_s", "_step", "_times", "_wall_s")

    def __init__(self, costs: Costs, camera: str, step: str, times: int) -> None:
        self._costs, self._camera, self._step, self._times = costs, camera, step, times

    def __enter__(self) -> None:
        _thread.is_in_a_step = True
        self._wall_s, self._cpu_s = perf_counter(), thread_time()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wall_s, cpu_s = perf_counter() - self._wall_s, thread_time() - self._cpu_s
        _thread.is_in_a_step = False
        self._costs.add(self._camera, self._step, wall_s=wall_s, cpu_s=cpu_s, times=self._times)
