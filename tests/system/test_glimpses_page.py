"""What was seen, but not confirmed, on the Alerts page of a system that really runs, in a browser of either size."""

import asyncio
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from pipeline.core.footage import Segment
from pipeline.store.glimpses import put
from pipeline.store.store import EventStore
from tests.store.test_glimpses import glimpse
from tests.system.accessibility import has_no_faults
from tests.system.browser import browser, console_errors
from tests.system.framewatch import Framewatch
from tests.system.pages import PATIENCE_MS, either_page, endless_mark

__all__ = ["browser", "either_page"]

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

CONFIG = """\
store: {url: "sqlite:///events.db", media: media}
models:
  general: {type: ./mark_detector.py:MarkDetector}
detect: {max_disappeared: 2}
cameras:
  yard:
    friendly_name: The yard
    inputs: [{path: mark.mp4, loop: true}]
    objects: {mask: ["0,0,0.5,0,0.5,1,0,1"], filters: {person: {threshold: 0.97}}}
    zones: {door: {coordinates: "0,0,0.1,0,0.1,1,0,1"}}
alerts:
  - {name: somebody, when: {event: object, objects: [person]}, send: log}
  - {name: burglar, when: {event: zone_enter, zones: [door]}, send: log}
sinks:
  log: {type: jsonl, path: alerts.jsonl}
"""
NOTHING = "Nothing of that kind was seen."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("yard")


@pytest.fixture(scope="module")
def system(folder: Path) -> Iterator[Framewatch]:
    """The mark is masked half of the time, and the other half the detector is not sure enough of it."""
    shutil.copy(Path(__file__).with_name("mark_detector.py"), folder)
    endless_mark(folder / "mark.mp4")
    (folder / "cameras.yaml").write_text(CONFIG)
    with Framewatch("run", "cameras.yaml", folder=folder) as running:
        _seen_two_days_ago(folder)
        yield running


DAYS_AGO = time.time() - 2 * 86_400


def _seen_two_days_ago(folder: Path) -> None:
    times = [DAYS_AGO - number for number in range(25)]
    seen = [glimpse(n, first_seen_at=at, last_seen_at=at + 12.4) for n, at in enumerate(times)]
    store = EventStore(f"sqlite:///{folder}/events.db")
    store.start()
    store.edit(lambda connection: put(connection, seen)).result(timeout=10)
    store.recordings.add([Segment("s", "yard", DAYS_AGO - 5, DAYS_AGO + 5, "s.mp4", 1000, frozenset({"continuous"}))])
    store.close()


async def test_what_was_not_confirmed_and_why(system: Framewatch, either_page: Page) -> None:
    page, errors = either_page, console_errors(either_page)
    await asyncio.to_thread(system.until_analysing, "yard")
    await page.goto(f"{system.url}/#alerts")
    section = page.get_by_role("region", name="Seen, but not confirmed")
    why = section.get_by_label("Why")
    row = section.locator("tbody tr").first
    await expect(row.locator('[data-title="Certainty"]')).to_have_text("95%", timeout=PATIENCE_MS)
    assert await texts(row, "Why no event", "Object", "Camera", "Certainty", "Rules not asked") == [
        "score 0.95 below 0.97 (threshold)",
        "Person",
        "The yard",
        "95%",
        "somebody",
    ]
    await has_no_faults(page)

    await section.get_by_label("Camera").select_option("The yard")
    await why.select_option("Left out by size, shape or mask")
    await expect(row).to_have_text(NOTHING)
    await why.select_option("Not certain enough")
    await section.get_by_label("Seen before").fill("2020-01-01T03:00")
    await expect(row).to_have_text(NOTHING)
    await _goes_back_two_days(section)
    await has_no_faults(page)
    assert errors == []


async def _goes_back_two_days(section: Locator) -> None:
    then = time.strftime("%Y-%m-%dT%H:%M", time.localtime(DAYS_AGO + 60))
    rows, older = section.locator("tbody tr"), section.get_by_role("button", name="Show older ones")
    await section.get_by_label("Seen before").fill(then)
    await expect(rows).to_have_count(20)
    await expect(rows.first.locator("th")).to_have_text(re.compile("for 12 s$"))
    assert await texts(rows.first, "Why no event", "Object", "Rules not asked", "Recording") == [
        "score 0.46 below 0.5 (threshold)",
        "Person, in door",
        "somebody, burglar",
        "Watch",
    ]
    await expect(rows.first.get_by_role("link")).to_have_attribute(
        "href", re.compile(r"^#recordings\?at=.*&camera=yard$")
    )
    await expect(rows.last.locator('[data-title="Recording"]')).to_have_text("–")
    await older.focus()
    await section.page.keyboard.press("Enter")
    await expect(rows).to_have_count(25)
    await expect(older).to_be_hidden()


async def texts(row: Locator, *columns: str) -> list[str]:
    return [await row.locator(f'[data-title="{column}"]').inner_text() for column in columns]
