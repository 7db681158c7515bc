"""The page, as somebody watches it: a real browser on a real server, over a fake system."""

import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from aiortc import RTCIceServer
from playwright.async_api import Page, expect
from prometheus_client import CollectorRegistry

from pipeline.core.event import Event
from pipeline.store.store import EventStore
from sinks.web.recordings import recordings_router
from sinks.web.server import WebServer, create_app
from sinks.web.whep import create_whep
from tests.system.browser import browser, console_errors, page
from tests.system.clips import moving_mark
from tests.web.fake_system import FakeSystem, NothingRecorded, jpeg, offline, online
from tests.web.live_system import Clip, Player

__all__ = ["browser", "page"]

pytestmark = pytest.mark.system

TOKEN = "a token nobody guesses"
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(f"sqlite:///{tmp_path}/events.db")
    store.start()
    yield store
    store.close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return Clip(moving_mark(tmp_path_factory.mktemp("clip") / "mark.ts", seconds=2, size=(640, 360)))


@pytest.fixture
def system(store: EventStore, clip: Clip) -> Iterator[FakeSystem]:
    cameras = [online("lobby"), online("gate", "Front gate"), offline("yard", "unauthorised: wrong user or password")]
    system = FakeSystem(cameras, store)
    with Player(clip, system.hubs["lobby"], system.hubs["gate"]):
        yield system


class Site:
    """A server that can go away and come back at the same address."""

    def __init__(self, system: FakeSystem, store: EventStore, snapshots: Path) -> None:
        self._system = system
        self._store = store
        self._snapshots = snapshots
        self._server: WebServer | None = None
        self.port = 0

    async def start(
        self, *, token: str | None = None, version: str = "1.2.3", ice_servers: Sequence[RTCIceServer] = ()
    ) -> str:
        self._whep = create_whep(self._system, ice_servers=ice_servers)
        app = create_app(
            self._system,
            self._store,
            metrics=CollectorRegistry(),
            auth_token=token,
            version=version,
            validate_config=lambda text: [],
            config_schema=dict,
            snapshot_path=lambda event_id: self._snapshots / f"{event_id}.jpg",
            places=self._whep.audience.places,
            routers=[self._whep.router, recordings_router(self._system, NothingRecorded())],
        )
        self._server = WebServer(app, "127.0.0.1", self.port)
        await self._server.start()
        self.port = self._server.port
        return self._server.url

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop()  # first: no offer is being answered any more when its sessions end
            await self._whep.close()
            self._server = None


@pytest_asyncio.fixture
async def site(system: FakeSystem, store: EventStore, tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(system, store, tmp_path)
    yield site
    await site.stop()


def person(number: int, **facts: object) -> Event:
    described = {"type": "object", "camera": "lobby", "label": "person", "score": 0.8, "object_id": f"e{number}"}
    return Event(**{"id": f"e{number}", "started_at": time.time() - 60 + number, **described, **facts})  # type: ignore[arg-type]


async def test_every_camera_has_its_tile(site: Site, page: Page) -> None:
    errors = console_errors(page)
    await page.goto(await site.start())

    await expect(page.locator(".tile")).to_have_count(3)
    await expect(page.locator("#summary")).to_have_text("2 of 3 online")
    lobby, yard = page.locator('[data-camera="lobby"].tile'), page.locator('[data-camera="yard"].tile')
    await expect(lobby.locator(".tile-name")).to_have_text("Lobby")
    await expect(lobby.locator(".badge")).to_have_text("Online")
    await expect(lobby.locator(".tile-rates")).to_have_text("25 fps · 5.0 analysed · 84 ms")
    await expect(lobby.locator("fw-live")).to_have_attribute("view", "overlay")
    await expect(lobby.locator(".tile-note")).to_be_hidden()
    await expect(yard.locator(".badge")).to_have_text("Offline")
    await expect(yard.locator(".tile-note")).to_contain_text("Unauthorised: wrong user or password")
    assert errors == []


async def test_a_tile_says_that_nothing_happens_and_what_decodes(site: Site, system: FakeSystem, page: Page) -> None:
    decoder = "software (cuda failed: no device)"
    system.statuses["lobby"] = msgspec.structs.replace(online("lobby"), fps_analysed=0.5, quiet=True, decoder=decoder)
    await page.goto(await site.start())

    rates = page.locator('[data-camera="lobby"] .tile-rates')
    await expect(rates).to_have_text("25 fps · quiet")
    await expect(rates).to_have_attribute(
        "title", re.compile(f"only key frames are decoded\ndecoded by {re.escape(decoder)}")
    )


async def test_a_camera_that_changes_is_seen_to(site: Site, system: FakeSystem, page: Page) -> None:
    await page.goto(await site.start())
    yard = page.locator('[data-camera="yard"].tile')
    await expect(yard).to_have_attribute("data-state", "offline")

    system.statuses["yard"] = msgspec.structs.replace(online("yard"), analysis="restarting")

    await expect(yard.locator(".badge")).to_have_text("Online")
    await expect(yard.locator(".tile-chip")).to_have_text("Analysis is restarting…")
    await expect(page.locator(".tile")).to_have_count(3)


async def test_the_live_stream_is_shown_while_the_one_to_analyse_is_away(
    site: Site, system: FakeSystem, page: Page
) -> None:
    away = offline("yard", "unreachable: is it on?")
    streams = [
        msgspec.structs.replace(away.inputs[0], roles=["detect"]),
        msgspec.structs.replace(online("yard").inputs[0], roles=["live"]),
    ]
    system.statuses["yard"] = msgspec.structs.replace(away, inputs=streams)
    await page.goto(await site.start())
    yard = page.locator('[data-camera="yard"].tile')
    await expect(yard.locator("fw-live")).to_have_count(1)
    await expect(yard.locator(".badge")).to_have_text("Offline")
    await expect(yard.locator(".tile-chip")).to_have_text("The stream to analyse is away")
    await expect(yard.locator(".tile-note")).not_to_contain_text("unreachable")


async def test_a_long_title_takes_two_lines(site: Site, system: FakeSystem, page: Page) -> None:
    zone = "the_pavement_before_the_house"
    await system.happens(person(1, id="i1", type="zone_enter", zone="door", object_id="e1"))
    await system.happens(person(2, id="i2", type="zone_enter", zone=zone, object_id="e2"))
    await page.goto(await site.start())
    long, short = (page.locator(".event-title").nth(at) for at in (0, 1))
    await expect(long).to_have_text("Person entered the pavement before the house")
    assert not await long.evaluate("title => title.scrollHeight > title.clientHeight + 1"), "nothing is cut off"
    heights = [await title.evaluate("title => title.clientHeight") for title in (long, short)]
    assert heights[0] == pytest.approx(2 * heights[1], abs=2)


async def test_events_appear_change_and_show_their_picture(
    site: Site, system: FakeSystem, tmp_path: Path, page: Page
) -> None:
    errors = console_errors(page)
    await system.happens(person(1, state="end", ended_at=time.time()))
    await page.goto(await site.start())
    await expect(page.locator(".event")).to_have_count(1)

    await system.happens(person(2))
    await system.happens(
        person(3, id="i3", type="zone_enter", zone="front_door", object_id="e2", severity="alert", rules=["by night"])
    )
    newest, second = page.locator(".event").nth(0), page.locator(".event").nth(1)
    await expect(newest.locator(".event-title")).to_have_text("Person entered front door")
    await expect(newest.locator(".event-severity")).to_be_visible()
    await expect(second.locator(".event-detail")).to_have_text("Lobby · in view")

    (tmp_path / "e2.jpg").write_bytes(jpeg())
    await system.happens(person(2, state="end", ended_at=time.time() - 58 + 12, has_snapshot=True))
    await expect(second.locator(".event-detail")).to_have_text("Lobby · 12 s")
    await expect(newest.locator("img")).to_have_js_property("naturalWidth", 320)

    await newest.locator("button").click()
    await expect(page.locator("#viewer-title")).to_have_text("Person entered front door")
    await expect(page.locator("#viewer-picture img")).to_have_js_property("naturalWidth", 320)
    await expect(page.locator("#viewer-facts")).to_contain_text("by night")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#viewer-title")).to_have_text("Person")
    await page.keyboard.press("Escape")
    await expect(page.locator("#viewer")).to_be_hidden()
    assert errors == []


async def test_only_alerts_when_only_alerts_are_wanted(site: Site, system: FakeSystem, page: Page) -> None:
    await system.happens(person(1))
    await system.happens(person(2, severity="alert", rules=["by night"]))
    await page.goto(await site.start())
    await expect(page.locator(".event")).to_have_count(2)

    await page.get_by_role("radio", name="Alerts").check()

    await expect(page.locator(".event")).to_have_count(1)
    await system.happens(person(3))
    await system.happens(person(4, severity="alert"))
    await expect(page.locator(".event")).to_have_count(2)
    await page.reload()
    await expect(page.locator(".event")).to_have_count(2)


async def test_the_list_is_never_longer_than_it_may_be(site: Site, system: FakeSystem, page: Page) -> None:
    for number in range(105):
        await system.happens(person(number))
    await page.goto(await site.start())
    await expect(page.locator(".event")).to_have_count(100)

    await system.happens(person(200, label="car"))

    await expect(page.locator(".event .event-title").first).to_have_text("Car")
    await expect(page.locator(".event")).to_have_count(100)


async def test_a_server_that_is_away_is_said_and_made_up_for(site: Site, system: FakeSystem, page: Page) -> None:
    await page.goto(await site.start())
    await expect(page.locator(".tile")).to_have_count(3)

    await site.stop()
    await expect(page.locator("#banner")).to_contain_text("The server does not answer")
    await system.happens(person(1))
    await site.start()

    await expect(page.locator("#banner")).to_be_hidden()
    await expect(page.locator(".event")).to_have_count(1)
    await system.happens(person(2))
    await expect(page.locator(".event")).to_have_count(2)


async def test_a_new_version_reloads_the_page(site: Site, page: Page) -> None:
    await page.goto(await site.start())
    await expect(page.locator(".tile")).to_have_count(3)
    await site.stop()
    await expect(page.locator("#banner")).to_be_visible()

    await site.start(version="1.2.4")

    await expect(page.locator("html")).to_have_attribute("data-version", "1.2.4")


async def test_the_keyboard_does_what_the_mouse_does(site: Site, page: Page) -> None:
    await page.goto(await site.start())
    await expect(page.locator(".tile")).to_have_count(3)

    await page.locator(".tile").first.focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page.locator(".tile:visible")).to_have_count(1)
    await expect(page.locator("#events-title")).to_have_text("Events · Front gate")
    await page.keyboard.press("Escape")
    await expect(page.locator(".tile:visible")).to_have_count(3)
    await page.keyboard.press("e")
    await expect(page.locator("#events")).to_be_hidden()


async def test_settings_reach_every_camera_and_stay(site: Site, page: Page) -> None:
    await page.goto(await site.start())
    await expect(page.locator("fw-live")).to_have_count(2)

    await page.locator("#show-settings").click()
    await page.get_by_role("radio", name="Exact").check()
    await page.get_by_role("radio", name="Light").check()

    await expect(page.locator('fw-live[sync="exact"]')).to_have_count(2)
    await page.reload()
    await expect(page.locator('fw-live[sync="exact"]')).to_have_count(2)
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")


async def test_a_camera_that_only_burned_works_for_is_shown_burned(site: Site, system: FakeSystem, page: Page) -> None:
    system.statuses["gate"] = msgspec.structs.replace(
        online("gate"), live="burned", live_reason="H.265 does not play in every browser"
    )
    await page.goto(await site.start())

    await expect(page.locator('fw-live[camera="gate"]')).to_have_attribute("view", "burned")
    await expect(page.locator('fw-live[camera="lobby"]')).to_have_attribute("view", "overlay")


async def test_logging_in_and_out(site: Site, page: Page) -> None:
    await page.goto(await site.start(token=TOKEN))
    await page.get_by_label("Access token").fill("a guess")
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("alert")).to_have_text("That is not the token of this server.")

    await page.get_by_label("Access token").fill(TOKEN)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.locator(".tile")).to_have_count(3)
    await expect(page.locator('[data-camera="lobby"].tile .tile-note')).to_be_hidden()

    await page.locator("#show-settings").click()
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_label("Access token")).to_be_visible()


async def test_a_phone_shows_cameras_below_each_other_and_events_on_demand(site: Site, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(await site.start())
    await expect(page.locator(".tile")).to_have_count(3)

    boxes = [await tile.bounding_box() for tile in await page.locator(".tile").all()]

    assert all(box is not None and box["width"] > 360 for box in boxes)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(page.locator("#events")).to_be_hidden()
    await page.locator("#toggle-events").click()
    await expect(page.locator("#events")).to_be_visible()


FITS = {1: (1, 980), 2: (1, 711), 3: (2, 485), 4: (2, 485), 6: (2, 468), 9: (3, 320), 40: (3, 320)}
"""Columns and width of so many pictures in 980x810 pixels; 40 are too many and scroll."""


async def test_pictures_are_as_large_as_they_fit(site: Site, page: Page) -> None:
    await page.goto(await site.start())

    fitted = await page.evaluate(
        """async (counts) => {
            const { fit } = await import("/static/grid.js");
            return counts.map((count) => fit(count, { width: 980, height: 810 }, 10));
        }""",
        [*FITS],
    )

    assert [(fit["columns"], int(fit["width"])) for fit in fitted] == [*FITS.values()]
