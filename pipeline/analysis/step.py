"""A stage at work on one camera: order, failure and cost in one place."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Executor, Future
from itertools import takewhile
from time import perf_counter
from typing import Any, cast

from pipeline.analysis.hop import Hop
from pipeline.core import costs
from pipeline.core.clock import Clock
from pipeline.core.context import Context
from pipeline.core.contracts import Stage

log = logging.getLogger(__name__)

FAILURES_TO_DISABLE = 10
RETRY_AFTER_S = 60.0
LONGEST_S = 60.0
"""A stage that has not answered after this hangs; so long because a model may have to be exported first."""
QUICK_MS = 5.0
"""A stage that takes no longer is done on the thread of the one before it; a slower one works on one frame while
that works on the next."""
_SMOOTHING = 0.05


class Step:
    """Runs one stage, one frame at a time and in order (the lock is first come, first served).

    An exception skips the frame for this stage; ten in a row switch the stage off on this camera, and it is
    tried again after a minute. The first of a burst is logged. One that hangs counts as failed; as long as its
    thread does not come back it is off.

    A stage that waits may have `passes(ctx)`, which says on any thread, and as often as it is asked, that it has
    nothing to do with a frame.
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
        self._passes: Callable[[Context], bool] | None = getattr(stage, "passes", None)
        self._longest_s = longest_s
        self._hanging: Future[Awaitable[None] | None] | None = None
        self._is_async = inspect.iscoroutinefunction(stage.process)
        self.is_prompt = bool(getattr(stage, "prompt", False)) and (not self._is_async or self._passes is not None)
        self._had: tuple[Any, Any] = (None, None)
        """The frame's detections and objects before."""
        self._began = 0.0

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
        _, succeeded = await self.run_with(ctx, ())
        return succeeded

    async def run_with(self, ctx: Context, others: Sequence["Step"]) -> tuple[int, bool]:
        """This one, and as many of the `others`, which come after it, as can be done in one go.

        How many these were, and whether the last of them succeeded: only that one may have failed.
        """
        steps = [self]
        await self._lock.acquire()
        try:
            if self.disabled:
                self._rest(ctx)
                return 1, False
            if not self._is_async:
                for step in takewhile(lambda step: step._is_free_and_quick, others):
                    await step._lock.acquire()
                    steps.append(step)
            return await self._done(Hop(ctx, steps), ctx, steps)
        finally:
            for step in steps:
                step._lock.release()

    @property
    def _is_free_and_quick(self) -> bool:
        """One that another frame is in is not waited for: nor would be what comes before it."""
        is_quick = self._passes is not None if self._is_async else 0 < self.cost_ms < QUICK_MS
        return is_quick and not self._lock.locked()

    async def _done(self, hop: Hop, ctx: Context, steps: Sequence["Step"]) -> tuple[int, bool]:
        limit = asyncio.timeout(self._longest_s)
        try:
            async with limit:
                if self._is_async:
                    self._begin(ctx)
                    work = cast(Coroutine[Any, Any, None], self._process(ctx))
                    await costs.awaited(ctx.camera.name, self.name, work)
                    self.end(ctx)
                else:
                    await self._on_a_thread(hop, ctx, steps)
        except Exception as error:
            has_hung = isinstance(error, TimeoutError) and limit.expired()
            told = TimeoutError(f"no answer within {self._longest_s:g} s") if has_hung else error
            steps[hop.at].fail(ctx, told)
            return hop.at + 1, False
        return hop.at + 1, True

    async def _on_a_thread(self, hop: Hop, ctx: Context, steps: Sequence["Step"]) -> None:
        thread = self._pool.submit(hop)
        try:
            waited = await asyncio.wrap_future(thread)
        except asyncio.CancelledError:
            steps[hop.abandon()]._hanging = thread
            raise
        if waited is not None:
            await waited
            steps[hop.at].end(ctx)

    def _rest(self, ctx: Context) -> None:
        """One that hangs is left alone: it may be in the middle of something."""
        rest = getattr(self.stage, "rest", None)
        if rest is None or (self._hanging is not None and not self._hanging.done()):
            return
        try:
            rest(ctx)
        except Exception as error:  # it is off because it fails: whatever else it does must not cost the frame
            self.last_error = f"{type(error).__name__}: {error}"

    def may_follow(self, ctx: Context) -> bool:
        if self.disabled:
            return False
        return not self._is_async or self._passes_by(ctx)

    def begin(self, ctx: Context) -> Awaitable[None] | None:
        self._begin(ctx)
        if self._is_async:
            return None  # it said that it has nothing to do
        with costs.measured(ctx.camera.name, self.name):
            return self._process(ctx)

    def end(self, ctx: Context) -> None:
        self.makes = self.makes or ctx.detections is not self._had[0] or ctx.objects is not self._had[1]
        self._succeeded(ctx.camera.name, (perf_counter() - self._began) * 1000)

    def _begin(self, ctx: Context) -> None:
        self._had, self._began = (ctx.detections, ctx.objects), perf_counter()

    def _passes_by(self, ctx: Context) -> bool:
        """Where it cannot even say that, `process` shall show what is wrong."""
        try:
            return self._passes is not None and self._passes(ctx)
        except Exception:
            log.debug("%s: stage %s does not know whether it passes", ctx.camera.name, self.name, exc_info=True)
            return False

    def _succeeded(self, camera: str, took_ms: float) -> None:
        if self._in_a_row >= FAILURES_TO_DISABLE:
            log.info("%s: stage %s works again", camera, self.name)
        self._in_a_row = 0
        self.cost_ms += (took_ms - self.cost_ms) * (_SMOOTHING if self.cost_ms else 1.0)

    def fail(self, ctx: Context, error: Exception) -> None:
        self._in_a_row += 1
        self.last_error = f"{type(error).__name__}: {error}"
        if self._in_a_row == 1:
            log.error("%s: stage %s failed", ctx.camera.name, self.name, exc_info=error)
        if self._in_a_row >= FAILURES_TO_DISABLE:
            self._retry_at = self._clock.monotonic() + RETRY_AFTER_S
            log.error("%s: stage %s is off for %.0f s: %s", ctx.camera.name, self.name, RETRY_AFTER_S, self.last_error)
