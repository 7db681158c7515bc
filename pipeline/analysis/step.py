"""A stage at work on one camera: how it is done, its failures and its cost."""

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
QUICK_MS = 5.0
"""A stage that takes no longer is done on the thread of the one before it; a slower one works on one frame while
that works on the next."""
_SMOOTHING = 0.05
_LONGEST_REST_S = 1.0


class Step:
    """One stage, for one frame at a time: `begin`, `resume` as often as there is something to await, then `end` or
    `fail`. Whoever calls sees to the order.

    Ten failures in a row switch the stage off on this camera, and it is tried again after a minute. The first of a
    burst is logged. One that hangs counts as failed; as long as its thread does not come back it is off.

    What is `async` runs on `loop`, what is slow on a thread of `pool`, the rest on the caller's.
    """

    def __init__(
        self,
        name: str,
        stage: Stage,
        clock: Clock,
        pool: Executor,
        loop: asyncio.AbstractEventLoop,
        *,
        longest_s: float = LONGEST_S,
    ) -> None:
        self.name = name
        self.stage = stage
        self.longest_s = longest_s
        self.cost_ms = 0.0
        self.last_error = ""
        self.makes = False
        """Whether it has ever made detections or objects: without it a frame says nothing about what is there."""
        self._in_a_row = 0
        self._retry_at = 0.0
        self._clock = clock
        self._pool = pool
        self._loop = loop
        self._process: Callable[[Context], Awaitable[None] | None] = stage.process
        self._passes: Callable[[Context], bool] | None = getattr(stage, "passes", None)
        self._ask: Callable[[Context], Future[Any] | None] | None = getattr(stage, "ask", None)
        self._asked: Future[Any] | None = None
        self._hanging: Future[Any] | None = None
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

    def is_done_at_once(self, ctx: Context) -> bool:
        """Whether `begin` will take no time worth mentioning, and leave nothing to await."""
        return self.is_prompt and not self.disabled and (not self._is_async or self._passes_by(ctx))

    def begin(self, ctx: Context) -> Future[Any] | None:
        """Does the stage's work, or sets it going: then what it returns is for `resume`. Raises what the stage does."""
        self._had, self._began = (ctx.detections, ctx.objects), perf_counter()
        if self._is_async:
            return None if self._passes_by(ctx) else self._set_going(ctx)
        if self.is_prompt or 0 < self.cost_ms < QUICK_MS:
            return self._awaited(self._done(ctx))
        return self._pool.submit(self._done, ctx)

    def resume(self, ctx: Context, came: Future[Any]) -> Future[Any] | None:
        """Goes on with what came; as `begin`."""
        answer = came.result()
        if came is not self._asked:
            return self._awaited(answer)
        self._asked = None
        with costs.measured(ctx.camera.name, self.name):
            cast(Any, self.stage).take(ctx, answer)
        return None

    def give_up(self, awaited: Future[Any]) -> None:
        """It took too long. Raises TimeoutError."""
        if not awaited.cancel():
            self.hangs(awaited)
        raise TimeoutError(f"no answer within {self.longest_s:g} s")

    def hangs(self, until: Future[Any]) -> None:
        """It is off until then."""
        self._hanging = until

    def rest(self, ctx: Context) -> None:
        """In place of `begin` while it is off. One that hangs is left alone: it may be in the middle of something."""
        rest = getattr(self.stage, "rest", None)
        if rest is None or (self._hanging is not None and not self._hanging.done()):
            return
        try:
            asyncio.run_coroutine_threadsafe(_called(rest, ctx), self._loop).result(_LONGEST_REST_S)
        except Exception as error:  # it is off because it fails: whatever else it does must not cost the frame
            self.last_error = f"{type(error).__name__}: {error}"

    def end(self, ctx: Context) -> None:
        """It has succeeded."""
        self.makes = self.makes or ctx.detections is not self._had[0] or ctx.objects is not self._had[1]
        if self._in_a_row >= FAILURES_TO_DISABLE:
            log.info("%s: stage %s works again", ctx.camera.name, self.name)
        self._in_a_row = 0
        took_ms = (perf_counter() - self._began) * 1000
        self.cost_ms += (took_ms - self.cost_ms) * (_SMOOTHING if self.cost_ms else 1.0)

    def fail(self, ctx: Context, error: Exception) -> None:
        self._in_a_row += 1
        self.last_error = f"{type(error).__name__}: {error}"
        if self._in_a_row == 1:
            log.error("%s: stage %s failed", ctx.camera.name, self.name, exc_info=error)
        if self._in_a_row >= FAILURES_TO_DISABLE:
            self._retry_at = self._clock.monotonic() + RETRY_AFTER_S
            log.error("%s: stage %s is off for %.0f s: %s", ctx.camera.name, self.name, RETRY_AFTER_S, self.last_error)

    def _set_going(self, ctx: Context) -> Future[Any]:
        if self._ask is not None:
            self._asked = self._ask(ctx)
            if self._asked is not None:
                return self._asked
        return asyncio.run_coroutine_threadsafe(self._done_on_the_loop(ctx), self._loop)

    async def _done_on_the_loop(self, ctx: Context) -> None:
        """The stage's coroutine is made here and no sooner: one that is cancelled before its turn has none."""
        await costs.awaited(ctx.camera.name, self.name, cast(Coroutine[Any, Any, None], self._process(ctx)))

    def _done(self, ctx: Context) -> Awaitable[None] | None:
        with costs.measured(ctx.camera.name, self.name):
            return self._process(ctx)

    def _awaited(self, waited: Any) -> Future[Any] | None:
        """Of what a stage returns: mostly nothing."""
        return None if waited is None else asyncio.run_coroutine_threadsafe(_wait(waited), self._loop)

    def _passes_by(self, ctx: Context) -> bool:
        """Where it cannot even say that, `process` shall show what is wrong."""
        try:
            return self._passes is not None and self._passes(ctx)
        except Exception:
            log.debug("%s: stage %s does not know whether it passes", ctx.camera.name, self.name, exc_info=True)
            return False


async def _called(rest: Callable[[Context], None], ctx: Context) -> None:
    rest(ctx)


async def _wait(waited: Awaitable[None]) -> None:
    await waited
