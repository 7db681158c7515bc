"""Zones and lines drawn in a real browser over a system that really runs: tried, saved, at work, changed and gone."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from pipeline.config import load
from tests.system.accessibility import has_no_faults
from tests.system.browser import browser, console_errors
from tests.system.framewatch import Framewatch, wait_for
from tests.system.pages import a_page
from tests.system.rtsp import RtspServer

__all__ = ["browser"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

PATIENCE_MS = 30_000
on_a_desktop = pytest.mark.parametrize("page", ["desktop"], indirect=True)
CONFIG = """\
# My cameras, kept by hand.
models:
  general: {{type: ./mark_detector.py:MarkDetector}}  # needs no weights
detect: {{fps: 5}}

cameras:
  lane:
    friendly_name: The lane  # behind the house
    inputs:
      - path: "{url}"
    # What is watched:
    lines:
      gate: {{from: [0.1, 0.1], to: [0.9, 0.1]}}  # above everything
"""
MIDDLE = [(0.3, 0.3), (0.7, 0.3), (0.7, 0.8), (0.3, 0.8)]
"""The mark goes to and fro through the middle of the picture."""


@pytest_asyncio.fixture
async def system(tmp_path: Path, rtsp_server: Callable[..., RtspServer], mark_clip: Path) -> AsyncIterator[Framewatch]:
    shutil.copy(Path(__file__).with_name("mark_detector.py"), tmp_path)
    (tmp_path / "cameras.yaml").write_text(CONFIG.format(url=rtsp_server({"lane": mark_clip}).url("lane")))
    running = Framewatch("run", "cameras.yaml", folder=tmp_path)
    await asyncio.to_thread(running.__enter__)
    try:
        await asyncio.to_thread(running.until_analysing, "lane")
        yield running
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cameras.yaml"


@pytest_asyncio.fixture(params=["desktop", "phone"])
async def page(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    """Dark and wide with a mouse, or light and narrow with a finger."""
    narrow = request.param == "phone"
    async with a_page(browser, narrow=narrow, has_touch=narrow, is_mobile=narrow) as page:
        yield page


async def test_a_zone_is_drawn_tried_saved_changed_and_taken_away(system: Framewatch, page: Page, file: Path) -> None:
    before = file.read_text()
    errors = console_errors(page)
    panel = await edited(system, page)
    await panel.get_by_role("button", name="Draw a zone").click()
    for point in MIDDLE:
        await touch(page, point)
    await expect(page.locator(".sketch .point")).to_have_count(4)
    await panel.get_by_role("button", name="Close the zone").click()

    await panel.get_by_label("Name").fill("crossing")
    zone = panel.get_by_role("button", name=re.compile("crossing"))
    await expect(zone).to_contain_text(re.compile(r"1 inside · [1-9]\d* entered"), timeout=PATIENCE_MS)
    await expect(page.locator(".anchor.lit")).to_have_count(1, timeout=PATIENCE_MS)
    assert not system.api.get("/api/v1/events?zone=crossing&type=zone_enter").json()["events"]
    await has_no_faults(page)

    await saved(panel)
    written = file.read_text()
    assert all(line in written for line in before.splitlines() if "#" in line), "every comment is kept"
    assert (drawn := written_areas(file)["zones"]["crossing"]).keys() == {"coordinates"}
    assert [tuple(point) for point in drawn["coordinates"]] == [pytest.approx(point, abs=0.01) for point in MIDDLE]
    assert any(copy.read_text() == before for copy in file.parent.glob("cameras.yaml?*")), "the text before is kept"
    entered = await asyncio.to_thread(wait_for, lambda: events(system, "zone_enter", zone="crossing"), 30)
    assert entered[0]["camera"] == "lane"  # type: ignore[index]
    assert "crossing" in await marks(page)

    await drag(page, panel, zone, (0.7, 0.8), (0.7, 0.95))
    await panel.get_by_label("Frames inside to enter").fill("2")
    await saved(panel)
    changed = written_areas(file)["zones"]["crossing"]
    assert changed["inertia"] == 2
    assert changed["coordinates"][2] == pytest.approx([0.7, 0.95], abs=0.02)
    plan = system.camera("lane")["plan"]["zones"]["crossing"]
    assert plan["inertia"] == 2, "what runs has been told"

    await panel.get_by_role("button", name="Delete zone").click()
    await saved(panel)
    assert file.read_text() == before, "nothing of it is left, and nothing else has changed"
    assert "crossing" not in system.camera("lane")["plan"]["zones"]
    assert errors == []


@on_a_desktop
async def test_a_line_is_drawn_by_keys_alone(system: Framewatch, page: Page, file: Path) -> None:
    panel = await edited(system, page)
    await panel.get_by_role("button", name="Draw a line").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".sketch")).to_be_focused()
    await press(page, "ArrowUp", 30)
    await page.keyboard.press("Space")
    await press(page, "ArrowDown", 60)
    await page.keyboard.press("Space")

    name = panel.get_by_label("Name")
    await name.focus()
    await name.fill("middle")
    line = panel.get_by_role("button", name=re.compile("middle"))
    await expect(line).to_contain_text(re.compile(r"[1-9]\d* left · [1-9]\d* right"), timeout=PATIENCE_MS)
    start, end = (page.get_by_role("button", name=re.compile(f"{which} of middle")) for which in ("Start", "End"))
    await expect(start).to_have_accessible_name("Start of middle: 50.0 % from the left, 20.0 % from the top")
    await name.press("Escape")
    await expect(line).to_be_focused()
    await line.press("Enter")
    await expect(start).to_be_focused()
    await page.keyboard.press("Tab")
    await press(page, "ArrowRight", 2)
    await press(page, "Shift+ArrowRight", 5)
    await expect(end).to_have_accessible_name("End of middle: 52.5 % from the left, 80.0 % from the top")
    await expect(end).to_be_focused()
    await page.keyboard.press("Control+z")
    await expect(end).to_have_accessible_name("End of middle: 50.0 % from the left, 80.0 % from the top")
    await panel.get_by_label("Which way counts").select_option("left")
    await panel.get_by_role("button", name="Flip direction").press("Enter")
    await panel.get_by_role("button", name="Save").press("Enter")

    await expect(panel.get_by_role("status")).to_contain_text("Saved.")
    assert written_areas(file)["lines"]["middle"] == {"from": [0.5, 0.8], "to": [0.5, 0.2], "direction": "left"}
    crossed = await asyncio.to_thread(wait_for, lambda: events(system, "line_cross"), 30)
    assert {(event["line"], event["direction"]) for event in crossed} == {("middle", "left")}  # type: ignore[attr-defined]
    await page.keyboard.press("Escape")
    await panel.get_by_role("button", name="Close").press("Enter")
    await expect(page.get_by_role("button", name="Edit zones and lines")).to_be_focused()


@on_a_desktop
async def test_corners_come_and_go_by_keys(system: Framewatch, page: Page) -> None:
    panel = await edited(system, page)
    await panel.get_by_role("button", name="Draw a zone").press("Enter")
    for key in ["ArrowLeft", "ArrowDown", "ArrowRight"]:
        await page.keyboard.press("Space")
        await press(page, key, 10)
    await page.keyboard.press("Backspace")
    await page.keyboard.press("Enter")
    await expect(page.locator(".sketch")).to_be_focused()  # two corners are no zone
    await press(page, "ArrowRight", 5)
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")

    corners = page.get_by_role("group", name="Corners of zone").get_by_role("button")
    await expect(corners).to_have_count(3)
    await corners.nth(1).focus()
    await page.keyboard.press("Insert")
    await expect(corners).to_have_count(4)
    await expect(corners.nth(2)).to_be_focused()
    await page.keyboard.press("Delete")
    await expect(corners).to_have_count(3)
    await page.keyboard.press("Delete")
    await expect(corners).to_have_count(3)  # at least
    await panel.get_by_role("button", name="Draw a zone").press("Enter")
    await page.keyboard.press("Space")
    await page.keyboard.press("Escape")
    await expect(panel.get_by_role("button", name="Draw a zone")).to_be_focused()
    await expect(panel.get_by_role("listitem")).to_have_count(2)


@pytest.mark.parametrize("page", ["phone"], indirect=True)
async def test_fingers_drag_and_press_long(system: Framewatch, page: Page) -> None:
    panel = await edited(system, page)
    await panel.get_by_role("button", name="Draw a zone").tap()
    for point in [*MIDDLE, MIDDLE[0]]:
        await touch(page, point)
    corners = page.get_by_role("group", name="Corners of zone").get_by_role("button")
    await expect(corners).to_have_count(4)
    finger = await page.context.new_cdp_session(page)

    async def feel(kind: str, *places: tuple[float, float]) -> None:
        points = [dict(zip("xy", place, strict=True)) for place in places]
        await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    start, between, end = [await on_screen(page, point) for point in [(0.7, 0.3), (0.8, 0.25), (0.9, 0.2)]]
    await asyncio.gather(feel("touchStart", start), feel("touchMove", between), feel("touchMove", end))  # no long press
    await feel("touchEnd")
    await expect(corners.nth(1)).to_have_accessible_name(re.compile(r"90\.\d % from the left, 20\.\d % from the top"))
    await feel("touchStart", end)
    await expect(corners).to_have_count(3)
    await feel("touchEnd")
    await panel.get_by_role("button", name="Undo").tap()
    await expect(corners).to_have_count(4)


@on_a_desktop
async def test_what_is_wrong_is_said_where_it_is(system: Framewatch, page: Page, file: Path) -> None:
    panel = await edited(system, page)
    await panel.get_by_role("button", name=re.compile("gate")).click()
    await panel.get_by_text("Attributes", exact=True).click()
    await panel.get_by_label(re.compile("One a line")).fill("colour: red")
    await panel.get_by_label("Name").fill("the gate")
    await expect(panel.get_by_text("Wanted letters, digits, _ and -.")).to_be_visible()
    await expect(panel.get_by_role("button", name="Save")).to_be_disabled()
    await panel.get_by_label("Name").fill("gate")
    before = file.read_text()

    await panel.get_by_role("button", name="Save").click()

    problem = panel.locator('[data-problem="attributes"]')
    await expect(problem).to_contain_text("wanted", ignore_case=True)
    await expect(panel.get_by_label(re.compile("One a line"))).to_have_attribute("aria-invalid", "true")
    await expect(panel.get_by_role("alert")).to_contain_text("Nothing was saved")
    assert file.read_text() == before
    await has_no_faults(page)


@on_a_desktop
async def test_two_who_edit_do_not_overwrite_each_other(system: Framewatch, page: Page, file: Path) -> None:
    panel = await edited(system, page)
    await panel.get_by_role("button", name=re.compile("gate")).click()
    await panel.get_by_label("Name").fill("mine")
    file.write_text(file.read_text().replace("gate: {", "theirs: {"))

    await panel.get_by_role("button", name="Save").click()
    await expect(panel.get_by_role("alert")).to_contain_text("Somebody else changed these zones and lines")
    assert written_areas(file)["lines"].keys() == {"theirs"}
    await panel.get_by_role("button", name="Take theirs").click()
    await expect(panel.get_by_role("button", name=re.compile("theirs"))).to_be_visible()
    await panel.get_by_role("button", name="Undo").click()
    await panel.get_by_role("button", name="Save").click()
    await expect(panel.get_by_role("status")).to_contain_text("Saved.")
    assert written_areas(file)["lines"].keys() == {"mine"}


async def edited(system: Framewatch, page: Page) -> Locator:
    """The editor's panel, once the picture is live."""
    await page.goto(f"{system.url}/#camera/lane")
    await page.wait_for_function("() => document.querySelector('#camera fw-live')?.stats.framesDecoded > 0")
    await page.get_by_role("button", name="Edit zones and lines").click()
    panel = page.locator(".areas")
    await expect(panel.get_by_role("button", name=re.compile("gate"))).to_be_visible(timeout=PATIENCE_MS)
    return panel


async def touch(page: Page, point: tuple[float, float]) -> None:
    """With what the page's user has: a finger or a mouse."""
    x, y = await on_screen(page, point)
    if await page.evaluate("matchMedia('(pointer: coarse)').matches"):
        await page.touchscreen.tap(x, y)
    else:
        await page.mouse.click(x, y)


async def drag(page: Page, panel: Locator, zone: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Takes the corner at `start` to `end`."""
    if await zone.get_attribute("aria-pressed") == "false":
        await zone.click()
    (x1, y1), (x2, y2) = await on_screen(page, start), await on_screen(page, end)
    await page.mouse.move(x1, y1)
    await page.mouse.down()
    await page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2)
    await page.mouse.move(x2, y2)
    await page.mouse.up()


async def on_screen(page: Page, point: tuple[float, float]) -> tuple[float, float]:
    await page.locator(".sketch").scroll_into_view_if_needed()
    box = await page.locator(".sketch").bounding_box()
    assert box is not None
    return box["x"] + point[0] * box["width"], box["y"] + point[1] * box["height"]


async def press(page: Page, key: str, times: int) -> None:
    for _ in range(times):
        await page.keyboard.press(key)


async def saved(panel: Locator) -> None:
    await panel.get_by_role("button", name="Save").click()
    await expect(panel.get_by_role("status")).to_contain_text("Saved.", timeout=PATIENCE_MS)


async def marks(page: Page) -> list[str]:
    """The texts of what the next result has drawn in, counts left out."""
    texts: list[str] = await page.evaluate(
        """() => new Promise((resolve) => document.querySelector("#camera fw-live").addEventListener("result",
            ({ detail }) => resolve(detail.marks.map(({ text }) => text.split(":")[0])), { once: true }))"""
    )
    return texts


def events(system: Framewatch, type: str, **filters: str) -> list[dict[str, Any]]:
    answer = system.api.get("/api/v1/events", params={"type": type, **filters})
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


def written_areas(file: Path) -> dict[str, Any]:
    """What the file says, as a start would take it."""
    camera = load(file).cameras["lane"].camera
    return camera.model_dump(mode="json", by_alias=True, exclude_unset=True, include={"zones", "lines"})
