"""An event's clip on the page of a system that really runs: played and sought in a real browser, and downloaded."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.system.accessibility import has_no_faults
from tests.system.browser import browser, console_errors
from tests.system.clip_probe import probed
from tests.system.framewatch import Framewatch, wait_for
from tests.system.pages import PATIENCE_MS, either_page, endless_mark
from tests.system.rtsp import RtspServer
from tests.system.test_recording import recording, settled

__all__ = ["browser", "either_page"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

_PLAYS = "video => video.currentTime > 0.5 && video.getVideoPlaybackQuality().totalVideoFrames > 5"


@pytest_asyncio.fixture
async def system(rtsp_server: Callable[..., RtspServer], tmp_path: Path) -> AsyncIterator[Framewatch]:
    camera = rtsp_server({"yard": endless_mark(tmp_path / "mark.mp4")})
    running = Framewatch("run", recording(tmp_path, camera.url("yard")), folder=tmp_path)
    await asyncio.to_thread(running.__enter__)
    try:
        await asyncio.to_thread(running.until_analysing, "yard")
        await asyncio.to_thread(wait_for, lambda: settled(running), 60)
        yield running
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


async def test_a_clip_plays_where_the_picture_is(system: Framewatch, either_page: Page, tmp_path: Path) -> None:
    page, errors = either_page, console_errors(either_page)
    await page.goto(f"{system.url}/#events?type=line_cross")
    card = page.locator(".card").filter(has=page.locator(".card-clip:visible")).first
    await card.locator(".card-open").focus()
    await page.keyboard.press("Enter")
    viewer = page.locator("#viewer")
    video = viewer.locator("video")
    await expect(video).to_have_attribute(
        "aria-label", "Recording: Person crossed centre to the left", timeout=PATIENCE_MS
    )
    await has_no_faults(page)
    await video.focus()
    await page.keyboard.press("Space")
    playing = await video.element_handle()
    await page.wait_for_function(_PLAYS, arg=playing)
    length_s = float(await video.evaluate("video => video.duration"))
    assert 5 <= length_s < 6.2
    await _seeks(page, 4.0)
    await _seeks(page, 1.0)
    before = await viewer.locator("#viewer-detail").inner_text()
    await page.keyboard.press("ArrowRight")
    assert await viewer.locator("#viewer-detail").inner_text() == before, "in a clip the arrows are for its time"

    async with page.expect_download() as started:
        await viewer.get_by_role("link", name="Download the recording").click()
    download = await started.value
    assert download.suggested_filename.startswith("yard-person-") and download.suggested_filename.endswith(".mp4")
    await download.save_as(tmp_path / "saved.mp4")
    assert probed(tmp_path / "saved.mp4").length_s == pytest.approx(length_s, abs=0.1)
    await page.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()
    await expect(video).to_have_count(0)
    assert errors == []


async def _seeks(page: Page, to_s: float) -> None:
    """A picture of that time is shown, not only the clock moved."""
    shown = await page.locator("#viewer video").evaluate(
        """(video, to) => new Promise((resolve) => {
            video.pause();
            video.requestVideoFrameCallback((now, { mediaTime }) => resolve(mediaTime));
            video.currentTime = to;
        })""",
        to_s,
    )
    assert abs(shown - to_s) < 0.1


async def test_what_is_not_kept_any_more_is_said(system: Framewatch, either_page: Page, tmp_path: Path) -> None:
    page = either_page
    await page.goto(f"{system.url}/#events?type=line_cross")
    card = page.locator(".card").filter(has=page.locator(".card-clip:visible")).first
    await card.locator(".card-open").click()
    video = page.locator("#viewer video")
    await expect(video).to_be_visible()
    for path in (tmp_path / "media" / "recordings").rglob("*.mp4"):
        path.unlink()
    await video.evaluate("video => { video.play().catch(() => {}) }")
    await expect(page.locator("#viewer-trouble")).to_contain_text("is not kept any more")
