"""The links in alerts: one event without a login, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from pipeline.core.clock import ManualClock
from pipeline.core.event import Event
from pipeline.core.links import EventLinks
from pipeline.store.store import EventStore
from tests.web.conftest import TOKEN, MakeApp, client_of
from tests.web.fake_system import FakeSystem, jpeg

CLOCK = ManualClock()
LINKS = EventLinks(TOKEN, days=7, clock=CLOCK)
PAGES = ("", "/snapshot.jpg", "/clip.mp4")


def event(event_id: str, **facts: Any) -> Event:
    plain: dict[str, Any] = {
        "id": event_id,
        "type": "zone_enter",
        "camera": "lobby",
        "started_at": 1_700_000_000.0,
        "label": "person",
        "zone": "front_door",
        "score": 0.87,
        "rules": ["night"],
        "attributes": {"colour": "<b>red</b>"},
    }
    return Event(**(plain | facts))


@pytest_asyncio.fixture
async def anybody(make_app: MakeApp, system: FakeSystem, snapshots: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without the token."""
    await system.happens(event("seen", object_id="thing"))
    await system.happens(event("recorded", camera="gone", clip="ready"))
    await system.happens(event("faded", clip="ready"))
    await system.happens(event("other"))
    (snapshots / "thing.jpg").write_bytes(jpeg())
    (snapshots / "other.jpg").write_bytes(jpeg(200))
    (snapshots / "recorded.mp4").write_bytes(b"0123456789")
    async with client_of(make_app(token=TOKEN, links=LINKS), "http://watch.example") as client:
        yield client


def is_kept_to_itself(response: httpx.Response) -> bool:
    wanted = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
    return all(response.headers.get(name) == value for name, value in wanted.items())


async def test_it_opens_the_event_with_its_picture(anybody: httpx.AsyncClient) -> None:
    path = LINKS.path("seen")
    page = await anybody.get(path)
    picture = await anybody.get(f"{path}/snapshot.jpg")
    assert (page.status_code, picture.status_code) == (200, 200)
    assert picture.content == jpeg() and picture.headers["Content-Type"] == "image/jpeg"
    for said in (
        "Person entered front door",
        "Lobby",
        "87 %",
        "night",
        f'src="{path}/snapshot.jpg"',
        "21 November 2023",
    ):
        assert said in page.text
    assert "<b>" not in page.text and "&lt;b&gt;red" in page.text
    assert "<video" not in page.text
    assert is_kept_to_itself(page) and is_kept_to_itself(picture)


async def test_it_plays_the_recording_where_there_is_one(anybody: httpx.AsyncClient) -> None:
    path = LINKS.path("recorded")
    page = await anybody.get(path)
    part = await anybody.get(f"{path}/clip.mp4", headers={"Range": "bytes=2-4"})
    assert f'src="{path}/clip.mp4"' in page.text and "There is no picture of it" in page.text
    assert "gone" in page.text, "a camera that has gone keeps its name"
    assert (part.status_code, part.content, part.headers["Content-Type"]) == (206, b"234", "video/mp4")
    assert is_kept_to_itself(part)
    assert (await anybody.get(f"{path}/snapshot.jpg")).status_code == 404
    for without in ("seen", "faded"):
        assert (await anybody.get(f"{LINKS.path(without)}/clip.mp4")).status_code == 404


@pytest.mark.parametrize("part", PAGES)
async def test_a_link_that_was_changed_opens_nothing(anybody: httpx.AsyncClient, part: str) -> None:
    body, _, rest = LINKS.path("seen").removeprefix("/e/").partition(".")
    other = LINKS.path("other").removeprefix("/e/").partition(".")[0]
    for path in (f"/e/{other}.{rest}", f"/e/{body}.{rest[:-1]}", f"/e/{body}", "/e/x"):
        answer = await anybody.get(path + part)
        assert answer.status_code == 403
        assert "This link opens nothing" in answer.text
        assert "Person" not in answer.text and "lobby" not in answer.text.lower()
        assert is_kept_to_itself(answer)


@pytest.mark.parametrize("part", PAGES)
async def test_a_link_that_is_too_old_says_so(
    anybody: httpx.AsyncClient, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = LINKS.path("seen")
    monkeypatch.setattr(CLOCK, "now", CLOCK.now + 8 * 86_400)
    answer = await anybody.get(path + part)
    assert answer.status_code == 410
    assert "This link has expired" in answer.text and "7 days" in answer.text
    assert "Person" not in answer.text


@pytest.mark.parametrize("part", PAGES)
async def test_an_event_that_is_gone_says_so(anybody: httpx.AsyncClient, part: str) -> None:
    answer = await anybody.get(LINKS.path("deleted") + part)
    assert answer.status_code == 410
    assert "not kept any more" in answer.text


async def test_it_opens_nothing_else(anybody: httpx.AsyncClient) -> None:
    path = LINKS.path("seen")
    for other in (f"{path}/../../api/v1/events", "/api/v1/events/seen", "/api/v1/events/seen/snapshot.jpg", "/metrics"):
        assert (await anybody.get(other)).status_code in (401, 404)
    assert (
        await anybody.get("/api/v1/cameras", headers={"Cookie": f"framewatch_session={path[3:]}"})
    ).status_code == 401
    assert (await anybody.post(path)).status_code == 405
    assert (await anybody.get(f"{path}/other.jpg")).status_code == 404


async def test_without_links_there_is_no_such_page(make_app: MakeApp, store: EventStore) -> None:
    async with client_of(make_app(token=TOKEN)) as client:
        assert (await client.get(LINKS.path("seen"))).status_code == 404
