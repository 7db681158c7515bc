"""The order of the cameras on the wall: dragged, moved by keys, kept, and reset, in a real browser."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from pipeline.store.store import EventStore
from tests.system.browser import browser, console_errors, page
from tests.system.test_dashboard import Site, clip, site, store
from tests.web.fake_system import FakeSystem, online
from tests.web.live_system import Clip, Player

__all__ = ["browser", "clip", "page", "site", "store"]

pytestmark = pytest.mark.system

CONFIGURED = ["gate", "hall", "yard", "attic"]
LIVE = "(count) => [...document.querySelectorAll('fw-live')].filter((each) => each.state === 'live').length === count"
FRAMES = (
    "[...document.querySelectorAll('fw-live')].map((each) => [each.getAttribute('camera'), each.stats.framesDecoded])"
)


@pytest.fixture
def system(store: EventStore, clip: Clip) -> Iterator[FakeSystem]:
    system = FakeSystem([online(name) for name in ("new", *CONFIGURED)], store)
    del system.statuses["new"]
    with Player(clip, *system.hubs.values()):
        yield system


@pytest_asyncio.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.set_default_timeout(20_000)
    try:
        yield await context.new_page()
    finally:
        await context.close()


def tile(page: Page, name: str) -> Locator:
    return page.locator(f'.tile[data-camera="{name}"]')


async def has_order(page: Page, *names: str) -> None:
    """In the document and on the screen."""
    await expect(page.locator(".tile .tile-name")).to_have_text([name.title() for name in names])
    places = await page.locator(".tile").evaluate_all(
        """tiles => tiles.map((tile) => [tile.dataset.camera, tile.getBoundingClientRect()])
            .sort(([, one], [, other]) => one.top - other.top || one.left - other.left).map(([name]) => name)"""
    )
    assert places == list(names)


async def middle(locator: Locator) -> tuple[float, float]:
    box = await locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def drag(page: Page, name: str, to: str, *, drop: bool = True) -> None:
    await page.mouse.move(*await middle(tile(page, name)))
    await page.mouse.down()
    await page.mouse.move(*await middle(tile(page, to)), steps=12)
    if drop:
        await page.mouse.up()


async def test_a_tile_that_is_dragged_stays_where_it_was_put(site: Site, page: Page) -> None:
    errors = console_errors(page)
    await page.goto(await site.start())
    await page.wait_for_function(LIVE, arg=len(CONFIGURED))
    before = dict(await page.evaluate(FRAMES))

    await drag(page, "attic", "gate")

    await has_order(page, "attic", "gate", "hall", "yard")
    await expect(page.locator("#moved")).to_have_text("Attic: place 1 of 4")
    after = dict(await page.evaluate(FRAMES))
    assert all(after[name] >= before[name] for name in CONFIGURED), "what played plays on"
    await page.reload()
    await expect(page.locator(".tile")).to_have_count(4)
    await has_order(page, "attic", "gate", "hall", "yard")
    assert errors == []


async def test_escape_puts_it_back(site: Site, page: Page) -> None:
    await page.goto(await site.start())
    await expect(page.locator(".tile")).to_have_count(4)
    await drag(page, "gate", "attic", drop=False)
    assert await tile(page, "gate").evaluate("tile => tile.style.order") == "3"
    await page.keyboard.press("Escape")
    await page.mouse.up()
    await has_order(page, *CONFIGURED)


async def test_a_finger_scrolls_unless_it_rests_first(site: Site, phone: Page) -> None:
    await phone.goto(await site.start())
    await expect(phone.locator(".tile")).to_have_count(4)
    touch = await phone.context.new_cdp_session(phone)
    start, end = await middle(tile(phone, "gate")), await middle(tile(phone, "yard"))

    async def moved(*, after_ms: int) -> None:
        await touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point(start)]})
        await phone.wait_for_timeout(after_ms)
        for step in range(1, 11):
            at = tuple(a + (b - a) * step / 10 for a, b in zip(start, end, strict=True))
            await touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point(at)]})
            await phone.wait_for_timeout(20)
        await touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def point(at: tuple[float, ...]) -> dict[str, float]:
        return {"x": at[0], "y": at[1]}

    await moved(after_ms=0)
    await has_order(phone, *CONFIGURED)
    await moved(after_ms=700)
    await has_order(phone, "hall", "yard", "gate", "attic")


async def test_keys_move_what_has_the_focus(site: Site, page: Page) -> None:
    await page.goto(await site.start())
    await expect(page.locator(".tile")).to_have_count(4)
    await tile(page, "gate").focus()
    await page.keyboard.press("Shift+ArrowRight")
    await has_order(page, "hall", "gate", "yard", "attic")
    await page.keyboard.press("Shift+ArrowDown")
    await has_order(page, "hall", "yard", "attic", "gate")
    await expect(page.locator("#moved")).to_have_text("Gate: place 4 of 4")
    await expect(tile(page, "gate")).to_be_focused()
    await page.keyboard.press("Shift+ArrowRight")
    await has_order(page, "hall", "yard", "attic", "gate")
    await page.keyboard.press("ArrowLeft")
    await expect(tile(page, "attic")).to_be_focused()


async def test_a_new_camera_comes_last_and_the_order_can_be_reset(site: Site, system: FakeSystem, page: Page) -> None:
    await page.goto(await site.start())
    await expect(page.locator(".tile")).to_have_count(4)
    await drag(page, "attic", "gate")
    statuses = system.statuses
    system.statuses = {"new": online("new"), **{name: statuses[name] for name in CONFIGURED if name != "hall"}}
    await expect(page.locator(".tile .tile-name")).to_have_text(["Attic", "Gate", "Yard", "New"])
    system.statuses = statuses
    await expect(page.locator(".tile .tile-name")).to_have_text(["Attic", "Gate", "Hall", "Yard"])

    await page.locator("#show-settings").click()
    await page.get_by_role("button", name="Reset order").click()
    await has_order(page, *CONFIGURED)
    await expect(page.get_by_role("button", name="Reset order")).to_be_disabled()
