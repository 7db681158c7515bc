"""Recording of real RTSP cameras by the whole system: every clip is looked at with ffprobe, and one in a browser.

The tests share one system, in their order; the last one kills it.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.async_api import Locator, Page, expect

from tests.system.accessibility import has_no_faults as is_accessible
from tests.system.browser import browser, console_errors
from tests.system.clip_probe import probed
from tests.system.clips import MARK_STEP_PX
from tests.system.framewatch import wait_for
from tests.system.pages import PATIENCE_MS, either_page
from tests.system.recorded import (
    ATTIC_SIZE,
    GOP_S,
    PICTURE_S,
    POST_S,
    PRE_S,
    SLEWED_S,
    YARD_SIZE,
    Recorded,
    begins_early_enough,
    has_no_faults,
)
from tests.system.rtsp import missing

__all__ = ["browser", "either_page"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

MOST_LOST_S = 8.0
"""What a camera on a busy machine has not brought yet, and the group of pictures that was not complete."""
BESIDE_PX = 20
"""A path says to a hundredth of the picture where a box was, and to a picture when."""
_PLAYS = "video => video.currentTime > 0.5 && video.getVideoPlaybackQuality().totalVideoFrames > 5"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    if reason := missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    running = Recorded(tmp_path_factory.mktemp("recorded"))
    running.start()
    try:
        wait_for(lambda: len(running.crossings()) >= 2, 90, lambda: str(running.system.camera("yard")))
        yield running
    finally:
        running.stop()


def test_events_have_clips(recorded: Recorded) -> None:
    crossings = recorded.crossings()
    assert {event["clip"] for event in crossings} == {"ready"}
    for event in crossings[:2]:
        path = recorded.saved(f"/api/v1/events/{event['id']}/clip.mp4")
        clip = probed(path)
        has_no_faults(clip)
        assert (clip.codec, clip.tag, clip.size) == ("h264", "avc1", YARD_SIZE)
        lasts_s = clip.length_s - PRE_S - POST_S
        assert -SLEWED_S <= lasts_s <= GOP_S + 2 * PICTURE_S + SLEWED_S
        begins_early_enough(event, path)


def test_events_that_overlap_share_what_is_recorded(recorded: Recorded) -> None:
    spans = recorded.spans("yard")
    assert {tuple(span["kinds"]) for span in spans} == {("detection",)}
    a_second = recorded.clip.stat().st_size / 8
    for span in spans:
        assert span["bytes"] < 1.3 * a_second * (span["ended_at"] - span["started_at"] + GOP_S)
    assert recorded.system.camera("yard")["recording"]["dropped"] == 0


def test_what_is_not_recorded_leaves_nothing(recorded: Recorded) -> None:
    assert recorded.system.camera("shed")["recording"]["state"] == "off"
    assert {path.parent.name for path in recorded.media.rglob("*.mp4")} == {"yard", "attic"}


def test_h265_is_recorded_as_it_is_and_exported_by_time(recorded: Recorded) -> None:
    (span,) = recorded.spans("attic")
    assert span["kinds"] == ["continuous"]
    begin = span["started_at"] + 1.3
    end = begin + 11.2
    wait_for(lambda: recorded.spans("attic")[0]["ended_at"] > end, 30)
    exported = probed(recorded.saved(f"/api/v1/recordings/attic/clip.mp4?after={begin}&before={end}"))
    assert (exported.codec, exported.tag, exported.size) == ("hevc", "hvc1", ATTIC_SIZE)
    has_no_faults(exported)
    assert -SLEWED_S <= exported.length_s - (end - begin) <= GOP_S + 2 * PICTURE_S + SLEWED_S


def test_a_clip_with_its_boxes_shows_the_same_time(recorded: Recorded) -> None:
    event = recorded.crossings()[-1]
    plain = probed(recorded.saved(f"/api/v1/events/{event['id']}/clip.mp4"))
    drawn = probed(recorded.saved(f"/api/v1/events/{event['id']}/clip.mp4?burned=1"))
    assert (drawn.codec, drawn.size) == ("h264", YARD_SIZE)
    has_no_faults(drawn)
    assert drawn.length_s == pytest.approx(plain.length_s, abs=2 * PICTURE_S)


async def test_a_clip_plays_where_the_picture_is(recorded: Recorded, either_page: Page) -> None:
    page, errors = either_page, console_errors(either_page)
    video = await _open_newest(recorded, page)
    await is_accessible(page)
    await video.focus()
    await page.keyboard.press("Space")
    await page.wait_for_function(_PLAYS, arg=await video.element_handle())
    length_s = float(await video.evaluate("video => video.duration"))
    assert -SLEWED_S <= length_s - PRE_S - POST_S < GOP_S + 2 * PICTURE_S + SLEWED_S
    await page.wait_for_function("video => 'box' in video.dataset", arg=await video.element_handle())
    for to_s in (4.0, 1.0):
        assert abs(await _sought(video, to_s) - to_s) < 0.1
    await _sought(video, PRE_S + GOP_S / 2)
    box, mark = await video.evaluate(_BOX_AND_MARK)
    assert abs(box - mark) < BESIDE_PX + SLEWED_S * MARK_STEP_PX / PICTURE_S
    before = await page.locator("#viewer-detail").inner_text()
    await page.keyboard.press("ArrowRight")
    assert await page.locator("#viewer-detail").inner_text() == before, "in a clip the arrows are for its time"

    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download the recording").click()
    download = await started.value
    assert download.suggested_filename.startswith("yard-person-")
    await download.save_as(recorded.folder / "saved.mp4")
    assert probed(recorded.folder / "saved.mp4").length_s == pytest.approx(length_s, abs=0.1)
    await page.keyboard.press("Escape")
    await expect(video).to_have_count(0)
    assert errors == []


_BOX_AND_MARK = """(video) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: 1 });
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, video.videoHeight / 2, video.videoWidth, 1, 0, 0, video.videoWidth, 1);
    const { data } = context.getImageData(0, 0, canvas.width, 1);
    const columns = [...Array(canvas.width).keys()].filter((x) => {
        const [red, green, blue] = data.slice(4 * x, 4 * x + 3);
        return red > 190 && green < 70 && blue > 190;
    });
    const [x1, , x2] = video.dataset.box.split(" ").map(Number);
    return [(canvas.width * (x1 + x2)) / 2, (columns[0] + columns.at(-1) + 1) / 2];
}"""
"""Where the middle of the drawn box is, and that of what it is drawn around, in pixels."""


async def _open_newest(recorded: Recorded, page: Page) -> Locator:
    event = recorded.crossings()[0]
    await page.goto(f"{recorded.system.url}/#events?type=line_cross")
    card = page.locator(f'.card[data-id="{event["id"]}"]')
    await expect(card.locator(".card-clip")).to_be_visible(timeout=PATIENCE_MS)
    await card.locator(".card-open").focus()
    await page.keyboard.press("Enter")
    return page.get_by_label("Recording: Person crossed centre")


async def _sought(video: Locator, to_s: float) -> float:
    """The time of the picture that is shown then: not only the clock moves. One more may come of where it was."""
    shown = await video.evaluate(
        """(video, to) => new Promise((resolve) => {
            video.pause();
            const before = video.currentTime;
            const look = () => video.requestVideoFrameCallback((now, { mediaTime }) =>
                Math.abs(mediaTime - before) < 0.2 ? look() : resolve(mediaTime));
            look();
            video.currentTime = to;
        })""",
        to_s,
    )
    return float(shown)


@pytest.mark.parametrize("either_page", ["desktop"], indirect=True)
async def test_the_system_page_tells_how_recording_does(recorded: Recorded, either_page: Page) -> None:
    await either_page.goto(f"{recorded.system.url}/#system")
    table = either_page.locator('[data-table="recording"]')
    await expect(table.get_by_role("row").filter(has_text="Attic")).to_contain_text("Recording")
    await expect(table.get_by_role("row").filter(has_text="Shed")).to_have_count(0)
    await is_accessible(either_page)


def test_a_run_that_is_killed_leaves_whole_recordings(recorded: Recorded) -> None:
    """What was written is there after the next start, up to the last whole group of pictures."""
    wait_for(lambda: any(4 < each < 7 for each in recorded.being_written_for()), 60)
    killed_at = recorded.kill()
    assert [*recorded.media.rglob(".*.part")], "something was being written"
    recorded.run()
    assert [path for path in recorded.media.rglob(".*.part") if path.stat().st_mtime < killed_at] == []
    for camera in ("yard", "attic"):
        newest = [span for span in recorded.spans(camera) if span["started_at"] < killed_at][-1]
        assert newest["ended_at"] > killed_at - MOST_LOST_S
        after, before = max(newest["started_at"], newest["ended_at"] - 20), newest["ended_at"]
        clip = probed(recorded.saved(f"/api/v1/recordings/{camera}/clip.mp4?after={after}&before={before}"))
        has_no_faults(clip)
        assert before - after - 0.3 < clip.length_s < before - after + GOP_S + 0.3
    for path in recorded.media.rglob("[!.]*.mp4"):
        assert probed(path).largest_gap_s < PICTURE_S + 0.005

    def waiting() -> list[str]:
        left = recorded.system.api.get("/api/v1/events?limit=500").json()["events"]
        return [each["id"] for each in left if each["clip"] == "pending" and (each["ended_at"] or 1e11) < killed_at]

    wait_for(lambda: not waiting(), 30, lambda: f"nobody says what became of the clips of {waiting()}")
