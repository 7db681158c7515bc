"""Moving pictures for browsers that can play no video: one JPEG after the other, for as long as somebody looks."""

import logging
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from pipeline.core.errors import UnavailableError
from sinks.web.closing import Closing
from sinks.web.newest import Newest
from sinks.web.places import Places

log = logging.getLogger(__name__)

_BOUNDARY = b"framewatch-picture"


class MovingPictures(StreamingResponse):
    """`multipart/x-mixed-replace`; ends with the pictures, the client or the server."""

    media_type = f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}"

    def __init__(self, first: bytes, newest: Newest, places: Places) -> None:
        super().__init__(_parts(first, newest), headers={"Cache-Control": "no-store"})
        self._newest = newest
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._places.give_back()
            self._newest.close()


async def moving_pictures(pictures: AsyncIterator[bytes], closing: Closing, places: Places) -> MovingPictures:
    """Answers once the first picture is there, so that an UnavailableError can still be told."""
    places.check()
    places.take()
    newest = Newest(pictures, closing)
    try:
        first = await newest.take()
        if first is None:
            raise UnavailableError("the camera has no more pictures")
    except BaseException:
        places.give_back()
        newest.close()
        raise
    return MovingPictures(first, newest, places)


async def _parts(first: bytes, newest: Newest) -> AsyncIterator[bytes]:
    picture: bytes | None = first
    try:
        while picture is not None:
            yield _part(picture)
            picture = await newest.take()
    except UnavailableError as error:
        log.info("moving pictures end: %s", error)


def _part(picture: bytes) -> bytes:
    head = b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (_BOUNDARY, len(picture))
    return head + picture + b"\r\n"
