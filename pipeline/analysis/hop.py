"""Several stages' work on one frame, done on a thread in one go."""

from collections.abc import Awaitable, Sequence
from threading import Lock
from typing import Protocol

from pipeline.core.context import Context


class Doing(Protocol):
    """A stage that can be done on a thread."""

    def begin(self, ctx: Context) -> Awaitable[None] | None:
        """Its work; what it returns must be awaited on the loop. Raises what the stage raises."""
        ...

    def end(self, ctx: Context) -> None:
        """It has succeeded."""
        ...

    def may_follow(self, ctx: Context) -> bool:
        """Whether it may be done on the thread of the one before it."""
        ...


class Hop:
    """Calling it does one after the other, until one raises, one has something to await, or one may not follow.

    `at` is the one that was begun last. A hop that is `abandoned`, because its thread hangs, leaves the frame
    alone as soon as the thread comes back.
    """

    def __init__(self, ctx: Context, steps: Sequence[Doing]) -> None:
        self.steps = steps
        self.at = 0
        self._ctx = ctx
        self._lock = Lock()
        self._abandoned = False

    def __call__(self) -> Awaitable[None] | None:
        while True:
            waited = self.steps[self.at].begin(self._ctx)
            if waited is not None:
                return waited
            if not self._advance():
                return None

    def abandon(self) -> int:
        """Nothing more is begun or told; where it was."""
        with self._lock:
            self._abandoned = True
            return self.at

    def _advance(self) -> bool:
        with self._lock:
            if self._abandoned:
                return False
            self.steps[self.at].end(self._ctx)
            following = self.at + 1
            if following == len(self.steps) or not self.steps[following].may_follow(self._ctx):
                return False
            self.at = following
            return True
