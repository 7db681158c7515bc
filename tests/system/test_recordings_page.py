"""The Recordings page of a system that records real cameras, and has recordings of an hour ago, in a real browser."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, expect
from prometheus_client import CollectorRegistry
from ruamel.yaml import YAML

from pipeline.core.event import Event
from pipeline.core.footage import Kind, RecordingStatus, Segment
from pipeline.core.ids import new_id
from pipeline.core.record import Record
from pipeline.recording.shelf import Shelf
from pipeline.store.store import EventStore
from sinks.web.places import Places
from sinks.web.recordings import recordings_router
from sinks.web.server import WebServer, create_app
from tests.system.accessibility import has_no_faults
from tests.system.browser import a_browser, console_errors
from tests.system.clip_probe import probed
from tests.system.clips import moving_mark, numbered
from tests.system.framewatch import Framewatch, wait_for
from tests.system.pages import PATIENCE_MS, a_page
from tests.system.rtsp import RtspServer, missing
from tests.web.fake_system import FakeSystem, NothingRecorded, online

pytestmark = [pytest.mark.system, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]

CONFIG = """\
store: {{url: "sqlite:///events.db", media: media}}
record: {{enabled: true, continuous: {{days: 1}}, detections: {{retain: {{days: 0}}}}}}
cameras:
  yard: {{friendly_name: The yard, inputs: [{{path: "{yard}"}}], pipeline: []}}
  attic: {{friendly_name: The attic, inputs: [{{path: "{attic}"}}], pipeline: []}}
  shed:
    {{friendly_name: The shed, inputs: [{{path: "rtsp://127.0.0.1:9/no"}}], pipeline: [], record: {{enabled: false}}}}
"""
FPS = 25
SIZE = (320, 180)
STRIP = """
() => Object.fromEntries([...document.querySelectorAll(".screen")].map((screen) => {
  const video = screen.querySelector("video.shown");
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 1 });
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 16, 320, 1, 0, 0, 320, 1);
  const { data } = context.getImageData(0, 0, 320, 1);
  const bits = Array.from({ length: 10 }, (_, bit) => (data[4 * (16 + 32 * bit)] > 128 ? 2 ** bit : 0));
  return [screen.dataset.camera, bits.reduce((sum, bit) => sum + bit, 0)];
}))
"""


class Past:
    """An hour ago: 20 s of the yard, and 10 in which something moved; 20 s of the attic, from 3.4 s later."""

    def __init__(self) -> None:
        self.begin = time.time() // 600 * 600 - 3600 + 60
        """Not near the border of ten minutes: the timeline is turned over there."""
        self.moved = self.begin + 20
        self.attic = self.begin + 3.4
        self.event = self.begin + 15
        self.before_all = self.begin - 86_400

    def write(self, folder: Path) -> None:
        long, short = (numbered(folder / f"{seconds}.mp4", seconds=seconds, size=SIZE) for seconds in (20, 10))
        store = EventStore(f"sqlite:///{folder}/events.db")
        store.start()
        shelf = Shelf(folder / "media")

        def put(camera: str, clip: Path, at: float, seconds: float, *kinds: Kind) -> None:
            segment_id = new_id(at)
            unfinished = shelf.unfinished(segment_id, camera)
            shutil.copy(clip, unfinished)
            path = shelf.finish(unfinished)
            store.recordings.add([Segment(segment_id, camera, at, at + seconds, path, 1, frozenset(kinds))])

        put("yard", long, self.begin, 20, "continuous")
        put("yard", short, self.moved, 10, "continuous", "motion")
        put("attic", long, self.attic, 20, "continuous")
        put("yard", short, self.before_all, 10, "alert")
        crossed = Event.instant("line_cross", camera="yard", at=self.event, line="door")
        crossed.label = "person"
        store.save(crossed).result(timeout=20)
        store.close()


@pytest.fixture(scope="module")
def past() -> Past:
    return Past()


@pytest.fixture(scope="module")
def system(past: Past, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Framewatch]:
    if reason := missing():
        pytest.fail(reason)
    folder = tmp_path_factory.mktemp("recorded")
    past.write(folder)
    with RtspServer({name: folder / "20.mp4" for name in ("yard", "attic")}) as cameras:
        urls = {name: cameras.url(name) for name in ("yard", "attic")}
        (folder / "cameras.yaml").write_text(CONFIG.format(**urls))
        with Framewatch("run", "cameras.yaml", folder=folder) as system:
            yield system


def recorded(system: Framewatch, after: float) -> set[str]:
    """The cameras of which there is video since then."""
    recordings: list[dict[str, Any]] = system.api.get("/api/v1/recordings", params={"after": after}).json()[
        "recordings"
    ]
    return {each["camera"] for each in recordings}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with a_page(browser, narrow=False) as page:
        yield page


def address(system: Framewatch, at: float, *cameras: str) -> str:
    moment = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    return f"{system.url}/#recordings?at={moment}" + "".join(f"&camera={name}" for name in cameras)


async def at_in(page: Page) -> float:
    """The time that the address names."""
    found = re.search(r"at=([^&]+)", await page.evaluate("location.hash"))
    assert found, await page.evaluate("location.hash")
    return datetime.fromisoformat(found[1]).timestamp()


def screen(page: Page, camera: str) -> Locator:
    return page.locator(f'.screen[data-camera="{camera}"]')


async def shows(page: Page, *cameras: str) -> None:
    for camera in cameras:
        await expect(screen(page, camera)).to_have_attribute("data-state", "", timeout=PATIENCE_MS)


async def moments(page: Page, past: Past) -> dict[str, float]:
    """When the pictures that are on the page now were taken, as their bar codes say."""
    begins = {"yard": past.begin, "attic": past.attic}
    return {name: begins[name] + number / FPS for name, number in (await page.evaluate(STRIP)).items()}


async def test_cameras_play_in_step(system: Framewatch, past: Past, page: Page) -> None:
    await page.goto(address(system, past.begin + 9, "yard", "attic"))
    await shows(page, "yard", "attic")
    assert await moments(page, past) == pytest.approx({"yard": past.begin + 9, "attic": past.begin + 9}, abs=0.081)

    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    seen: list[dict[str, float]] = []
    while not seen or seen[-1]["yard"] < past.begin + 16:  # beyond the end of what was fetched first
        await page.wait_for_timeout(400)
        seen.append(await moments(page, past))
    apart = [abs(each["yard"] - each["attic"]) for each in seen[1:]]
    assert max(apart) <= 0.2, seen
    assert seen == sorted(seen, key=lambda each: each["attic"])

    await page.get_by_label("2×").check(force=True)
    await page.keyboard.press("k")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert await at_in(page) == pytest.approx((await moments(page, past))["yard"], abs=0.3)


async def test_one_joins_in_when_it_has_video(system: Framewatch, past: Past, page: Page) -> None:
    await page.goto(address(system, past.begin + 1, "yard", "attic"))
    await shows(page, "yard")
    await expect(screen(page, "attic")).to_contain_text("No recording at this time")
    await page.keyboard.press("Space")
    await shows(page, "attic")
    seen = await moments(page, past)
    assert seen["attic"] == pytest.approx(seen["yard"], abs=0.2)


async def test_scrubbing_by_keys_and_by_pointer(system: Framewatch, past: Past, page: Page) -> None:
    await page.goto(address(system, past.begin + 9, "yard"))
    await shows(page, "yard")
    await page.get_by_label("10 min").check(force=True)
    scrub = page.get_by_role("slider", name="Time")
    await scrub.focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    assert await at_in(page) == past.begin + 11
    said = str(await scrub.get_attribute("aria-valuetext"))
    assert f":{time.strftime('%M:%S', time.localtime(past.begin + 11))}" in said
    await _shows_moment(page, past, past.begin + 11)
    await page.keyboard.press("j")
    await _shows_moment(page, past, past.begin + 1)
    await page.keyboard.press("l")
    await _shows_moment(page, past, past.begin + 11)
    assert await at_in(page) == past.begin + 11

    box = await page.locator(".day-track").first.bounding_box()
    assert box
    start, end = [float(await scrub.get_attribute(name) or 0) for name in ("min", "max")]
    scale = box["width"] / (end + 1 - start)
    await page.mouse.move(box["x"] + scale * (past.begin + 11 - start), box["y"] + 9)
    await page.mouse.down()
    for seconds in range(11, 3, -1):
        await page.mouse.move(box["x"] + scale * (past.begin + seconds - start), box["y"] + 9)
    await page.mouse.up()
    at = await at_in(page)
    assert at == pytest.approx(past.begin + 4, abs=1 / scale + 0.1)
    await _shows_moment(page, past, at)
    await page.reload()
    await _shows_moment(page, past, at)


async def _shows_moment(page: Page, past: Past, at: float) -> None:
    await shows(page, "yard")
    async with asyncio.timeout(20):
        while abs((seen := await moments(page, past))["yard"] - at) > 0.081:
            await page.wait_for_timeout(50)
    assert seen["yard"] == pytest.approx(at, abs=0.081)


async def test_the_next_and_the_previous_motion(system: Framewatch, past: Past, page: Page) -> None:
    await page.goto(address(system, past.begin + 5, "yard", "attic"))
    await shows(page, "yard")
    for key, at in (("n", past.event), ("n", past.moved), ("p", past.event), ("p", past.before_all)):
        await page.keyboard.press(key)
        await expect(page.locator("#recordings-said")).to_contain_text("The yard, ")
        await page.wait_for_function("(at) => location.hash.includes(at)", arg=_iso(at))
        await shows(page, "yard")
    await expect(screen(page, "attic")).to_contain_text("No recording at this time")
    await expect(page.get_by_role("button", name="Later")).to_be_enabled()
    await page.keyboard.press("p")
    await expect(page.locator("#recordings-said")).to_have_text("Nothing moves before this.")
    await page.go_back()
    await page.wait_for_function("(at) => location.hash.includes(at)", arg=_iso(past.event))


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_what_nobody_recorded_is_leapt_over(system: Framewatch, past: Past, page: Page) -> None:
    await page.goto(address(system, past.before_all + 8, "yard"))
    await shows(page, "yard")
    await page.keyboard.press("Space")
    await page.wait_for_function(
        "(seconds) => document.getElementById('scrub').value >= seconds", arg=past.begin, timeout=PATIENCE_MS
    )
    await shows(page, "yard")


async def test_an_event_leads_to_its_moment(system: Framewatch, past: Past, page: Page) -> None:
    await page.goto(f"{system.url}/#events?type=line_cross")
    await page.locator(".card-open").first.click()
    await page.get_by_role("link", name="Show the recording").click()
    await expect(page.locator("#viewer")).to_be_hidden()
    assert await at_in(page) == pytest.approx(past.event, abs=0.01)
    await _shows_moment(page, past, past.event)


async def test_a_part_is_marked_and_downloaded(system: Framewatch, past: Past, page: Page, tmp_path: Path) -> None:
    await page.goto(address(system, past.begin + 4, "yard", "attic"))
    await shows(page, "yard", "attic")
    said = page.locator("#excerpt-said")
    await page.keyboard.press("i")
    await expect(said).to_contain_text("Go to its end")
    await page.keyboard.press("l")
    await page.get_by_role("button", name="End here").click()
    await expect(said).to_contain_text("10 s")
    await expect(page.locator("#excerpt-mark")).to_be_visible()
    await has_no_faults(page)

    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Download The yard").click()
    await expect(page.locator("#recordings-said")).to_contain_text("then the download begins")
    download = await downloading.value
    begun = time.strftime("%Y-%m-%d %H.%M.%S", time.localtime(past.begin + 4))
    assert download.suggested_filename == f"yard {begun}.mp4"
    await download.save_as(tmp_path / "part.mp4")
    assert probed(tmp_path / "part.mp4").length_s == pytest.approx(10, abs=1.05)
    await expect(page.get_by_role("link", name="Download The attic")).to_be_visible()

    earlier = past.begin - 3 * 3600
    await page.evaluate("(address) => location.assign(address)", address(system, earlier, "yard", "attic"))
    await expect(page.locator("#recordings-time")).to_contain_text(time.strftime(":%M:%S", time.localtime(earlier)))
    await page.keyboard.press("i")
    await expect(said).to_contain_text("more than the hour")
    await expect(page.locator("#excerpt-links a")).to_have_count(0)
    await page.keyboard.press("l")
    await page.keyboard.press("o")
    await expect(said).to_contain_text("nothing was recorded")
    await page.get_by_role("button", name="Clear").click()
    await expect(page.locator("#excerpt-mark")).to_be_hidden()
    await page.keyboard.press("o")
    await expect(said).to_contain_text("Go to its start")


async def test_full_screen(system: Framewatch, past: Past, page: Page) -> None:
    await page.goto(address(system, past.begin + 9, "yard"))
    await shows(page, "yard")
    before = await screen(page, "yard").bounding_box()
    await page.keyboard.press("f")
    await expect(page.get_by_role("button", name="Leave the full screen")).to_be_visible()
    await expect(page.locator("#recordings-when")).to_be_hidden()
    await page.wait_for_timeout(100)  # until it is laid out
    full = await screen(page, "yard").bounding_box()
    assert before and full
    assert full["height"] > 1.2 * before["height"]
    assert await page.locator("#recordings-page").evaluate("(page) => page.scrollHeight <= page.clientHeight")
    await page.keyboard.press("f")
    await expect(page.get_by_role("button", name="Full screen", exact=True)).to_be_visible()

    await page.keyboard.press("f")
    await expect(page.get_by_role("button", name="Leave the full screen")).to_be_visible()
    await page.keyboard.press("t")
    await expect(page.get_by_role("heading", name="Events", level=1)).to_be_visible()
    await page.wait_for_function("() => document.fullscreenElement === null")


async def test_names_that_come_after_the_pictures_are_shown(system: Framewatch, past: Past, page: Page) -> None:
    are_known = asyncio.Event()

    async def late(route: Route) -> None:
        await are_known.wait()
        await route.continue_()

    await page.route("**/api/v1/cameras", late)
    await page.goto(address(system, past.begin + 9, "yard"))
    await expect(page.locator(".screen-name")).to_have_text("yard")
    are_known.set()
    await expect(page.locator(".screen-name")).to_have_text("The yard")
    await expect(page.get_by_role("link", name="Live: The yard")).to_be_visible()


async def test_one_camera_at_a_time_is_heard(system: Framewatch, past: Past, page: Page, tmp_path: Path) -> None:
    clip = moving_mark(tmp_path / "sound.mp4", seconds=8, size=SIZE, audio=True)

    async def with_sound(route: Route) -> None:
        begin = float(parse_qs(urlsplit(route.request.url).query)["after"][0])
        times = {"X-Framewatch-Starts-At": f"{begin:.3f}", "X-Framewatch-Ends-At": f"{begin + 8:.3f}"}
        await route.fulfill(path=clip, content_type="video/mp4", headers=times)

    await page.goto(address(system, past.begin + 9, "yard", "attic"))
    await shows(page, "yard", "attic")
    buttons = page.locator(".screen-sound:visible")
    await expect(buttons).to_have_count(0)

    await page.route("**/clip.mp4*", with_sound)
    await page.reload()
    await shows(page, "yard", "attic")
    await expect(buttons).to_have_count(2)
    assert await heard(page) == []
    await page.get_by_role("button", name="Sound of The attic").click()
    assert await heard(page) == ["attic"]
    await page.keyboard.press("k")
    await page.wait_for_function(
        "() => document.querySelector('[data-camera=attic] video.shown').webkitAudioDecodedByteCount > 0"
    )
    await page.keyboard.press("k")
    await page.get_by_role("button", name="Sound of The yard").click()
    assert await heard(page) == ["yard"]
    await has_no_faults(page)
    await page.keyboard.press("m")
    assert await heard(page) == []
    await page.keyboard.press("m")
    assert await heard(page) == ["yard"]


async def heard(page: Page) -> list[str]:
    """The cameras whose picture is not muted."""
    videos = "[...document.querySelectorAll('.screen video.shown')]"
    names: list[str] = await page.evaluate(
        f"{videos}.filter((video) => !video.muted).map((video) => video.closest('.screen').dataset.camera)"
    )
    return names


async def test_a_window_that_is_made_narrow_has_fewer_hours(system: Framewatch, past: Past, page: Page) -> None:
    labels = page.locator(".recordings-label")
    await page.goto(address(system, past.begin + 9, "yard"))
    await expect(labels).to_have_count(24)
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(labels).to_have_count(8)
    for zoom in ("Day", "6 h", "1 h", "10 min"):
        await page.get_by_role("radio", name=zoom, exact=True).check(force=True)
        assert await labels.evaluate_all("(all) => all.every((each) => each.scrollWidth <= each.clientWidth)"), zoom


async def test_on_a_phone(system: Framewatch, past: Past, browser: Browser) -> None:
    async with a_page(browser, narrow=True, has_touch=True) as page:
        await page.goto(address(system, past.begin + 9, "yard", "attic"))
        await shows(page, "yard", "attic")
        await has_no_faults(page)
        await page.get_by_role("button", name="Play", exact=True).tap()
        await page.wait_for_function(
            "(seconds) => document.getElementById('scrub').value > seconds", arg=past.begin + 10, timeout=PATIENCE_MS
        )


async def test_the_newest_is_there_and_all_can_use_it(system: Framewatch, past: Past, page: Page) -> None:
    errors = console_errors(page)
    await asyncio.to_thread(wait_for, lambda: recorded(system, past.begin + 600) == {"yard", "attic"}, 60)
    await page.goto(system.url)
    await page.locator("#show-events").focus()
    await page.keyboard.press("v")
    await expect(page.get_by_role("heading", name="Recordings", level=1)).to_be_focused()
    await shows(page, "yard", "attic")
    await expect(page.locator(".screen")).to_have_count(2)
    await expect(page.locator(".day-row .day-title")).to_have_text(["The yard", "The attic", "The shed"])
    await expect(page.get_by_role("checkbox", name="The shed")).not_to_be_checked()
    await expect(page.locator('.footage[data-kind="continuous"]').first).to_be_attached()
    await has_no_faults(page)
    await page.get_by_role("checkbox", name="The attic").uncheck()
    await expect(page.locator(".screen")).to_have_count(1)
    await expect(page.get_by_role("link", name="Live", exact=True)).to_have_attribute("href", "#camera/yard")
    await page.go_back()
    await expect(page.get_by_role("checkbox", name="The attic")).to_be_checked()

    await page.get_by_label("8×").check(force=True)
    await page.keyboard.press("k")
    await expect(page.locator("#recordings-said")).to_have_text("This is where the newest recording ends.")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()

    await page.get_by_role("link", name="Back to the cameras").click()
    await expect(page.locator("#recordings-page")).to_be_hidden()
    assert await page.locator(".screen").count() == 0
    assert errors == []


async def test_where_no_camera_records_it_says_how_one_would(page: Page, tmp_path: Path) -> None:
    store = EventStore(f"sqlite:///{tmp_path}/events.db")
    store.start()
    system = FakeSystem([online("lobby")], store)
    app = create_app(
        system,
        store,
        metrics=CollectorRegistry(),
        auth_token=None,
        version="1.2.3",
        validate_config=lambda text: [],
        config_schema=dict,
        snapshot_path=lambda event_id: None,
        places=Places(1),
        routers=[recordings_router(system, NothingRecorded())],
    )
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    try:
        await page.goto(f"{server.url}/#recordings")
        await expect(page.locator("#recordings-off pre")).to_be_visible()
        await expect(page.locator("#recordings-stage")).to_be_hidden()
        written = str(await page.locator("#recordings-off pre").text_content())
        assert Record.model_validate(YAML(typ="safe").load(written)["record"]).enabled
        system.statuses["lobby"] = msgspec.structs.replace(online("lobby"), recording=RecordingStatus("ready"))
        await expect(page.locator("#recordings-empty")).to_have_text("Nothing was recorded on this day.")
        await has_no_faults(page)
    finally:
        await server.stop()
        store.close()
