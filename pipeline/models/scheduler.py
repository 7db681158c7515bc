"""Many cameras, one model: work waits in fair lines, one thread owns the device."""

import asyncio
import logging
from collections import deque
from collections.abc import Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Thread
from time import thread_time
from typing import Any, Generic, Protocol, TypeVar

from pipeline.core import costs
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.errors import ModelError
from pipeline.models.fair_queue import FairQueue
from pipeline.models.window import Window

log = logging.getLogger(__name__)

PER_CAMERA = 32
"""Of one camera: two frames, each with the regions of it that are looked at closely."""
_POLL_SHARE, _POLL_S = 0.125, (0.001, 0.005)
"""How soon a free place is seen to while another inference runs: a share of what one takes, within limits."""
_PATIENCE_S = 0.05
_MOST_RESTARTS = 3

W_contra = TypeVar("W_contra", contravariant=True)
A_co = TypeVar("A_co", covariant=True)
W = TypeVar("W")
A = TypeVar("A")


class Backend(Protocol[W_contra, A_co]):
    """What runs the inferences. Its methods are called by the scheduler's thread alone."""

    max_batch: int
    in_flight: int
    """How many batches it likes to have started at once."""

    def start(self, works: Sequence[W_contra]) -> Any:
        """Begins one batch (at most `max_batch`, all of one kind) and returns what names it."""
        ...

    def finished(self, started: Any, wait_s: float) -> bool:
        """Whether `results` would return at once; waits for that at most `wait_s`."""
        ...

    def results(self, started: Any) -> Sequence[A_co]:
        """One answer for each work, in order."""
        ...

    def restart(self) -> None:
        """Leaves what is running to itself and begins anew; after an inference that never ended."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Job(Generic[W, A]):
    camera: str
    priority: float
    kind: Hashable
    work: W
    future: "Future[A]" = field(default_factory=Future)

    def answer(self, outcome: A | ModelError) -> None:
        """From any thread; one that was cancelled is nobody's any more."""
        if not self.future.set_running_or_notify_cancel():
            return
        if isinstance(outcome, ModelError):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


@dataclass(slots=True)
class _Running(Generic[W, A]):
    jobs: Sequence[_Job[W, A]]
    started: Any
    since: float
    cpu_s: float
    """What starting it took of this thread."""


class Scheduler(Generic[W, A]):
    """Runs a backend as full as that likes to be, and never later than that.

    At most `per_camera` works of a camera wait, at most `backend.in_flight` batches run. A batch that does not
    end within `timeout_s` fails with ModelError, and with it all others that run; the backend is then restarted.
    """

    def __init__(
        self,
        backend: Backend[W, A],
        *,
        name: str,
        per_camera: int = PER_CAMERA,
        timeout_s: float = 15.0,
        clock: Clock | None = None,
    ) -> None:
        self._backend = backend
        self._name = name
        self._timeout_s = timeout_s
        self._clock = clock or SystemClock()
        self._window = Window(backend.max_batch)
        self._changed = Condition()
        self._waiting: FairQueue[_Job[W, A]] = FairQueue(per_camera)
        self._per_camera = per_camera
        self._running: deque[_Running[W, A]] = deque()
        self._closed = False
        self._stuck = False
        self._restarts = 0
        self._free_at = 0.0
        self._owner = Thread(target=self._run, name=f"model-{name}", daemon=True)
        self._owner.start()

    async def submit(self, camera: str, work: W, kind: Hashable = None, *, priority: float = 1.0) -> A:
        """What `put` will answer."""
        return await asyncio.wrap_future(self.put(camera, work, kind, priority=priority))

    def put(self, camera: str, work: W, kind: Hashable = None, *, priority: float = 1.0) -> "Future[A]":
        """The answer to come, or ModelError, which it raises as well. Cancelling takes back what has not begun.

        Where more is asked than can be done, cameras are answered in proportion to `priority`. For any thread.
        """
        job = _Job[W, A](camera, priority, kind, work)
        with self._changed:
            if self._closed:
                raise ModelError(f"model {self._name!r} is closed")
            if not self._waiting.put(job):
                raise ModelError(f"model {self._name!r}: {self._per_camera} frames of {camera} are waiting already")
            self._window.arrived(self._clock.monotonic())
            self._changed.notify_all()
        job.future.add_done_callback(partial(self._take_back, job))
        return job.future

    def _take_back(self, job: _Job[W, A], future: "Future[A]") -> None:
        if future.cancelled():
            with self._changed:
                self._waiting.discard(job)

    def close(self) -> None:
        """Ends the thread soon; who still waits gets ModelError. Idempotent, any thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._owner.join(self._timeout_s)

    def _run(self) -> None:
        while not self._closed:
            self._run_once()
        self._fail([job for run in self._running for job in run.jobs] + self._waiting.clear(), "was closed")
        if not self._stuck:
            self._backend.close()

    def _run_once(self) -> None:
        if jobs := self._next_batch():
            self._start(jobs)
        if self._running:
            self._collect(self._running[0])

    def _next_batch(self) -> list[_Job[W, A]]:
        """Waits for work only where nothing runs; holds for company as the window says."""
        with self._changed:
            if not self._running:
                self._changed.wait_for(lambda: len(self._waiting) or self._closed)
            if self._closed or not len(self._waiting) or len(self._running) >= self._backend.in_flight:
                return []
            if hold_s := self._window.hold_s(len(self._waiting)):
                self._changed.wait_for(lambda: len(self._waiting) >= self._backend.max_batch or self._closed, hold_s)
            return self._waiting.take(self._backend.max_batch)

    def _start(self, jobs: list[_Job[W, A]]) -> None:
        try:
            if self._stuck:
                self._restart()
            since, cpu_s = self._clock.monotonic(), thread_time()
            started = self._backend.start([job.work for job in jobs])
            cpu_s = thread_time() - cpu_s
        except Exception as error:
            self._fail(jobs, "failed", error)
        else:
            self._running.append(_Running(jobs, started, since, cpu_s))

    def _collect(self, run: _Running[W, A]) -> None:
        full = len(self._running) >= self._backend.in_flight
        try:
            if not self._backend.finished(run.started, _PATIENCE_S if full else self._poll_s()):
                self._watch(run)
                return
            self._count(run)
            with costs.measured(run.jobs[0].camera, "suppress", times=len(run.jobs)):
                answers = self._backend.results(run.started)
        except Exception as error:
            self._running.remove(run)
            self._fail(run.jobs, "failed", error)
            return
        self._running.remove(run)
        self._window.ran(self._clock.monotonic() - run.since)
        for job, answer in zip(run.jobs, answers, strict=True):
            job.answer(answer)

    def _count(self, run: _Running[W, A]) -> None:
        """The device's time: of batches that ran side by side, each counts from the end of the one before."""
        now = self._clock.monotonic()
        busy_s, self._free_at = now - max(run.since, self._free_at), now
        for job in run.jobs:
            costs.count(job.camera, "infer", wall_s=busy_s / len(run.jobs), cpu_s=run.cpu_s / len(run.jobs))

    def _poll_s(self) -> float:
        least_s, most_s = _POLL_S
        return max(least_s, min(most_s, _POLL_SHARE * (self._window.run_s or 0.0)))

    def _watch(self, run: _Running[W, A]) -> None:
        if self._clock.monotonic() - run.since <= self._timeout_s:
            return
        log.error("model %r did not answer within %.0f s; it is created anew", self._name, self._timeout_s)
        self._stuck = True
        jobs = [job for stuck in self._running for job in stuck.jobs]
        self._running.clear()
        self._fail(jobs, f"did not answer within {self._timeout_s:.0f} s")

    def _restart(self) -> None:
        if self._restarts >= _MOST_RESTARTS:
            raise ModelError(f"it hung {self._restarts + 1} times and is not started again")
        self._restarts += 1
        self._backend.restart()
        self._stuck = False

    def _fail(self, jobs: Sequence[_Job[W, A]], what: str, error: Exception | None = None) -> None:
        for job in jobs:
            failure = ModelError(f"model {self._name!r} {what}" + (f": {error}" if error else ""))
            failure.__cause__ = error
            job.answer(failure)
