"""Tells the long answers (event streams, moving pictures) that the server stops."""

import asyncio


class Closing:
    """Set once, on the event loop; whoever answers at length ends by itself then."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def begin(self) -> None:
        self._event.set()

    @property
    def begun(self) -> bool:
        return self._event.is_set()

    async def or_set(self, event: asyncio.Event) -> None:
        """Returns when `event` is set or the server stops, whichever comes first."""
        waits = [asyncio.ensure_future(self._event.wait()), asyncio.ensure_future(event.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
