"""What the tests of the dashboard's pages share: a browser of either size. Import what a test module needs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.system.clips import moving_mark

__all__ = ["either_page", "endless_mark"]

PATIENCE_MS = 30_000


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
