"""A camera's page over a fake system: how one comes there, what it says, and what a viewer may switch off."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from prometheus_client import CollectorRegistry

from pipeline.alerts.profiles import ProfileSwitch
from pipeline.alerts.settings import Settings
from pipeline.alerts.snoozes import Snoozes
from pipeline.alerts.switches import Switches
from pipeline.core.clock import SystemClock
from pipeline.core.line_count import LineCount
from pipeline.store.audit import AuditLog
from pipeline.store.store import EventStore
from sinks.web.areas import areas_router
from sinks.web.server import WebServer, create_app
from sinks.web.switches import switches_router
from sinks.web.whep import create_whep
from tests.system.accessibility import has_no_faults
from tests.system.browser import browser, console_errors
from tests.system.clips import moving_mark
from tests.system.pages import a_page
from tests.web.fake_system import FakeSystem, offline, online
from tests.web.live_system import Clip, Player
from tests.web.test_areas import File

__all__ = ["browser"]

pytestmark = pytest.mark.system

PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return Clip(moving_mark(tmp_path_factory.mktemp("clip") / "mark.ts", seconds=2, size=(640, 360)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(f"sqlite:///{tmp_path}/events.db")
    store.start()
    yield store
    store.close()


@pytest.fixture
def system(store: EventStore, clip: Clip) -> Iterator[FakeSystem]:
    lobby = msgspec.structs.replace(online("lobby", "The lobby"), decoder="software", last_error="a frame was broken")
    system = FakeSystem([lobby, offline("back yard", "unreachable: is it on?")], store)
    system.line_counts["lobby"] = LineCount({"person": {"in": 12, "out": 9}}, 1_700_000_000.0)
    with Player(clip, system.hubs["lobby"]):
        yield system


@pytest.fixture
def file() -> File:
    file = File()
    file.not_writable = "this is the demo, whose configuration comes with Framewatch"
    return file


@pytest_asyncio.fixture
async def url(system: FakeSystem, store: EventStore, file: File, tmp_path: Path) -> AsyncIterator[str]:
    whep, clock, settings = create_whep(system), SystemClock(), Settings(store)
    profiles, snoozes = ProfileSwitch({}, settings, clock), Snoozes(settings, clock)
    switches = Switches(profiles, snoozes, ["night"], lambda: system.statuses, AuditLog(store, clock).note)
    app = create_app(
        system,
        store,
        metrics=CollectorRegistry(),
        auth_token=None,
        version="1.2.3",
        validate_config=lambda text: [],
        config_schema=dict,
        snapshot_path=lambda event_id: tmp_path / f"{event_id}.jpg",
        places=whep.audience.places,
        routers=[whep.router, areas_router(system, file), switches_router(switches, clock)],
    )
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    yield server.url
    await server.stop()
    await whep.close()


@pytest_asyncio.fixture(params=["desktop", "phone"])
async def page(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    """Dark and wide, or light and narrow."""
    narrow = request.param == "phone"
    async with a_page(
        browser, narrow=narrow, has_touch=narrow, permissions=["clipboard-read", "clipboard-write"]
    ) as page:
        yield page


async def test_from_the_wall_and_back(url: str, page: Page) -> None:
    errors = console_errors(page)
    await page.goto(url)
    tile = page.locator('#grid [data-camera="lobby"]')
    await tile.focus()

    await tile.get_by_role("link", name="Camera page").press("Enter")

    await expect(page.get_by_role("heading", name="The lobby", exact=True)).to_be_focused()
    await expect(page.get_by_role("main")).to_have_count(1)
    await page.wait_for_function("() => document.querySelector('#camera fw-live')?.stats.framesDecoded > 0")
    await expect(page.locator("fw-live")).to_have_count(1)
    health = page.locator("#camera .camera-facts")
    await expect(health).to_contain_text("Crossed doorperson 12 in, 9 out, since ")
    for fact in ["State\nOnline", "84 ms, 95 % at most 161 ms", "frames 3", "software", "a frame was broken"]:
        await expect(health).to_contain_text(fact.replace("\n", ""))
    await expect(page.locator("#camera .camera-inputs")).to_contain_text("rtsp://10.0.0.5/lobby")
    await has_no_faults(page)

    await page.keyboard.press("Escape")
    await expect(page.locator("#camera")).to_be_hidden()
    await expect(tile).to_be_focused()
    assert errors == []


async def test_a_camera_that_is_away_and_one_that_is_not_there(url: str, page: Page) -> None:
    await page.goto(f"{url}/#camera/back%20yard")
    await expect(page.locator("#camera .camera-state")).to_have_text("Offline")
    await expect(page.locator("#camera .tile-note")).to_contain_text("Unreachable: is it on?")
    await has_no_faults(page)

    await page.evaluate("location.hash = '#camera/attic'")
    await expect(page.locator("#camera .camera-trouble")).to_contain_text("There is no camera 'attic'")
    await expect(page.locator("#camera .camera-body")).to_be_hidden()
    await page.get_by_role("link", name="Back to the cameras").click()
    await expect(page.locator("#grid .tile:visible")).to_have_count(2)


async def test_its_alerts_are_snoozed_and_woken(url: str, page: Page) -> None:
    await page.goto(f"{url}/#camera/lobby")
    choice = page.get_by_label("Snooze The lobby")
    await choice.select_option("15 minutes")
    alerts = page.get_by_role("region", name="Alerts")
    await expect(alerts).to_contain_text("15 min more")
    await has_no_faults(page)

    await page.evaluate("location.hash = '#camera/back%20yard'")
    await expect(page.get_by_label("Snooze Back yard")).to_be_visible()
    await expect(alerts).not_to_contain_text("more")
    await page.go_back()
    await page.get_by_role("button", name="Wake The lobby").press("Enter")
    await expect(alerts).not_to_contain_text("more")
    await expect(choice).to_be_focused()


async def test_layers_are_switched_and_remembered(url: str, page: Page) -> None:
    await page.goto(f"{url}/#camera/lobby")
    live = page.locator("#camera fw-live")
    await expect(live).to_have_attribute("without", "")

    await page.get_by_role("checkbox", name="Labels").uncheck()
    await page.get_by_role("checkbox", name="Trails").uncheck()

    await expect(live).to_have_attribute("without", "labels trails")
    await page.reload()
    await expect(live).to_have_attribute("without", "labels trails")
    await expect(page.get_by_role("checkbox", name="Labels")).not_to_be_checked()
    await page.get_by_role("checkbox", name="Labels").check()
    await expect(live).to_have_attribute("without", "trails")


async def test_where_nothing_can_be_saved_it_can_be_copied(url: str, page: Page) -> None:
    await page.goto(f"{url}/#camera/lobby")
    await page.get_by_role("button", name="Edit zones and lines").click()

    panel = page.locator(".areas")
    await expect(panel).to_contain_text("Nothing can be saved here: this is the demo")
    await expect(panel.get_by_role("button", name="Save")).to_be_hidden()
    await panel.get_by_role("button", name=re.compile("entrance")).click()
    await panel.get_by_label("Name").fill("porch")
    await panel.get_by_role("button", name="Copy YAML").click()

    await expect(panel.get_by_role("status")).to_have_text("Copied. It belongs into the configuration's file.")
    assert await page.evaluate("navigator.clipboard.readText()") == "lobby: ['porch'] ['door']\n"
    await expect(panel.get_by_label("Zones and lines as YAML")).to_have_value("lobby: ['porch'] ['door']\n")
    await has_no_faults(page)


async def test_a_shape_is_dragged_as_a_whole_and_stays_in_the_picture(url: str, page: Page) -> None:
    await page.goto(f"{url}/#camera/lobby")
    await page.get_by_role("button", name="Edit zones and lines").click()
    panel, sketch = page.locator(".areas"), page.locator(".sketch")
    await expect(sketch.locator('[data-kind="zone"]')).to_have_count(1)
    box = await sketch.bounding_box()
    assert box is not None
    middle = (box["x"] + 0.5 * box["width"], box["y"] + 0.7 * box["height"])

    await page.mouse.move(*middle)
    await page.mouse.down()
    await expect(panel.get_by_role("button", name=re.compile("entrance"))).to_have_attribute("aria-pressed", "true")
    await page.mouse.move(middle[0], middle[1] - 0.1 * box["height"])
    await page.mouse.move(middle[0] - 0.5 * box["width"], middle[1] - 0.2 * box["height"])
    await page.mouse.up()

    corner = page.get_by_role("button", name="Corner 1 of 3 of entrance")
    await expect(corner).to_have_accessible_name(re.compile(": 0.0 % from the left, (29|30|31).* from the top"))
    await panel.get_by_role("button", name="Undo").click()
    await expect(corner).to_have_accessible_name(re.compile(": 10.0 % from the left, 50.0 % from the top"))
    await page.mouse.click(box["x"] + 5, box["y"] + 5)
    await expect(panel.get_by_role("button", name=re.compile("entrance"))).to_have_attribute("aria-pressed", "false")


async def test_what_was_not_saved_is_there_again(url: str, page: Page) -> None:
    await page.goto(f"{url}/#camera/lobby")
    await page.get_by_role("button", name="Edit zones and lines").click()
    panel = page.locator(".areas")
    await panel.get_by_role("button", name=re.compile("door")).click()
    await panel.get_by_role("button", name="Delete line").click()
    await expect(panel.get_by_role("button", name=re.compile("door"))).to_have_count(0)

    await page.evaluate("location.hash = ''")
    await expect(page.locator("#camera")).to_be_hidden()
    await page.evaluate("location.hash = '#camera/lobby'")

    await expect(panel.get_by_role("button", name=re.compile("entrance"))).to_be_visible()
    await expect(panel.get_by_role("button", name=re.compile("door"))).to_have_count(0)
    await panel.get_by_role("button", name="Undo").click()
    await expect(panel.get_by_role("button", name=re.compile("door"))).to_be_visible()
    await panel.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("button", name="Edit zones and lines")).to_be_focused()
