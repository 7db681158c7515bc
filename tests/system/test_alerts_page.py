"""The Alerts page of a system that really runs and alerts a real receiver, in a real browser of either size."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.sinks.receiver import Receiver
from tests.system.accessibility import has_no_faults
from tests.system.browser import browser, console_errors
from tests.system.framewatch import Framewatch
from tests.system.pages import PATIENCE_MS, either_page, endless_mark, on_a_desktop

__all__ = ["browser", "either_page"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

CONFIG = """\
store: {{url: "sqlite:///events.db", media: media}}
models:
  general: {{type: ./mark_detector.py:MarkDetector}}
detect: {{fps: 8}}
cameras:
  yard:
    friendly_name: The yard
    inputs: [{{path: mark.mp4, loop: true}}]
    zones:
      middle: {{coordinates: "0.3,0,0.7,0,0.7,1,0.3,1", inertia: 2}}
      left: {{coordinates: "0,0,0.2,0,0.2,1,0,1", inertia: 2}}
alerts:
  - name: somebody in the middle / yard
    when: {{event: zone_enter, cameras: [yard], zones: [middle], objects: [person]}}
    cooldown: 3600
    send: [phone, log]
  - name: at night
    when: {{event: zone_enter, schedule: "{schedule}", attributes: {{}}, min_score: 0.5}}
    send: broken
  - name: into the void
    when: {{event: zone_enter, zones: [left]}}
    send: broken
  - name: burglars
    when: {{event: zone_enter, profiles: away}}
    send: log
profiles: {{home: {{}}, away: {{}}}}
delivery: {{attempts: 1}}
sinks:
  phone: {{type: webhook, url: "{url}", headers: {{X-Key: swordfish-and-chips}}}}
  broken: {{type: webhook, url: "http://127.0.0.1:9/services/swordfish?key=swordfish"}}
  log: {{type: jsonl, path: alerts.jsonl}}
"""


@pytest_asyncio.fixture
async def phone() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest_asyncio.fixture
async def system(tmp_path: Path, phone: Receiver) -> AsyncIterator[Framewatch]:
    shutil.copy(Path(__file__).with_name("mark_detector.py"), tmp_path)
    endless_mark(tmp_path / "mark.mp4")
    (tmp_path / "cameras.yaml").write_text(CONFIG.format(url=phone.url, schedule=_not_now()))
    running = Framewatch("run", "cameras.yaml", folder=tmp_path)
    await asyncio.to_thread(running.__enter__)
    try:
        await asyncio.to_thread(running.until_analysing, "yard")
        yield running
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


def _not_now() -> str:
    """An hour of the day that is far from this one."""
    hour = (time.localtime().tm_hour + 12) % 24
    return f"{hour:02}:00-{hour:02}:30"


async def test_the_alerts_page(system: Framewatch, phone: Receiver, either_page: Page) -> None:
    page, errors = either_page, console_errors(either_page)
    await page.goto(system.url)
    await expect(page.locator(".tile")).to_have_count(1)
    await page.keyboard.press("a")

    await expect(page.get_by_role("heading", name="Alerts", level=1)).to_be_focused()
    middle, night = (page.locator("#alert-rules section.alert").nth(at) for at in (0, 1))
    await expect(middle.get_by_role("heading")).to_have_text("somebody in the middle / yard")
    await expect(middle.locator(".alert-when")).to_have_text(
        "When a zone is entered · object person · zone middle · on The yard."
    )
    await expect(middle.locator(".alert-facts")).to_contain_text("phone (webhook), log (jsonl)")
    await expect(middle.locator(".alert-facts")).to_contain_text("1 in the last 24 hours", timeout=PATIENCE_MS)
    arrived = middle.locator('[data-part="deliveries"] tbody tr')
    await expect(arrived.filter(has_text="phone")).to_contain_text("Arrived", timeout=PATIENCE_MS)
    await expect(arrived.filter(has_text="log")).to_contain_text("Arrived")
    left_out = middle.locator('[data-part="left-out"] tbody tr')
    await expect(left_out.filter(has_text="cooldown")).to_have_count(1, timeout=PATIENCE_MS)
    await expect(left_out.filter(has_text="another zone")).to_have_count(1, timeout=PATIENCE_MS)
    await expect(night.locator('[data-part="left-out"] tbody tr')).to_contain_text("another time of day")
    await expect(night.locator('[data-part="deliveries"]')).to_contain_text("Nothing was sent so far.")
    await has_no_faults(page)

    await _sends_again_what_did_not_arrive(page)
    await _switches(page)
    await _sends_a_test(page, phone)
    await has_no_faults(page)
    await left_out.filter(has_text="cooldown").get_by_role("button").click()
    await expect(page.locator("#viewer-title")).to_have_text("Person entered middle")
    await page.get_by_text("why, and why not").click()
    await expect(page.locator("#viewer-why-list")).to_contain_text("cooldown: ")
    await expect(page.locator("#viewer-why-list")).to_contain_text("of 3600 left")
    await has_no_faults(page)
    await page.keyboard.press("Escape")
    await middle.get_by_role("link", name="in the last 24 hours").click()
    await expect(page.locator(".card-title").first).to_have_text("Person entered middle")
    await expect(page.get_by_role("combobox", name="Alert rule", exact=True)).to_have_value(
        "somebody in the middle / yard"
    )
    assert errors == []


async def _sends_again_what_did_not_arrive(page: Page) -> None:
    section = page.locator("#undelivered")
    row = section.locator("tbody tr").first
    await expect(row).to_contain_text("into the void", timeout=PATIENCE_MS)
    await expect(row).to_contain_text("Given up on after one attempt: http://127.0.0.1:9/")
    await expect(section.locator("li")).to_contain_text("given up on")
    await row.get_by_role("button", name="Send again: into the void to broken").focus()
    await page.keyboard.press("Enter")
    await expect(section.get_by_role("status")).to_have_text("One is on its way again.")
    await section.get_by_role("button", name="Send all again to broken").click()
    await expect(section.get_by_role("status")).to_contain_text("on their way again")


async def _switches(page: Page) -> None:
    burglars = page.locator("section.alert", has=page.get_by_role("heading", name="burglars"))
    await expect(burglars.locator(".alert-still")).to_have_text("Off in this profile.")
    await page.get_by_label("Profile").select_option("away")
    await expect(burglars.locator(".alert-still")).to_be_hidden()
    await page.get_by_label("Snooze burglars").select_option("1 hour")
    await expect(burglars.locator(".alert-still")).to_contain_text("Snoozed until")
    await has_no_faults(page)
    await page.get_by_label("Snooze burglars").select_option("No more")
    await expect(burglars.locator(".alert-still")).to_be_hidden()


async def _sends_a_test(page: Page, phone: Receiver) -> None:
    await page.get_by_role("button", name="Send a test of somebody in the middle").focus()
    await page.keyboard.press("Enter")
    middle, night = (page.locator("#alert-rules section.alert").nth(at) for at in (0, 1))
    await expect(middle.locator(".alert-test span")).to_have_text(
        ["phone: the test arrived.", "log: the test arrived."]
    )
    test = phone.bodies[-1]
    assert (test["test"], test["event"]["type"], test["rule"]) == (True, "test", "somebody in the middle / yard")
    assert "This is a test" in test["event"]["data"]["message"]
    await page.get_by_role("button", name="Send a test of at night").click()
    await expect(night.locator(".alert-test span")).to_contain_text("broken: http://127.0.0.1:9/")
    assert "swordfish" not in await page.content()


@on_a_desktop
async def test_without_rules_it_says_so(tmp_path: Path, either_page: Page) -> None:
    (tmp_path / "cameras.yaml").write_text("pipeline: []\ncameras: {demo: {inputs: [{path: demo}]}}\n")
    running = Framewatch("run", "cameras.yaml", folder=tmp_path)
    await asyncio.to_thread(running.__enter__)
    try:
        await either_page.goto(f"{running.url}/#alerts")
        await expect(either_page.locator("#alerts-empty")).to_contain_text("No alert rules are configured")
        await has_no_faults(either_page)
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)
