"""Pictures that are asked of a plane which answers, says no, or keeps still."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from pipeline.app import stills as stills_module
from pipeline.app.stills import MOST_WAITING, Stills
from pipeline.core.errors import UnavailableError
from pipeline.core.messages import Still, ViewJpeg, WantStill, WantView


class Plane:
    """The analysis plane's side of it; `pictures` are its answers, one after the other, then it keeps still."""

    def __init__(self, *pictures: bytes | None) -> None:
        self.asked: list[WantStill] = []
        self.views: list[tuple[str, bool]] = []
        self.stills = Stills("yard", self._ask_still, self._ask_view, height=360)
        self._pictures = [*pictures]

    def _ask_still(self, wanted: WantStill) -> None:
        self.asked.append(wanted)
        if self._pictures:
            answer = Still(wanted.request, self._pictures.pop(0), "no picture has been decoded yet")
            asyncio.get_running_loop().call_soon(self.stills.answered, answer)

    def _ask_view(self, wanted: WantView) -> None:
        self.views.append((wanted.view, wanted.wanted))

    def shows(self, jpeg: bytes) -> None:
        self.stills.came(ViewJpeg("yard", "jpeg", 0, jpeg))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stills_module, "ANSWER_WITHIN_S", 0.05)


async def _close(pictures: AsyncIterator[bytes]) -> None:
    await pictures.aclose()  # type: ignore[attr-defined]


async def test_one_picture() -> None:
    plane = Plane(b"picture")
    assert await plane.stills.one(annotated=True, height=90) == b"picture"
    assert (plane.asked[0].annotated, plane.asked[0].height) == (True, 90)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        pytest.param([None], "yard: no picture has been decoded yet", id="it says no"),
        pytest.param([], "yard: no picture within", id="it keeps still"),
    ],
)
@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
async def test_a_camera_without_a_picture(answers: list[None], words: str, many: bool) -> None:
    plane = Plane(*answers)
    with pytest.raises(UnavailableError, match=words):
        if many:
            await anext(plane.stills.many(annotated=False))
        else:
            await plane.stills.one(annotated=False, height=None)
    assert plane.views == [], "nothing is made for somebody who was sent away"


async def test_a_still_that_comes_too_late_is_nobodys() -> None:
    plane = Plane()
    with pytest.raises(UnavailableError):
        await plane.stills.one(annotated=False, height=None)
    assert not plane.stills.answered(Still(plane.asked[0].request, b"late"))


async def test_moving_pictures_begin_with_the_latest_and_are_made_once_for_all() -> None:
    plane = Plane(b"latest", b"latest")
    first, second = plane.stills.many(annotated=False), plane.stills.many(annotated=False)
    assert [await anext(first), await anext(second)] == [b"latest", b"latest"]
    assert plane.asked[0].height == 360, "as tall as those that follow"
    waiting = asyncio.gather(anext(first), anext(second))
    await asyncio.sleep(0)
    assert plane.views == [("jpeg", True)]
    plane.shows(b"next")
    assert [*await waiting] == [b"next", b"next"]
    await _close(first)
    assert plane.views == [("jpeg", True)]
    await _close(second)
    assert plane.views == [("jpeg", True), ("jpeg", False)]


async def test_who_takes_none_gets_the_newest_only() -> None:
    plane = Plane(b"latest")
    pictures = plane.stills.many(annotated=False)
    await anext(pictures)
    waiting = asyncio.ensure_future(anext(pictures))
    await asyncio.sleep(0)
    for jpeg in (b"1", b"2", b"3"):
        plane.shows(jpeg)
    assert await waiting == b"3"
    await _close(pictures)


async def test_not_everybody_waits_for_a_plane_that_keeps_still() -> None:
    plane = Plane()
    waiting = [asyncio.create_task(plane.stills.one(annotated=False, height=None)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError, match="others wait"):
        await plane.stills.one(annotated=False, height=None)
    assert len(plane.asked) == MOST_WAITING
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_whoever_watches_or_waits_is_let_go_when_the_camera_goes() -> None:
    plane = Plane(b"first")
    pictures, waiting = plane.stills.many(annotated=False), plane.stills.many(annotated=True)
    assert await anext(pictures) == b"first"
    asks = asyncio.ensure_future(anext(waiting))
    await asyncio.sleep(0)
    plane.stills.close()
    with pytest.raises(StopAsyncIteration):
        await anext(pictures)
    with pytest.raises(UnavailableError, match="not there any more"):
        await asks
