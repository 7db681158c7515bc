"""Housekeeping that comes round again and again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

log = logging.getLogger(__name__)


class Rounds:
    """Does `once` at the start and `every_s` seconds after each end, until it is closed; for one event loop.

    What a round did not expect costs that round alone: it is logged, once until a round goes well again.
    """

    def __init__(self, name: str, every_s: float, once: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._every_s = every_s
        self._once = once
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await self._round()
            await asyncio.sleep(self._every_s)

    async def _round(self) -> None:
        try:
            await self._once()
        except Exception:
            if not self._failing:
                log.exception("%s: this round failed; the next is in %g s", self._name, self._every_s)
            self._failing = True
        else:
            self._failing = False
