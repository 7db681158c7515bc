"""A slow watcher sees the newest picture, never a queue of old ones."""

import asyncio
from collections.abc import AsyncIterator

from sinks.web.closing import Closing


class Newest:
    """Drains `pictures` at their own rate and holds the latest one; `dropped` counts those nobody took."""

    def __init__(self, pictures: AsyncIterator[bytes], closing: Closing) -> None:
        self.dropped = 0
        self._pictures = pictures
        self._closing = closing
        self._latest: bytes | None = None
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._drain(), name="newest picture")

    async def take(self) -> bytes | None:
        """The picture that came last since the last call; None at the end. Raises what `pictures` raised."""
        await self._closing.or_set(self._changed)
        if self._closing.begun:
            return None
        picture, self._latest = self._latest, None
        if self._task.done():
            if picture is None:
                self._task.result()
        else:
            self._changed.clear()
        return picture

    def close(self) -> None:
        """Ends the drain, and by that `pictures`; idempotent."""
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._task.cancel()

    async def _drain(self) -> None:
        try:
            async for picture in self._pictures:
                self.dropped += self._latest is not None
                self._latest = picture
                self._changed.set()
        finally:
            self._changed.set()
