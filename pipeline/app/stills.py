"""JPEGs of one camera, asked of the analysis plane for whoever wants them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count

from pipeline.core.broadcast import Broadcast
from pipeline.core.errors import UnavailableError
from pipeline.core.messages import Still, View, ViewJpeg, WantStill, WantView

ANSWER_WITHIN_S = 3.0
MOST_WAITING = 32
"""Each answer is a picture that the analysis scales and encodes: whoever asks faster than that must come again."""
_requests = count(1)


class Stills:
    """All methods are for the event loop's thread.

    The running view is made only while somebody iterates; everybody shares it, and each gets the newest
    picture when it is ready for one. `height` is that of its pictures, None the camera's.
    """

    def __init__(
        self,
        camera: str,
        ask_still: Callable[[WantStill], None],
        ask_view: Callable[[WantView], None],
        *,
        height: int | None = None,
    ) -> None:
        self._camera = camera
        self.height = height
        self._ask_still = ask_still
        self._ask_view = ask_view
        self._is_over = False
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._running: dict[View, Broadcast[bytes | None]] = {"jpeg": Broadcast(), "jpeg_annotated": Broadcast()}

    async def one(self, *, annotated: bool, height: int | None) -> bytes:
        """The latest picture; raises UnavailableError."""
        if len(self._waiting) >= MOST_WAITING:
            raise UnavailableError(f"{self._camera}: {MOST_WAITING} others wait for a picture already")
        request = next(_requests)
        answer = self._waiting[request] = asyncio.get_running_loop().create_future()
        try:
            self._ask_still(WantStill(self._camera, request, annotated, height))
            return await asyncio.wait_for(answer, ANSWER_WITHIN_S)
        except TimeoutError:
            raise UnavailableError(f"{self._camera}: no picture within {ANSWER_WITHIN_S:.0f} s") from None
        finally:
            del self._waiting[request]

    def answered(self, still: Still) -> bool:
        """False when the request was not one of these."""
        answer = self._waiting.get(still.request)
        if answer is None:
            return False
        if answer.done():
            return True
        if still.jpeg is None:
            answer.set_exception(UnavailableError(f"{self._camera}: {still.error}"))
        else:
            answer.set_result(still.jpeg)
        return True

    def came(self, picture: ViewJpeg) -> None:
        self._running[picture.view].publish(picture.jpeg)

    def close(self) -> None:
        """Ends what is being watched, and answers who still waits."""
        self._is_over = True
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(UnavailableError(f"{self._camera}: not there any more"))
        for pictures in self._running.values():
            pictures.publish(None)

    async def many(self, *, annotated: bool) -> AsyncIterator[bytes]:
        """The latest picture at once, then the newest at the analysed rate, until the iterator is closed.

        Raises UnavailableError where there is no picture yet: a camera that is offline may stay so for days.
        """
        yield await self.one(annotated=annotated, height=self.height)
        view: View = "jpeg_annotated" if annotated else "jpeg"
        newest: asyncio.Queue[bytes | None] = asyncio.Queue(1)

        def keep_newest(jpeg: bytes | None) -> None:
            if newest.full():
                newest.get_nowait()
            newest.put_nowait(jpeg)

        pictures = self._running[view]
        unsubscribe = pictures.subscribe(keep_newest)
        if len(pictures) == 1:
            self._ask_view(WantView(self._camera, view, True))
        try:
            while not self._is_over and (jpeg := await newest.get()) is not None:
                yield jpeg
        finally:
            unsubscribe()
            if not len(pictures):
                self._ask_view(WantView(self._camera, view, False))
