"""What the tests of the dashboard's pages share: pages of either size. Import what a test module needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.system.clips import moving_mark

__all__ = ["either_page", "endless_mark"]

PATIENCE_MS = 60_000


def endless_mark(path: Path) -> Path:
    """To and fro in whole rounds, so that the mark does not jump where the clip begins again."""
    return moving_mark(path, seconds=8, size=(664, 360))


@asynccontextmanager
async def a_page(
    browser: Browser, *, narrow: bool, theme: Literal["dark", "light"] | None = None, **options: Any
) -> AsyncIterator[Page]:
    """As wide as a desktop and dark, or as a phone and light, where nothing else is said."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844} if narrow else {"width": 1440, "height": 900},
        color_scheme=theme or ("light" if narrow else "dark"),
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield await context.new_page()
    finally:
        await context.close()


on_a_desktop = pytest.mark.parametrize("either_page", ["desktop"], indirect=True)
"""For what is the same on a phone."""


@pytest_asyncio.fixture(params=["desktop", "phone"])
async def either_page(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    async with a_page(browser, narrow=request.param == "phone") as page:
        yield page
