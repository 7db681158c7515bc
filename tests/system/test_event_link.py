"""What the link of an alert opens, on a phone and on a desktop, in both themes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from prometheus_client import CollectorRegistry

from pipeline.core.event import Event
from pipeline.core.links import EventLinks
from pipeline.store.store import EventStore
from sinks.web.places import Places
from sinks.web.server import WebServer, create_app
from tests.system.accessibility import has_no_faults
from tests.system.browser import browser, console_errors
from tests.system.pages import a_page
from tests.web.fake_system import FakeSystem, jpeg, online

__all__ = ["browser"]

pytestmark = pytest.mark.system

LINKS = EventLinks("a token nobody guesses", days=7)


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[str]:
    store = EventStore(f"sqlite:///{tmp_path}/events.db")
    store.start()
    system = FakeSystem([online("lobby", "Front door")], store)
    event = Event(
        id="a", type="zone_enter", camera="lobby", started_at=1_700_000_000.0, zone="a_long_name_of_a_zone" * 3
    )
    event.label, event.score, event.attributes, event.rules = "person", 0.87, {"colour": "red"}, ["at night"]
    await system.happens(event)
    (tmp_path / "a.jpg").write_bytes(jpeg(width=1280, height=720))
    app = create_app(
        system,
        store,
        metrics=CollectorRegistry(),
        auth_token="a token nobody guesses",
        version="1",
        validate_config=lambda _text: (),
        config_schema=dict,
        snapshot_path=lambda event_id: tmp_path / f"{event_id}.jpg",
        places=Places(8),
        event_links=LINKS,
    )
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    yield server.url
    await server.stop()
    store.close()


async def test_anybody_can_read_it(site: str, browser: Browser) -> None:
    looks: list[tuple[bool, Literal["dark", "light"]]] = [
        (narrow, theme) for narrow in (True, False) for theme in ("dark", "light")
    ]
    for narrow, theme in looks:
        async with a_page(browser, narrow=narrow, theme=theme) as page:
            errors = console_errors(page)
            await page.goto(site + LINKS.path("a"))
            await expect(page.get_by_role("heading", name="Person entered")).to_be_visible()
            picture = page.get_by_role("img", name="Person entered")
            assert await picture.evaluate("picture => picture.complete && picture.naturalWidth") == 1280
            await has_no_faults(page)
            assert errors == []
            await page.goto(f"{site}/e/changed")
            await expect(page.get_by_role("heading")).to_have_text("This link opens nothing")
            await has_no_faults(page)


async def test_the_whole_picture_is_one_key_away_and_the_rest_asks_for_a_login(site: str, browser: Browser) -> None:
    async with a_page(browser, narrow=True) as page:
        await page.goto(site + LINKS.path("a"))
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/snapshot.jpg")
        await page.go_back()
        await page.get_by_role("link", name="Open in Framewatch").click()
        await page.wait_for_url(f"{site}/login?next=%2F%3Fevent%3Da")
