"""Moving pictures, for clients fast and slow."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from pipeline.core.errors import UnavailableError
from sinks.web.closing import Closing
from sinks.web.mjpeg import moving_pictures
from sinks.web.newest import Newest
from sinks.web.places import Places


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Camera:
    """Pictures as a test sends them; `watched` is false once nobody iterates any more."""

    def __init__(self) -> None:
        self.watched = True
        self._pictures: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()

    def send(self, *pictures: bytes | Exception | None) -> None:
        for picture in pictures:
            self._pictures.put_nowait(picture)

    async def pictures(self) -> AsyncIterator[bytes]:
        try:
            while (picture := await self._pictures.get()) is not None:
                if isinstance(picture, Exception):
                    raise picture
                yield picture
        finally:
            self.watched = False


async def test_a_slow_client_gets_the_newest_picture_only() -> None:
    camera = Camera()
    newest = Newest(camera.pictures(), Closing())
    camera.send(b"1")
    assert await newest.take() == b"1"

    camera.send(b"2", b"3", b"4")
    await _settle()

    assert await newest.take() == b"4"
    assert newest.dropped == 2
    camera.send(b"5", None)
    await _settle()
    assert [await newest.take(), await newest.take()] == [b"5", None]


async def test_each_picture_is_a_part_of_its_own() -> None:
    camera = Camera()
    camera.send(b"first")
    response = await moving_pictures(camera.pictures(), Closing(), Places(1))
    parts = aiter(response.body_iterator)

    assert response.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=framewatch-picture"
    assert await anext(parts) == (
        b"--framewatch-picture\r\nContent-Type: image/jpeg\r\nContent-Length: 5\r\n\r\nfirst\r\n"
    )
    camera.send(b"second")
    assert b"second" in bytes(await anext(parts))  # type: ignore[arg-type]
    camera.send(UnavailableError("the camera went away"))
    with pytest.raises(StopAsyncIteration):
        await anext(parts)


async def test_a_camera_without_a_picture_says_so_before_anything_is_sent() -> None:
    camera = Camera()
    camera.send(UnavailableError("yard is offline"))
    places = Places(1)

    with pytest.raises(UnavailableError, match="yard is offline"):
        await moving_pictures(camera.pictures(), Closing(), places)
    places.check()


async def test_one_viewer_too_many_is_refused() -> None:
    places = Places(1)
    places.take()

    with pytest.raises(UnavailableError, match="1 viewers are watching"):
        await moving_pictures(Camera().pictures(), Closing(), places)


async def test_it_ends_with_the_server() -> None:
    camera = Camera()
    closing = Closing()
    newest = Newest(camera.pictures(), closing)
    taking = asyncio.create_task(newest.take())
    await _settle()

    closing.begin()

    assert await taking is None
    newest.close()
    await _settle()
    assert not camera.watched
