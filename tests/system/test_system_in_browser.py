"""The whole system from a real RTSP camera to the pixels of a real browser."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.system.browser import browser, console_errors, page
from tests.system.clips import moving_mark
from tests.system.framewatch import Framewatch
from tests.system.rtsp import RtspServer
from tests.system.test_live_browser import WITHOUT_MSE, WITHOUT_WEBRTC
from tests.system.test_system import configuration

__all__ = ["browser", "page"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

SMALL = (480, 272)
PROBE = Path(__file__).with_name("live_probe.js").read_text()


@asynccontextmanager
async def running(folder: Path, config: str, port: int = 0) -> AsyncIterator[Framewatch]:
    system = Framewatch("run", config, folder=folder, port=port)
    await asyncio.to_thread(system.__enter__)
    try:
        await asyncio.to_thread(system.until_analysing, "yard")
        yield system
    finally:
        await asyncio.to_thread(system.__exit__, None, None, None)


@pytest.fixture
def camera(rtsp_server: Callable[..., RtspServer], mark_clip: Path) -> RtspServer:
    return rtsp_server({"yard": mark_clip})


@pytest_asyncio.fixture
async def system(camera: RtspServer, tmp_path: Path) -> AsyncIterator[Framewatch]:
    async with running(tmp_path, configuration(tmp_path, camera.url("yard"))) as system:
        yield system


@pytest_asyncio.fixture
async def two_streams(
    rtsp_server: Callable[..., RtspServer], mark_clip: Path, tmp_path: Path
) -> AsyncIterator[Framewatch]:
    """The small one is analysed."""
    sub = moving_mark(tmp_path / "sub.mp4", size=SMALL)
    server = rtsp_server({"main": mark_clip, "sub": sub})
    config = configuration(tmp_path, server.url("sub"))
    text = (tmp_path / config).read_text()
    path = f'path: "{server.url("sub")}"'
    assert path in text
    main = f'path: "{server.url("main")}", roles: [live, record]'
    (tmp_path / config).write_text(text.replace(f"{{{path}}}", f"{{{path}, roles: [detect]}}, {{{main}}}"))
    async with running(tmp_path, config) as system:
        yield system


async def test_boxes_lie_on_the_cameras_own_video(system: Framewatch, page: Page) -> None:
    errors = console_errors(page)
    await page.add_init_script("localStorage.setItem('framewatch.sync', 'exact')")
    stats, off = await _watched(system, page)
    assert (stats["width"], stats["height"], stats["transport"]) == (1280, 720, "webrtc")
    assert len(off) > 40
    assert median(off) <= 8
    assert not errors


async def test_boxes_lie_on_video_over_a_websocket_where_there_is_no_webrtc(system: Framewatch, page: Page) -> None:
    errors = console_errors(page)
    await page.add_init_script(f"localStorage.setItem('framewatch.sync', 'exact'); {WITHOUT_WEBRTC}")
    stats, off = await _watched(system, page)
    assert (stats["width"], stats["height"], stats["transport"]) == (1280, 720, "mse")
    assert len(off) > 40
    assert median(off) <= 8
    assert not errors


async def test_annotated_pictures_are_shown_where_no_video_can_be_played(system: Framewatch, page: Page) -> None:
    await page.add_init_script(WITHOUT_WEBRTC + WITHOUT_MSE)
    await page.goto(system.url)
    await page.wait_for_function("() => document.querySelector('fw-live')?.state === 'live'")
    assert await page.evaluate("document.querySelector('fw-live').stats.transport") == "mjpeg"
    size = "({ naturalWidth, naturalHeight }) => [naturalWidth, naturalHeight]"
    assert await page.locator("fw-live img").evaluate(size) == [1280, 720]


async def test_the_burned_view_plays(system: Framewatch, page: Page) -> None:
    await page.add_init_script("localStorage.setItem('framewatch.view', 'burned')")
    await page.goto(system.url)
    burned = "document.querySelector('fw-live')?.stats ?? {}"
    await page.wait_for_function(
        f"() => {{ const {{ view, framesDecoded }} = {burned}; return view === 'burned' && framesDecoded > 20 }}"
    )
    stats: dict[str, Any] = await page.evaluate(burned)
    assert (stats["width"], stats["height"]) == (1280, 720)
    assert await _sees_a_box(page)


async def test_a_small_tile_plays_the_small_stream(two_streams: Framewatch, page: Page) -> None:
    """And the large one as soon as it is made large; boxes lie on both."""
    await page.set_viewport_size({"width": 400, "height": 800})
    await page.goto(two_streams.url)
    await page.wait_for_function(_PLAYS, arg=["small", SMALL[0]])
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.wait_for_function(_PLAYS, arg=["overlay", 1280])


async def test_a_page_that_stays_open_finds_the_system_again(camera: RtspServer, tmp_path: Path, page: Page) -> None:
    """It was killed; what starts at the same address is shown as if nothing had been."""
    config = configuration(tmp_path, camera.url("yard"))
    async with running(tmp_path, config) as killed:
        await page.goto(killed.url)
        await page.wait_for_function(_PLAYS, arg=["overlay", 1280])
        await expect(page.locator(".event").first).to_be_visible()
        killed.process.kill()
        await expect(page.locator("#banner")).to_contain_text("The server does not answer")
        port = int(killed.url.rpartition(":")[2])
    async with running(tmp_path, config, port) as again:
        await expect(page.locator("#banner")).to_be_hidden()
        await page.wait_for_function(_PLAYS, arg=["overlay", 1280])
        latest = again.api.get("/api/v1/events?limit=1").json()["events"][0]["id"]
        await expect(page.locator(f'.event[data-id="{latest}"]')).to_be_visible()


_PLAYS = """([wanted, pixels]) => {
    const { view, width, framesDecoded, boxes } = document.querySelector('fw-live')?.stats ?? {};
    return view === wanted && width === pixels && framesDecoded > 5 && boxes.length > 0;
}"""


async def _watched(system: Framewatch, page: Page) -> tuple[dict[str, Any], list[float]]:
    """The element's stats, and how far boxes were from what they are boxes of, in pixels, for six seconds."""
    await page.goto(system.url)
    await page.wait_for_function("() => document.querySelector('fw-live')?.stats.framesDecoded > 0")
    await page.evaluate(f"(async () => {{ {PROBE} }})()")
    await page.wait_for_function("() => probe.samples.slice(-20).filter((each) => each.box !== null).length >= 18")
    await page.evaluate("probe.samples.length = 0")
    await asyncio.sleep(6)
    stats: dict[str, Any] = await page.evaluate("probe.element.stats")
    samples: list[dict[str, Any]] = await page.evaluate("probe.samples")
    off = [abs(each["box"] - each["mark"]) for each in samples if each["mark"] is not None and each["box"] is not None]
    return stats, off


async def _sees_a_box(page: Page) -> bool:
    """Whether the video's own pixels show the frame that the painter draws around the mark."""
    await page.wait_for_function(
        """() => {
            const { video } = document.querySelector('fw-live');
            const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 1 });
            const context = canvas.getContext('2d');
            context.drawImage(video, 0, 320, 1280, 1, 0, 0, 1280, 1);
            const { data } = context.getImageData(0, 0, 1280, 1);
            for (let x = 0; x < 1280; x += 1) {
                const [red, green, blue] = data.slice(4 * x, 4 * x + 3);
                if (Math.max(red, green, blue) - Math.min(red, green, blue) > 90 && !(red > 180 && blue > 180)) {
                    return true;
                }
            }
            return false;
        }"""
    )
    return True
