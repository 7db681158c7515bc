"""Sound in recordings of real RTSP cameras, by the whole system: each flash keeps its tone, also after a reconnect."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.system.browser import browser, page
from tests.system.clip_probe import probed
from tests.system.flashes import flashes, in_step
from tests.system.framewatch import Framewatch, wait_for
from tests.system.rtsp import RtspServer, missing

__all__ = ["browser", "page"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

CONFIG = """
store: {{url: "sqlite:///events.db", media: media}}
pipeline: []
record: {{enabled: true, audio: true, continuous: {{days: 1}}}}
cameras:
  hall: {{inputs: [{{path: "{hall}"}}]}}
  porch: {{inputs: [{{path: "{porch}"}}]}}
  still: {{inputs: [{{path: "{still}"}}]}}
  shed: {{inputs: [{{path: "{hall}"}}], record: {{audio: false}}}}
"""
SOUNDING = ("hall", "porch")
ROUND_S = 3.6
SLACK_S = 1 / 25 + 2 * 1024 / 16_000
_IS_HEARD = """() => {
    const { currentTime, paused, webkitAudioDecodedByteCount } = document.querySelector("video");
    return !paused && currentTime > 1 && webkitAudioDecodedByteCount > 2000;
}"""
CAMERAS = (*SOUNDING, "still", "shed")


class Sounding:
    """`hall` sends AAC, `porch` G.711, `still` nothing but pictures, and nobody listens to `shed`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.system: Framewatch
        self.said: dict[str, dict[str, Any]] = {}
        """What the system said of each camera while it was there."""
        self.cameras = RtspServer(
            {
                "hall": flashes(folder / "hall.mp4"),
                "porch": flashes(folder / "porch.mov", "pcm_alaw", rate=8000),
                "still": flashes(folder / "still.mp4", None),
            }
        )

    def record_until_power_is_lost(self) -> None:
        """That ends their files."""
        known = {name: len(self.spans(name)) for name in CAMERAS}
        wait_for(lambda: {self.state(name) for name in CAMERAS} == {"recording"}, 40)
        time.sleep(ROUND_S)
        self.said = {name: self.system.camera(name) for name in CAMERAS}
        self.cameras.stop()
        wait_for(lambda: all(len(self.spans(name)) > known[name] for name in CAMERAS), 20)

    def state(self, name: str) -> str:
        return str(self.system.camera(name)["recording"]["state"])

    def spans(self, name: str) -> list[tuple[float, float]]:
        found = self.system.api.get(f"/api/v1/recordings?camera={name}").json()["recordings"]
        return [(span["started_at"], span["ended_at"]) for span in found]

    def address(self, name: str, begin: float, end: float) -> str:
        return f"/api/v1/recordings/{name}/clip.mp4?after={begin}&before={end}"

    def saved(self, name: str, begin: float, end: float) -> Path:
        answer = self.system.api.get(self.address(name, begin, end))
        assert answer.status_code == 200, answer.text[:300]
        path = self.folder / f"saved-{name}.mp4"
        path.write_bytes(answer.content)
        return path


@pytest.fixture(scope="module")
def sounding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sounding]:
    if reason := missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    made = Sounding(tmp_path_factory.mktemp("sounding"))
    addresses = {name: made.cameras.url(name) for name in made.cameras.files}
    (made.folder / "cameras.yaml").write_text(CONFIG.format(**addresses))
    with made.cameras, Framewatch("run", "cameras.yaml", folder=made.folder) as made.system:
        made.record_until_power_is_lost()
        made.cameras.start()
        made.record_until_power_is_lost()
        yield made


@pytest.mark.parametrize("name", SOUNDING)
def test_every_flash_has_its_tone_also_after_a_reconnect(sounding: Sounding, name: str) -> None:
    (begin, lost_at), (_, end) = sounding.spans(name)
    path = sounding.saved(name, begin, end)
    clip = probed(path)
    assert clip.sound
    assert (clip.codec, clip.sound.codec, clip.sound.rate) == ("h264", "aac", 16_000)
    assert clip.sound.length_s == pytest.approx(clip.length_s, abs=SLACK_S)
    assert in_step(path, joint_s=lost_at - begin) >= 3
    for file in (sounding.folder / "media" / "recordings").glob(f"*/{name}/[!.]*.mp4"):
        found = probed(file)
        assert found.sound
        assert found.sound.length_s == pytest.approx(found.length_s, abs=SLACK_S)


@pytest.mark.parametrize("name", ["still", "shed"])
def test_there_is_no_sound_where_none_comes_or_nobody_wants_it(sounding: Sounding, name: str) -> None:
    begin, end = sounding.spans(name)[0]
    assert probed(sounding.saved(name, begin, end)).sound is None


def test_it_says_which_cameras_are_heard(sounding: Sounding) -> None:
    said = sounding.said
    assert [said[name]["recording"]["sound"] for name in CAMERAS] == [True, True, False, False]
    assert [said[name]["inputs"][0]["audio"] for name in CAMERAS] == ["aac", "pcm_alaw", None, "aac"]
    lines = [line for line in sounding.system.errors if "sound" in line]
    assert len(lines) == 1 and "camera still" in lines[0], "once, over all its connections"


async def test_it_is_heard_in_a_browser(sounding: Sounding, page: Page) -> None:
    begin, _ = sounding.spans("porch")[0]
    await page.goto(sounding.system.url)
    await page.mouse.click(5, 5)
    await page.evaluate(
        """(address) => {
            const video = Object.assign(document.createElement("video"), { src: address, muted: true });
            document.body.append(video);
            return video.play();
        }""",
        sounding.address("porch", begin, begin + 5),
    )
    await page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    await page.evaluate("() => (document.querySelector('video').muted = false)")
    await page.wait_for_function(_IS_HEARD)
    assert await page.evaluate("document.querySelector('video').error") is None


async def test_the_recordings_page_has_sound_of_one_camera_at_a_time(sounding: Sounding, page: Page) -> None:
    begin, _ = sounding.spans("porch")[0]
    moment = datetime.fromtimestamp(begin + 1, UTC).isoformat().replace("+00:00", "Z")
    cameras = "".join(f"&camera={name}" for name in CAMERAS)
    await page.goto(f"{sounding.system.url}/#recordings?at={moment}{cameras}")
    await expect(page.locator('.screen[data-state=""]')).to_have_count(4)
    await expect(page.locator(".screen-sound:visible")).to_have_count(2)
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Sound of porch").click()
    await page.wait_for_function(
        "() => document.querySelector('[data-camera=porch] video.shown').webkitAudioDecodedByteCount > 2000"
    )
    muted = "[...document.querySelectorAll('video.shown')].filter((video) => !video.muted).length"
    assert await page.evaluate(muted) == 1
