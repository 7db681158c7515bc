"""The System page of a system that really runs, in a real browser, as wide as a desktop and as a phone."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.system.accessibility import has_no_faults
from tests.system.browser import browser, console_errors
from tests.system.framewatch import Framewatch
from tests.system.pages import a_page

__all__ = ["browser"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

PATIENCE_MS = 30_000
CONFIG = """\
models:
  general: {type: ./mark_detector.py:MarkDetector}
detect: {fps: 5}
cameras:
  street: {friendly_name: A street, inputs: [{path: demo}]}
"""


@pytest_asyncio.fixture
async def system(tmp_path: Path) -> AsyncIterator[Framewatch]:
    shutil.copy(Path(__file__).with_name("mark_detector.py"), tmp_path)
    (tmp_path / "cameras.yaml").write_text(CONFIG)
    running = Framewatch("run", "cameras.yaml", folder=tmp_path)
    await asyncio.to_thread(running.__enter__)
    try:
        await asyncio.to_thread(running.until_analysing, "street")
        yield running
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


@pytest_asyncio.fixture(params=["desktop", "phone"])
async def page(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    async with a_page(browser, narrow=request.param == "phone") as page:
        yield page


async def test_the_system_page(system: Framewatch, page: Page, tmp_path: Path) -> None:
    errors = console_errors(page)
    await page.goto(system.url)
    await page.wait_for_function("() => document.querySelector('fw-live')?.stats.framesDecoded > 0")

    await page.locator("#show-system").focus()
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="System", exact=True)).to_be_focused()
    await expect(page.get_by_role("main")).to_have_count(1)
    await expect(page.locator("fw-live")).to_have_count(0)
    street = page.locator('[data-table="cameras"]').get_by_role("row").filter(has_text="A street")
    looked = street.locator('[data-title="Looked at"]')
    await expect(street).to_contain_text("Online", timeout=PATIENCE_MS)
    before = int(await looked.inner_text())
    await expect(looked).not_to_have_text(str(before), timeout=PATIENCE_MS)
    assert int(await looked.inner_text()) > before
    await expect(page.locator('[data-table="models"]')).to_contain_text("finds the mark")
    await expect(page.locator('[data-table="costs"]')).to_contain_text("Detect")
    await expect(page.locator('[data-table="versions"]')).to_contain_text("aiortc")
    await expect(page.locator('[data-table="disk"]')).to_contain_text("Free")
    log = page.locator('[data-table="log"]')
    await expect(log.get_by_role("row").filter(has_text="street").filter(has_text="online")).to_have_count(1)
    assert system.metric("framewatch_viewers") == 0, "nothing is streamed to a wall that is not shown"

    await _tells_who_changed_what(page, system)
    await has_no_faults(page)
    await _tells_of_a_broken_file(page, tmp_path)
    await has_no_faults(page)
    await _tables_are_explained(page)

    await page.get_by_role("link", name="Back to the cameras").click()
    await expect(page.locator("#system")).to_be_hidden()
    await page.wait_for_function("() => document.querySelector('fw-live')?.stats.framesDecoded > 0")
    assert errors == []


async def test_the_log_can_be_held_and_filtered(system: Framewatch, page: Page) -> None:
    await page.goto(f"{system.url}/#system")
    log = page.locator('[data-table="log"]')
    await expect(log).to_contain_text("online", timeout=PATIENCE_MS)

    await page.get_by_label("From level").select_option("Error")
    await expect(log.get_by_role("row")).to_have_text(["Nothing was logged at this level."])
    await page.get_by_role("button", name="Pause").click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    async with page.expect_response(lambda response: response.url.endswith("/api/v1/system")):
        pass
    await asyncio.sleep(1)
    assert not [url for url in asked if "/log" in url]
    await page.get_by_role("button", name="Pause").click()
    await page.get_by_label("From level").select_option("Info")
    await expect(log).to_contain_text("online")


async def _tells_who_changed_what(page: Page, system: Framewatch) -> None:
    changes = page.locator('[data-table="audit"] tbody tr')
    await expect(changes).to_have_text(["Nobody has changed anything yet."])
    middle = {"middle": {"coordinates": [[0.3, 0.1], [0.7, 0.1], [0.7, 0.9]]}}
    changed = await asyncio.to_thread(
        system.api.put, "/api/v1/cameras/street/areas", json={"zones": middle, "lines": {}}
    )
    assert changed.status_code < 300, changed.text
    await expect(changes.locator("td")).to_have_text(
        ["127.0.0.1", "Zones and lines changed", "street"], timeout=PATIENCE_MS
    )


async def _tells_of_a_broken_file(page: Page, folder: Path) -> None:
    (folder / "cameras.yaml").write_text(f"{CONFIG}camera: {{}}\n")
    problem = page.locator('[data-table="config"] tbody tr')
    await expect(problem.locator("th")).to_have_text(["6"], timeout=PATIENCE_MS)
    await expect(problem).to_contain_text("camera")
    await expect(page.locator("#config-state")).to_contain_text("a restart would refuse it")


async def _tables_are_explained(page: Page) -> None:
    assert await page.locator("#system table:visible").count() == await page.locator("#system caption:visible").count()
    assert await page.locator("#system th:not([scope])").count() == 0
    assert await page.locator("#system section:not(:has(> h2))").count() == 0
