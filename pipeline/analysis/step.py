"""A stage at work on one camera: order, failure and cost in one place."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor, Future
from time import perf_counter
from typing import Any, cast

from pipeline.core import costs
from pipeline.core.clock import Clock
from pipeline.core.context import Context
from pipeline.core.contracts import Stage

log = logging.getLogger(__name__)

FAILURES_TO_DISABLE = 10
RETRY_AFTER_S = 60.0
LONGEST_S = 60.0
"""A stage that has not answered after this hangs; so long because a model may have to be exported first."""
_SMOOTHING = 0.05


class Step:
    """Runs one stage, one frame at a time and in order (the lock is first come, first served).

    An exception skips the frame for this stage; ten in a row switch the stage off on this camera, and it is
    tried again after a minute. The first of a burst is logged. One that hangs counts as failed; as long as its
    thread does not come back it is off.
    """

    def __init__(self, name: str, stage: Stage, clock: Clock, pool: Executor, *, longest_s: float = LONGEST_S) -> None:
        self.name = name
        self.stage = stage
        self.cost_ms = 0.0
        self.last_error = ""
        self.makes = False
        """Whether it has ever made detections or objects: without it a frame says nothing about what is there."""
        self._in_a_row = 0
        self._retry_at = 0.0
        self._lock = asyncio.Lock()
        self._clock = clock
        self._pool = pool
        self._process: Callable[[Context], Awaitable[None] | None] = stage.process
        self._longest_s = longest_s
        self._hanging: Future[Awaitable[None] | None] | None = None
        self._is_async = inspect.iscoroutinefunction(stage.process)

    @property
    def disabled(self) -> bool:
        if self._hanging is not None and not self._hanging.done():
            return True
        return self._in_a_row >= FAILURES_TO_DISABLE and self._clock.monotonic() < self._retry_at

    @property
    def dropped(self) -> int | None:
        """What the stage has left out for want of room; None for one that never does."""
        dropped = getattr(self.stage, "dropped", None)
        return dropped if isinstance(dropped, int) else None

    async def run(self, ctx: Context) -> bool:
        """False when the frame was skipped for this stage."""
        async with self._lock:
            if self.disabled:
                self._rest(ctx)
                return False
            had, started = (ctx.detections, ctx.objects), perf_counter()
            try:
                await self._call(ctx)
            except Exception as error:
                self._failed(ctx.camera.name, error)
                return False
            self.makes = self.makes or ctx.detections is not had[0] or ctx.objects is not had[1]
            self._succeeded(ctx.camera.name, (perf_counter() - started) * 1000)
            return True

    def _rest(self, ctx: Context) -> None:
        """One that hangs is left alone: it may be in the middle of something."""
        rest = getattr(self.stage, "rest", None)
        if rest is None or (self._hanging is not None and not self._hanging.done()):
            return
        try:
            rest(ctx)
        except Exception as error:  # it is off because it fails: whatever else it does must not cost the frame
            self.last_error = f"{type(error).__name__}: {error}"

    async def _call(self, ctx: Context) -> None:
        limit = asyncio.timeout(self._longest_s)
        try:
            async with limit:
                await (self._in_the_loop(ctx) if self._is_async else self._on_a_thread(ctx))
        except TimeoutError:
            if limit.expired():
                raise TimeoutError(f"no answer within {self._longest_s:g} s") from None
            raise

    async def _on_a_thread(self, ctx: Context) -> None:
        thread = self._pool.submit(self._measured, ctx)
        try:
            waited = await asyncio.wrap_future(thread)
        except asyncio.CancelledError:
            self._hanging = thread
            raise
        if waited is not None:
            await waited

    def _measured(self, ctx: Context) -> Awaitable[None] | None:
        with costs.measured(ctx.camera.name, self.name):
            return self._process(ctx)

    async def _in_the_loop(self, ctx: Context) -> None:
        await costs.awaited(ctx.camera.name, self.name, cast(Coroutine[Any, Any, None], self._process(ctx)))

    def _succeeded(self, camera: str, took_ms: float) -> None:
        if self._in_a_row >= FAILURES_TO_DISABLE:
            log.info("%s: stage %s works again", camera, self.name)
        self._in_a_row = 0
        self.cost_ms += (took_ms - self.cost_ms) * (_SMOOTHING if self.cost_ms else 1.0)

    def _failed(self, camera: str, error: Exception) -> None:
        self._in_a_row += 1
        self.last_error = f"{type(error).__name__}: {error}"
        if self._in_a_row == 1:
            log.error("%s: stage %s failed", camera, self.name, exc_info=error)
        if self._in_a_row >= FAILURES_TO_DISABLE:
            self._retry_at = self._clock.monotonic() + RETRY_AFTER_S
            log.error("%s: stage %s is off for %.0f s: %s", camera, self.name, RETRY_AFTER_S, self.last_error)
