"""What the tests of the dashboard's pages share: a browser of either size, and what a checker would find.

Import what a test module needs: `from tests.system.pages import either_page, has_no_faults`.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.system.clips import moving_mark

__all__ = ["either_page", "endless_mark", "has_no_faults"]

PATIENCE_MS = 30_000
CONTRAST = Path(__file__).with_name("contrast.js").read_text()
UNNAMED = """() => [...document.querySelectorAll(
        ":is(main, .top, dialog[open]) :is(a, button, select, input, table, [role='toolbar'], [tabindex='0'])")]
    .filter((each) => each.checkVisibility())
    .filter((each) => !(each.ariaLabel || each.caption?.textContent || each.labels?.length || each.innerText.trim()))
    .map((each) => each.outerHTML)"""
UNREACHABLE = """() => [...document.querySelectorAll("main .scrolls")]
    .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth && each.tabIndex !== 0)
    .map((each) => each.ariaLabel)"""
TOO_SMALL = """() => [...document.querySelectorAll(
        ":is(main, .top, dialog[open]) :is(a.icon-button, button, select, input)")]
    .filter((each) => each.checkVisibility() && !each.closest("p, dd, td"))
    .filter((each) => each.getBoundingClientRect().width < 20 || each.getBoundingClientRect().height < 20)
    .map((each) => each.outerHTML)"""
TWICE = (
    """() => [...document.querySelectorAll("[id]")].map(({ id }) => id).filter((id, at, all) => all.indexOf(id) < at)"""
)


def endless_mark(path: Path) -> Path:
    """To and fro in whole rounds, so that the mark does not jump where the clip begins again."""
    return moving_mark(path, seconds=8, size=(664, 360))


@pytest_asyncio.fixture(params=["desktop", "phone"])
async def either_page(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    """Dark and wide, or light and narrow."""
    narrow = request.param == "phone"
    context = await browser.new_context(
        viewport={"width": 390, "height": 844} if narrow else {"width": 1440, "height": 900},
        color_scheme="light" if narrow else "dark",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def has_no_faults(page: Page) -> None:
    """What a checker of accessibility would call serious."""
    assert await page.evaluate(CONTRAST) == []
    assert await page.evaluate(UNNAMED) == []
    assert await page.evaluate(UNREACHABLE) == []
    assert await page.evaluate(TOO_SMALL) == []
    assert await page.evaluate(TWICE) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.locator("main:visible").count() == 1
    assert await page.locator("main:visible table:visible:not(:has(caption))").count() == 0
    assert await page.locator("main:visible th:not([scope])").count() == 0
    assert await page.locator("main:visible section:not(:has(h2))").count() == 0
    assert await page.locator("main:visible img:not([alt])").count() == 0
