"""A camera is added from the page: found, looked at, saved, and on the wall without a restart."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from pipeline.config import load
from tests.sources.onvif_device import Device, onvif
from tests.system.accessibility import has_no_faults
from tests.system.browser import browser, console_errors
from tests.system.clips import moving_mark
from tests.system.framewatch import Framewatch
from tests.system.pages import a_page
from tests.system.rtsp import RtspServer

__all__ = ["browser"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

PATIENCE_MS = 60_000
PLAYS = """() => document.querySelector('.tile[data-camera="tur_vorn"] fw-live').stats.framesDecoded > 0"""
CONFIG = """\
# mine
pipeline: [motion]
cameras:
  street: {friendly_name: A street, inputs: [{path: demo}]}   # shows nothing
"""
USER, PASSWORD = "admin", "open/ses@me"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {
        "stream1": moving_mark(folder / "main.mp4", seconds=4, size=(1280, 720)),
        "stream2": moving_mark(folder / "sub.mp4", seconds=4, size=(640, 360)),
    }


@pytest.fixture
def camera(rtsp_server: Callable[..., RtspServer], clips: dict[str, Path]) -> Iterator[RtspServer]:
    """Two streams as TP-Link's have them, behind a password."""
    yield rtsp_server(clips, credentials=(USER, PASSWORD))


@pytest_asyncio.fixture
async def system(tmp_path: Path) -> AsyncIterator[Framewatch]:
    (tmp_path / "cameras.yaml").write_text(CONFIG)
    running = Framewatch("run", "cameras.yaml", folder=tmp_path)
    await asyncio.to_thread(running.__enter__)
    try:
        yield running
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


@pytest_asyncio.fixture(params=["desktop", "phone"])
async def page(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    async with a_page(browser, narrow=request.param == "phone") as page:
        yield page


async def test_a_camera_is_added_by_its_address(
    system: Framewatch, camera: RtspServer, page: Page, tmp_path: Path
) -> None:
    errors = console_errors(page)
    await page.goto(system.url)
    await page.get_by_role("link", name="Add a camera").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Add a camera")).to_be_focused()
    await has_no_faults(page)

    await page.get_by_label("Address").fill(f"rtsp://127.0.0.1:{camera.port}/stream1")
    await page.get_by_role("button", name="Look").click()
    await expect(page.locator("#add-look-trouble")).to_contain_text("User or password are wrong", timeout=PATIENCE_MS)
    await has_no_faults(page)
    assert [error for error in errors if "502 (Bad Gateway)" not in error] == []
    errors.clear()

    await page.get_by_label("User").fill(USER)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="What it shows")).to_be_focused(timeout=PATIENCE_MS)
    await page.wait_for_function("() => document.getElementById('add-picture').naturalWidth === 960")
    await expect(page.locator("#add-facts")).to_contain_text("1280x720")
    await expect(page.get_by_label("Analyse its smaller stream (640×360)")).to_be_checked()
    await page.get_by_label("Name").fill("Tür vorn")
    await expect(page.locator("#add-key")).to_have_text("In the configuration: tur_vorn")
    await page.get_by_role("button", name="Show the lines for the file").click()
    await expect(page.locator("#add-lines-text")).to_contain_text("USER:PASSWORD@127.0.0.1")
    await has_no_faults(page)
    await page.screenshot(path=tmp_path / "look.png", full_page=True)

    await page.get_by_role("button", name="Add camera").click()
    tile = page.locator('.tile[data-camera="tur_vorn"]')
    await expect(tile).to_have_attribute("data-state", "online", timeout=PATIENCE_MS)
    await expect(tile).to_contain_text("Tür vorn")
    await page.wait_for_function(PLAYS)
    await page.screenshot(path=tmp_path / "wall.png")
    assert errors == []

    text = (tmp_path / "cameras.yaml").read_text()
    assert text.startswith(CONFIG) and "ses" not in text
    added = load(tmp_path / "cameras.yaml").cameras["tur_vorn"]
    assert [each.roles for each in added.inputs] == [("record", "live"), ("detect",)]
    await asyncio.to_thread(system.until_analysing, "tur_vorn")
    assert [each["name"] for each in system.api.get("/api/v1/system").json()["cameras"]] == ["street", "tur_vorn"]
    said = "\n".join([*system.lines, *system.errors, system.api.get("/api/v1/system/log").text])
    assert "ses@me" not in said and "ses%40me" not in said


async def test_a_camera_of_the_network(system: Framewatch, camera: RtspServer, page: Page, tmp_path: Path) -> None:
    """What answered is given: multicast to loopback is tests/sources/test_onvif.py's. The rest is asked of a device."""
    streams = {
        "small": (640, 360, f"rtsp://127.0.0.1:{camera.port}/stream2"),
        "large": (1280, 720, f"rtsp://127.0.0.1:{camera.port}/stream1"),
    }
    with onvif(Device(streams, user=USER, password=PASSWORD)) as device:
        found = {
            "cameras": [
                {"host": "127.0.0.1", "service": device.service, "name": "Front door", "maker": "", "model": "M7"}
            ]
        }
        await page.route("**/api/v1/discover", lambda route: route.fulfill(json=found))
        await page.goto(f"{system.url}/#add")
        await page.get_by_role("button", name="Find cameras on this network").click()
        await page.get_by_label("Front door · M7").check()
        await expect(page.get_by_label("User")).to_be_focused()
        await page.keyboard.type(USER)
        await page.get_by_label("Password").fill(PASSWORD)
        await has_no_faults(page)
        await page.screenshot(path=tmp_path / "found.png", full_page=True)
        await page.get_by_role("button", name="Look at 127.0.0.1").click()
        await expect(page.get_by_label("Analyse its smaller stream (640×360)")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_label("Name")).to_have_value("Front door · M7")
    await page.get_by_label("Name").fill("street")
    await page.get_by_role("button", name="Add camera").click()
    await expect(page.locator("#add-save-trouble")).to_contain_text("a camera that is there already")
    await page.get_by_label("Name").fill("Front door")
    await page.get_by_role("button", name="Add camera").click()
    await expect(page.locator('.tile[data-camera="front_door"]')).to_have_attribute(
        "data-state", "online", timeout=PATIENCE_MS
    )


async def test_the_demo_shows_lines_to_copy(page: Page, camera: RtspServer, tmp_path: Path) -> None:
    running = Framewatch("run", "--source", "demo", folder=tmp_path)
    await asyncio.to_thread(running.__enter__)
    try:
        await page.goto(f"{running.url}/#add")
        await expect(page.locator("#add-locked")).to_contain_text("started without a configuration file")
        await page.get_by_label("Address").fill(f"rtsp://{USER}:open%2Fses%40me@127.0.0.1:{camera.port}/stream2")
        await page.get_by_role("button", name="Look").click()
        await page.get_by_role("button", name="Show the lines for the file").click(timeout=PATIENCE_MS)
        await expect(page.locator("#add-lines-text")).to_contain_text("path: !secret 127_0_0_1")
        await expect(page.get_by_role("button", name="Add camera")).to_be_hidden()
        await has_no_faults(page)
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)
