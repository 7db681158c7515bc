"""The Events page of a system that really runs, over a store with a history, in a real browser of either size."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from pipeline.core.event import Event
from pipeline.core.ids import new_id
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore
from tests.system.accessibility import has_no_faults
from tests.system.browser import browser, console_errors
from tests.system.framewatch import Framewatch
from tests.system.pages import PATIENCE_MS, either_page, endless_mark, on_a_desktop
from tests.web.fake_system import jpeg

__all__ = ["browser", "either_page"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

CONFIG = """\
store: {url: "sqlite:///events.db", media: media}
models:
  general: {type: ./mark_detector.py:MarkDetector}
detect: {fps: 8}
cameras:
  yard:
    friendly_name: The yard
    inputs: [{path: mark.mp4, loop: true}]
    zones:
      middle: {coordinates: "0.3,0,0.7,0,0.7,1,0.3,1", inertia: 2}
  attic: {friendly_name: The attic, inputs: [{path: mark.mp4, loop: true}], pipeline: []}
  shed: {friendly_name: The shed, inputs: [{path: "rtsp://127.0.0.1:9/nothing"}], pipeline: []}
"""
HOUR = 3_600.0


class History:
    """What an earlier run left: `cars` people and cars, an hour's worth each, from yesterday to now."""

    def __init__(self, folder: Path) -> None:
        self._store = EventStore(f"sqlite:///{folder}/events.db")
        self._media = MediaFolder(folder / "media")
        self.now = time.time()

    def write(self, events: Sequence[Event], *, pictures: bool = True) -> None:
        self._store.start()
        for event in events:
            if event.has_snapshot and pictures:
                self._media.write_snapshot(event.id, event.camera, jpeg(shade=hash(event.id) % 200 + 30))
        for done in [self._store.save(event) for event in events]:
            done.result(timeout=20)
        self._store.close()

    def object(self, hours_ago: float, label: str = "person", **given: Any) -> Event:
        at = self.now - hours_ago * HOUR
        event_id = new_id(at)
        plain: dict[str, Any] = {"camera": "yard", "has_snapshot": True, "score": 0.8, "state": "end"}
        plain |= {"started_at": at, "ended_at": at + 90, "label": label, "object_id": event_id}
        return Event(id=event_id, type="object", **(plain | given))


def history(folder: Path) -> None:
    past = History(folder)
    red = past.object(2, "car", attributes={"colour": "red"}, zones=["middle"], ended_at=past.now - 2 * HOUR + 1200)
    entered = Event.instant("zone_enter", camera="yard", at=past.now - 2 * HOUR + 5, zone="middle")
    entered.object_id, entered.label = red.id, "car"
    entered.severity, entered.rules = "alert", ["a red car"]
    people = [past.object(3 + number / 30) for number in range(60)]
    gone = past.object(4, "dog", camera="old_camera", has_snapshot=False)
    away = past.object(6, camera="attic", has_snapshot=False, ended_at=past.now - 5.5 * HOUR)
    away.type, away.label, away.object_id, away.score = "camera_offline", None, None, None
    past.write([red, entered, *people, gone, away, past.object(30, "cat"), past.object(31, "cat")])


@pytest_asyncio.fixture
async def system(tmp_path: Path) -> AsyncIterator[Framewatch]:
    shutil.copy(Path(__file__).with_name("mark_detector.py"), tmp_path)
    endless_mark(tmp_path / "mark.mp4")
    (tmp_path / "cameras.yaml").write_text(CONFIG)
    await asyncio.to_thread(history, tmp_path)
    running = Framewatch("run", "cameras.yaml", folder=tmp_path)
    await asyncio.to_thread(running.__enter__)
    try:
        await asyncio.to_thread(running.until_analysing, "yard")
        yield running
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


def cards(page: Page, title: str | None = None) -> Locator:
    found = page.locator(".card")
    return found if title is None else found.filter(has=page.locator(".card-title", has_text=title))


def chosen(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name, exact=True)


async def choose(page: Page, name: str, value: str) -> None:
    if not await page.locator("#filters").is_visible():
        await page.get_by_text("Filters", exact=True).click()
    await chosen(page, name).select_option(value)


async def hash_of(page: Page) -> str:
    return str(await page.evaluate("location.hash"))


async def test_the_events_page(system: Framewatch, either_page: Page) -> None:
    page, errors = either_page, console_errors(either_page)
    await page.goto(system.url)
    await page.locator("#show-events").focus()
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Events", exact=True, level=1)).to_be_focused()
    await expect(page.locator("fw-live")).to_have_count(0)
    await expect(page.locator("#events-when")).to_have_text("The last 24 hours")
    rows = page.locator(".day-row")
    await expect(rows.locator(".day-name")).to_contain_text(["The yard", "The attic", "The shed", "old_camera"])
    await expect(rows.nth(1).locator('.day-span[data-kind="camera"]')).to_have_count(1)
    await expect(rows.nth(0).locator('.day-mark[data-kind="alert"]')).to_have_count(1)
    await expect(rows.nth(3)).to_contain_text("1 event")
    await _shows_pictures_and_pages(page)
    await has_no_faults(page)
    await _narrows_by_filters_that_are_in_the_address(page)
    await _shows_another_day(page)
    await has_no_faults(page)

    await page.get_by_role("link", name="Back to the cameras").click()
    await expect(page.locator("#events-page")).to_be_hidden()
    await page.wait_for_function("() => document.querySelector('fw-live')?.stats.framesDecoded > 0")
    assert errors == []


async def _shows_pictures_and_pages(page: Page) -> None:
    entered = cards(page, "Car entered middle")
    await expect(entered.locator("img")).to_have_js_property("naturalWidth", 320)
    await expect(entered.locator(".card-severity")).to_be_visible()
    await expect(cards(page, "Car").first).to_be_visible()
    await page.locator("#cards-more").scroll_into_view_if_needed()
    await expect(page.locator("#cards-end")).to_contain_text("events of this time.", timeout=PATIENCE_MS)
    await expect(cards(page, "Dog").locator("svg")).to_have_count(1)
    await expect(cards(page, "Camera went offline").filter(has_text="The attic")).to_have_count(1)
    assert await cards(page, "Person").count() >= 60
    await page.locator("#events-page-title").scroll_into_view_if_needed()


async def _narrows_by_filters_that_are_in_the_address(page: Page) -> None:
    await choose(page, "Attribute", "colour:red")
    await expect(cards(page)).to_have_count(1)
    assert await hash_of(page) == "#events?attribute=colour:red"
    await expect(page.locator(".day-row").first).to_contain_text("1 event")
    await choose(page, "Object", "person")
    await expect(page.locator("#cards-end")).to_have_text("Nothing that fits happened in this time.")
    await page.go_back()
    await expect(cards(page)).to_have_count(1)
    await expect(chosen(page, "Object")).to_have_value("")
    await page.get_by_role("button", name="Clear filters").click()
    await expect(cards(page, "Person").first).to_be_visible()
    await choose(page, "Alert rule", "a red car")
    await expect(page.locator(".card-title")).to_have_text(["Car entered middle"])
    await page.locator('.day-mark[data-kind="alert"]').click()
    await expect(page.locator("#viewer-title")).to_have_text("Car entered middle")
    await has_no_faults(page)
    await page.keyboard.press("Escape")
    await page.reload()
    await expect(page.locator(".card-title")).to_have_text(["Car entered middle"])
    await page.get_by_role("button", name="Clear filters").click()


async def _shows_another_day(page: Page) -> None:
    await page.get_by_role("button", name="Earlier").click()
    await expect(page.get_by_role("button", name="Now")).to_have_attribute("aria-pressed", "false")
    assert (await hash_of(page)).startswith("#events?day=")
    await choose(page, "Object", "cat")
    await page.get_by_role("button", name="Later").click()
    await expect(page.locator("#events-when")).to_have_text("The last 24 hours")
    await expect(page.locator("#cards-end")).to_have_text("Nothing that fits happened in this time.")
    await expect(page.get_by_role("button", name="Later")).to_be_disabled()
    day = time.strftime("%Y-%m-%d", time.localtime(time.time() - 30.5 * HOUR))
    await page.locator("#events-day input").fill(day)
    await expect(cards(page, "Cat").first).to_be_visible()
    await page.get_by_role("button", name="Now").click()
    await page.get_by_role("button", name="Clear filters").click()
    await expect(cards(page, "Person").first).to_be_visible()


@on_a_desktop
async def test_a_part_of_the_day_by_keyboard(system: Framewatch, either_page: Page) -> None:
    page = either_page
    await page.goto(f"{system.url}/#events?label=car")
    await expect(cards(page)).to_have_count(2)
    hours = page.get_by_role("toolbar", name="Only one part of the day").get_by_role("button")
    await hours.first.focus()
    await page.keyboard.press("End")
    await expect(hours.last).to_be_focused()
    two_hours_ago = time.time() - 2 * HOUR
    focused = page.locator(".day-hour:focus")
    while float(await focused.get_attribute("data-after") or 0) > two_hours_ago - 10:
        await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Enter")
    await expect(focused).to_have_attribute("aria-pressed", "true")
    after, before = [float(await focused.get_attribute(f"data-{name}") or 0) for name in ("after", "before")]
    assert f"after={after:.0f}&before={before:.0f}&label=car" in await hash_of(page)
    await expect(cards(page)).to_have_count(2)
    await has_no_faults(page)
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Enter")
    await expect(cards(page)).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(focused).to_have_attribute("aria-pressed", "false")
    assert await hash_of(page) == "#events?label=car"
    await expect(cards(page)).to_have_count(2)


@on_a_desktop
async def test_bars_lead_to_what_they_stand_for(system: Framewatch, either_page: Page) -> None:
    page = either_page
    await page.goto(f"{system.url}/#events?label=dog")
    bar = page.locator(".day-span")
    await bar.click()
    await expect(page.locator("#viewer-title")).to_have_text("Dog")
    await page.keyboard.press("Escape")
    of_the_dog = str(await bar.get_attribute("title"))

    await choose(page, "Object", "car")
    await choose(page, "What happened", "object")
    await expect(bar.first).not_to_have_attribute("title", of_the_dog)
    await expect(bar).to_have_count(1)
    await bar.click()
    await expect(page.locator("#viewer-title")).to_have_text("Car")
    await page.keyboard.press("Escape")
    await choose(page, "Object", "person")
    people = page.locator(".day-span[title*='60 events']")
    await expect(people).to_have_count(1)
    await people.click()
    await expect(page.locator(".day-chosen").first).to_be_attached()
    assert "after=" in await hash_of(page)
    await page.locator("#cards-more").scroll_into_view_if_needed()
    await expect(page.locator("#cards-end")).to_have_text("All 60 events of this time.")
    await page.go_back()
    await expect(page.locator(".day-chosen")).to_have_count(0)


@on_a_desktop
async def test_what_happens_slides_in(system: Framewatch, either_page: Page) -> None:
    page = either_page
    await page.goto(f"{system.url}/#events?type=zone_enter&camera=yard")
    await expect(cards(page, "Person entered middle").first).to_be_visible(timeout=PATIENCE_MS)
    before = await cards(page).count()
    await expect(cards(page)).to_have_count(before + 1, timeout=PATIENCE_MS)
    newest = cards(page).first
    assert "fresh" in str(await newest.get_attribute("class"))
    await expect(newest.locator("img")).to_have_js_property("complete", True)
    titles = await page.locator(".card time").evaluate_all("times => times.map((time) => time.dateTime)")
    assert titles == sorted(titles, reverse=True)


async def test_reviewing_and_deleting(system: Framewatch, either_page: Page, tmp_path: Path) -> None:
    page, errors = either_page, console_errors(either_page)
    await page.goto(f"{system.url}/#events?label=car&reviewed=false")
    await expect(page.locator(".card-title")).to_have_text(["Car entered middle", "Car"])
    car = cards(page).nth(1)
    await car.get_by_role("checkbox").check()
    await expect(page.locator("#picked-count")).to_have_text("1 selected")
    await page.get_by_role("button", name="Mark reviewed").click()
    await expect(page.locator("#events-said")).to_have_text("1 event was marked reviewed.")
    await expect(page.locator(".card-title")).to_have_text(["Car entered middle"])
    await choose(page, "Review", "")
    await expect(car.locator(".card-reviewed")).to_be_visible()

    picture = f"media/**/{await car.get_attribute('data-id')}.jpg"
    assert len([*tmp_path.glob(picture)]) == 1
    await page.get_by_role("button", name="Select all shown").click()
    await page.get_by_role("button", name="Delete…").click()
    await expect(page.get_by_role("heading", name="Delete 2 events?")).to_be_visible()
    await has_no_faults(page)
    await page.get_by_role("button", name="Cancel").click()
    await expect(cards(page)).to_have_count(2)
    await page.get_by_role("button", name="Delete…").click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.locator("#events-said")).to_have_text("2 events were deleted.")
    await expect(cards(page)).to_have_count(0)
    assert [*tmp_path.glob(picture)] == []
    assert system.api.get("/api/v1/events?label=car").json()["events"] == []
    assert errors == []


@on_a_desktop
async def test_one_event_is_seen_to_from_its_large_picture(system: Framewatch, either_page: Page) -> None:
    page = either_page
    await page.goto(f"{system.url}/#events?label=person&type=object")
    ended = cards(page).filter(has=page.locator(".card-detail", has_text="2 min"))
    await ended.first.locator(".card-open").click()
    viewer = page.locator("#viewer")
    await expect(viewer.locator("#viewer-picture img")).to_have_js_property("naturalWidth", 320)

    for name, ending in (("Download the picture", ".jpg"), ("Download the event as JSON", ".json")):
        async with page.expect_download() as started:
            await viewer.get_by_role("link", name=name).click()
        download = await started.value
        assert download.suggested_filename.startswith("yard-person-")
        assert download.suggested_filename.endswith(ending)
    saved = json.loads(Path(await download.path()).read_text())
    assert (saved["label"], saved["reviewed"]) == ("person", False)

    await viewer.get_by_role("button", name="Mark as reviewed").click()
    await expect(viewer.get_by_role("button", name="Reviewed: mark as not reviewed")).to_be_visible()
    await viewer.get_by_role("button", name="Pin: keep it, however old it gets").click()
    await expect(viewer.get_by_role("button", name="Pinned: let it go when it gets old")).to_be_visible()
    await expect(page.locator(f'[data-id="{saved["id"]}"] .card-pinned')).to_be_visible()
    assert system.api.get(f"/api/v1/events/{saved['id']}").json()["pinned"] is True
    await has_no_faults(page)
    await viewer.get_by_role("button", name="Delete").click()
    await page.locator("#confirm").get_by_role("button", name="Delete").click()
    await expect(viewer).to_be_hidden()
    assert system.api.get(f"/api/v1/events/{saved['id']}").status_code == 404
    await expect(page.locator(f'[data-id="{saved["id"]}"]')).to_have_count(0)


@on_a_desktop
async def test_what_goes_on_is_not_deleted(system: Framewatch, either_page: Page) -> None:
    page = either_page
    await page.goto(f"{system.url}/#events?camera=shed")
    away = cards(page)
    await expect(away.locator(".card-detail")).to_contain_text("The shed · since", timeout=PATIENCE_MS)
    await away.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Delete…").click()
    await page.locator("#confirm").get_by_role("button", name="Delete").click()
    await expect(page.locator("#events-said")).to_have_text("0 events were deleted. 1 still goes on and was left.")
    await away.locator(".card-open").click()
    await expect(page.locator("#viewer-delete")).to_be_disabled()


@on_a_desktop
async def test_a_card_does_as_its_keys_say(system: Framewatch, either_page: Page) -> None:
    page = either_page
    await page.goto(f"{system.url}/#events?label=car")
    await expect(cards(page)).to_have_count(2)
    entered, car = cards(page).nth(0), cards(page).nth(1)
    await car.locator(".card-open").focus()
    await page.keyboard.press("x")
    await expect(page.locator("#picked-count")).to_have_text("1 selected")
    await page.keyboard.press("r")
    await expect(car.locator(".card-reviewed")).to_be_visible()
    for is_pinned in (True, False):
        await page.keyboard.press("p")
        await expect(car.locator(".card-pinned")).to_be_visible(visible=is_pinned)
    await page.keyboard.press("Delete")
    await page.keyboard.press("Escape")
    await expect(cards(page)).to_have_count(2)
    await page.keyboard.press("Delete")
    await page.locator("#confirm").get_by_role("button", name="Delete").click()
    await expect(page.locator(".card-title")).to_have_text(["Car entered middle"])
    await expect(entered.locator(".card-open")).to_be_focused()
    await expect(page.locator("#picked-count")).to_have_text("")
