"""Every page of a system that really runs, in a real browser, as wide as a desktop and as a phone: nobody is shut out.

They are also the pictures in the docs (`photograph.py`).
"""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.system.accessibility import has_no_faults
from tests.system.browser import browser
from tests.system.framewatch import Framewatch, wait_for
from tests.system.pages import PATIENCE_MS, a_page
from tests.system.photograph import photograph
from tests.system.street import STREETS, film

__all__ = ["browser"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

TOKEN = "a token nobody guesses"
CONFIG = """\
models: {{general: {{type: ./street_detector.py:StreetDetector}}}}
detect: {{fps: 6}}
objects: {{track: [person, car]}}
record: {{enabled: true, continuous: {{days: 1}}, motion: {{days: 1}}}}
server: {{auth: {{mode: token, token: {token}}}}}
cameras:
  gate:
    friendly_name: Front gate
    inputs: [{{path: gate.mp4, loop: true}}]
    zones: {{pavement: {{coordinates: "0,0.86,1,0.86,1,1,0,1", objects: [person]}}}}
    lines: {{crossing: {{from: [0.5, 0.68], to: [0.5, 0.9], objects: [car]}}}}
  drive: {{friendly_name: Drive, inputs: [{{path: drive.mp4, loop: true}}]}}
  yard: {{friendly_name: Back yard, inputs: [{{path: yard.mp4, loop: true}}]}}
  shed: {{friendly_name: Shed, inputs: [{{path: "rtsp://127.0.0.1:9/shed"}}]}}
alerts:
  - {{name: somebody at the gate, when: {{event: zone_enter, cameras: gate, zones: pavement}}, send: log}}
sinks:
  log: {{type: jsonl, path: alerts.jsonl}}
  restream: {{type: rtsp, url: "rtsp://127.0.0.1:9/gate", camera: gate}}
"""
PLAYS = "() => [...document.querySelectorAll('fw-live')].filter((each) => each.stats.boxes.length).length >= {}"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Framewatch]:
    folder = tmp_path_factory.mktemp("streets")
    for name, street in STREETS.items():
        film(folder / f"{name}.mp4", street)
    shutil.copy(Path(__file__).with_name("street_detector.py"), folder)
    (folder / "cameras.yaml").write_text(CONFIG.format(token=TOKEN))
    with Framewatch("run", "cameras.yaml", folder=folder) as system:
        system.api.headers["Authorization"] = f"Bearer {TOKEN}"
        wait_for(lambda: len(_with_pictures(system)) >= 6, 120)
        yield system


def _with_pictures(system: Framewatch) -> list[str]:
    events = system.api.get("/api/v1/events?type=object").json()["events"]
    return [event["id"] for event in events if event["has_snapshot"]]


@pytest_asyncio.fixture(params=["dark-desktop", "dark-phone", "light-desktop", "light-phone"])
async def page(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    theme, _, width = request.param.partition("-")
    async with a_page(browser, narrow=width == "phone", theme=theme) as page:
        yield page


async def test_every_page_can_be_used_by_everybody(
    system: Framewatch, page: Page, request: pytest.FixtureRequest
) -> None:
    is_dark = "dark" in request.node.name
    narrow = "phone" in request.node.name

    async def looked_at(name: str) -> None:
        await has_no_faults(page)
        if is_dark:
            await photograph(page, name)

    await page.goto(system.url)
    await page.get_by_label("Access token").fill("a guess")
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("alert")).not_to_be_empty()
    await looked_at("login")
    await page.get_by_label("Access token").fill(TOKEN)
    await page.get_by_role("button", name="Log in").click()

    await page.wait_for_function(PLAYS.format(3))
    await looked_at("wall")
    await page.locator("#show-settings").click()
    await expect(page.locator("#settings")).to_be_visible()
    await looked_at("settings")
    await page.keyboard.press("Escape")

    await page.locator('[data-camera="gate"].tile').focus()
    await page.keyboard.press("Enter")
    await page.wait_for_function(PLAYS.format(1))
    await looked_at("enlarged")
    await page.keyboard.press("Escape")

    if narrow:
        await page.locator("#toggle-events").click()
        await expect(page.locator("#events")).to_be_visible()
        await has_no_faults(page)
    await page.locator(".event").filter(has=page.locator("img")).first.get_by_role("button").click()
    await expect(page.locator("#viewer-picture :is(img, video)")).to_be_visible()
    await looked_at("event")
    await page.keyboard.press("Escape")

    await page.goto(f"{system.url}/#camera/gate")
    await page.wait_for_function(PLAYS.format(1))
    await looked_at("camera")
    await page.get_by_role("button", name="Edit zones and lines").click()
    await page.locator(".areas-list").get_by_role("button", name=re.compile("pavement")).click()
    await looked_at("zones")

    await page.goto(f"{system.url}/#events")
    await expect(page.locator("main:visible .card img").first).to_be_visible()
    await looked_at("events")
    await page.goto(f"{system.url}/#recordings")
    await expect(page.locator('.screen[data-state=""]').first).to_be_visible(timeout=PATIENCE_MS)
    await page.get_by_label("1 h").check(force=True)
    await looked_at("recordings")
    await page.goto(f"{system.url}/#alerts")
    await expect(page.locator("main:visible")).to_contain_text("somebody at the gate")
    await looked_at("alerts")
    await page.goto(f"{system.url}/#add")
    await expect(page.locator("main:visible")).to_contain_text("Add a camera")
    await looked_at("add")

    await page.goto(f"{system.url}/#system")
    await expect(page.locator('[data-table="log"]')).to_contain_text("online", timeout=PATIENCE_MS)
    await expect(page.locator('[data-table="pushes"]')).to_contain_text("unreachable")
    await looked_at("system")
