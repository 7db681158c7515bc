"""The whole system on a disk that really gets full: its store, its pictures and its recordings are all there."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from pipeline.app import recordings
from pipeline.app.log_memory import LogMemory
from pipeline.app.system import System
from pipeline.app.web import web
from pipeline.config import loads
from pipeline.core.event import Event
from pipeline.core.footage import Segment
from pipeline.core.ids import new_id
from pipeline.events import disk_room
from pipeline.recording import recorder
from pipeline.recording.shelf import Shelf
from pipeline.store.media import MediaFolder
from pipeline.store.store import EventStore
from tests.sinks.receiver import Receiver
from tests.system.clip_probe import probed
from tests.system.pages import endless_mark
from tests.system.small_disk import MB, SmallDisk, small_disk

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

DISK, MIN_FREE, OLD_FILE = 24 * MB, 6 * MB, 3 * MB
OLD_HOURS = (5, 4, 3, 2)
GROUP_S = 1.0
PICTURE = b"\xff\xd8 a picture \xff\xd9"
CONFIG = """\
server: {{port: 0}}
store: {{url: "sqlite:///{disk}/events.db", media: "{disk}/media", min_free: {min_free}}}
models: {{general: {{type: "{folder}/mark_detector.py:MarkDetector"}}}}
detect: {{fps: 8}}
record: {{enabled: true, continuous: {{days: 1}}, alerts: {{pre_capture: 1, post_capture: 0}}}}
cameras:
  yard:
    inputs: [{{path: "{folder}/mark.mp4", loop: true}}]
    zones:
      left: {{coordinates: "0,0,0.3,0,0.3,1,0,1", inertia: 1}}
      right: {{coordinates: "0.7,0,1,0,1,1,0.7,1", inertia: 1}}
    lines: {{centre: {{from: [0.5, 0], to: [0.5, 1]}}}}
alerts: [{{name: all, when: {{event: [zone_enter, line_cross]}}, send: phone}}]
sinks: {{phone: {{type: webhook, url: "{hook}"}}}}
"""


@dataclass
class Site:
    """What a user sees of the system, and of the disk that it is on."""

    disk: SmallDisk
    phone: Receiver
    api: httpx.AsyncClient
    folder: Path

    async def get(self, path: str) -> Any:
        answer = await self.api.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    async def camera(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.get("/api/v1/cameras/yard")
        return found

    async def is_recording(self) -> bool:
        return bool((await self.camera())["recording"]["state"] == "recording")

    async def is_paused(self) -> bool:
        return bool((await self.camera())["recording"]["state"] == "paused")

    async def troubles(self) -> list[str]:
        reasons: list[str] = (await self.api.get("/readyz")).json()["reasons"]
        return [reason for reason in reasons if reason.startswith(("disk: ", "store: "))]

    async def hours_kept(self) -> list[int]:
        """Of what an earlier run has recorded."""
        spans = (await self.get("/api/v1/recordings?camera=yard"))["recordings"]
        ages = [round((time.time() - span["started_at"]) / 3600) for span in spans]
        return [hours for hours in ages if hours]

    async def until(self, condition: Callable[[], Awaitable[Any]]) -> None:
        async with asyncio.timeout(90):
            while not await condition():
                await asyncio.sleep(0.05)


def earlier_run(disk: Path, film: Path) -> None:
    """Recordings of some hours, and an event with a picture that is older than they are."""
    store, shelf, media = EventStore(f"sqlite:///{disk}/events.db"), Shelf(disk / "media"), MediaFolder(disk / "media")
    store.start()
    at = time.time() - 6 * 3600
    old = Event(id=new_id(at), type="object", camera="yard", started_at=at, ended_at=at + 5, state="end")
    old.has_snapshot = True
    media.write_snapshot(old.id, "yard", PICTURE)
    store.save(old).result(10)
    for hours in OLD_HOURS:
        at = time.time() - hours * 3600
        segment_id = new_id(at)
        unfinished = shelf.unfinished(segment_id, "yard")
        unfinished.write_bytes(film.read_bytes().ljust(OLD_FILE, b"\0"))
        path = shelf.finish(unfinished)
        store.recordings.add([Segment(segment_id, "yard", at, at + 8, path, OLD_FILE, frozenset({"continuous"}))])
    store.close()


@pytest_asyncio.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr(disk_room, "EVERY_S", 0.3)
    monkeypatch.setattr(recorder, "PAUSE_S", 0.5)
    monkeypatch.setattr(recorder, "SEGMENT_S", 2.0)
    monkeypatch.setattr(recordings, "_LOOK_AFTER_S", 0.5)
    phone = Receiver()
    with small_disk(tmp_path / "disk", DISK) as disk:
        film = endless_mark(tmp_path / "mark.mp4")
        shutil.copy(Path(__file__).with_name("mark_detector.py"), tmp_path)
        earlier_run(disk.root, film)
        await phone.start()
        text = CONFIG.format(disk=disk.root, folder=tmp_path, min_free=MIN_FREE / 1e9, hook=phone.url)
        system = System(loads(text, name=str(tmp_path / "cameras.yaml")))
        await system.start()
        server = web(system, LogMemory())
        await server.start()
        try:
            async with httpx.AsyncClient(base_url=server.url, timeout=20) as api:
                yield Site(disk, phone, api, tmp_path)
        finally:
            disk.make_room()
            await server.stop()
            await system.stop()
            await phone.stop()


async def test_a_full_disk_pauses_recording_and_nothing_else(site: Site) -> None:
    await site.until(site.is_recording)
    await site.until(lambda: _has(site.phone.bodies))
    assert sorted(await site.hours_kept()) == sorted(OLD_HOURS)

    site.disk.fill()
    await site.until(lambda: _is_only(site.hours_kept, [2]))
    await site.until(site.is_recording)
    await site.until(lambda: _is_only(site.troubles, []))

    site.disk.keep_full()
    await site.until(site.is_paused)
    await site.until(lambda: _has_trouble(site, "disk: "))
    heard = len(site.phone.bodies)
    await site.until(lambda: _has(site.phone.bodies[heard + 2 :]))
    camera = await site.camera()
    assert (camera["state"], camera["recording"]["state"]) == ("online", "paused")
    assert camera["recording"]["reason"], "it says why"
    assert camera["fps_analysed"] > 0

    site.disk.make_room()
    made_at = time.time()
    await site.until(site.is_recording)
    await site.until(lambda: _is_only(site.troubles, []))
    await site.until(lambda: _is_only(site.hours_kept, []))
    await site.until(lambda: _is_stored_again(site, made_at))
    await site.until(lambda: _is_there(site, [body["event"]["id"] for body in site.phone.bodies]))
    assert await _all_that_is_shown_is_whole(site) > 0


async def _has(things: list[Any]) -> bool:
    return bool(things)


async def _is_only(asked: Callable[[], Awaitable[list[Any]]], wanted: list[Any]) -> bool:
    return await asked() == wanted


async def _has_trouble(site: Site, what: str) -> bool:
    return any(trouble.startswith(what) for trouble in await site.troubles())


async def _is_stored_again(site: Site, since: float) -> bool:
    events = (await site.get("/api/v1/events?limit=500"))["events"]
    return any(event["clip"] == "ready" and event["started_at"] > since for event in events)


async def _is_there(site: Site, events: list[str]) -> bool:
    """All of them: what was told of is in the list, too, whenever it was."""
    listed = (await site.get("/api/v1/events?limit=500"))["events"]
    return {event["id"] for event in listed} >= {*events}


async def _all_that_is_shown_is_whole(site: Site) -> int:
    """Pictures, clips and recordings that are listed can be had; returns how many recordings there are."""
    for event in (await site.get("/api/v1/events?limit=20"))["events"]:
        picture = await site.api.get(f"/api/v1/events/{event['id']}/snapshot.jpg")
        assert picture.status_code == 200 or not event["has_snapshot"], event
        assert picture.status_code == 404 or picture.content.endswith(b"\xff\xd9"), event
        if event["clip"] == "ready":
            assert (await site.api.get(f"/api/v1/events/{event['id']}/clip.mp4")).status_code == 200, event
    spans = (await site.get("/api/v1/recordings?camera=yard"))["recordings"]
    for span in spans:
        path = f"/api/v1/recordings/yard/clip.mp4?after={span['started_at']}&before={span['ended_at']}"
        answer = await site.api.get(path)
        assert answer.status_code == 200, answer.text
        clip = site.folder / "clip.mp4"
        clip.write_bytes(answer.content)
        more_s = probed(clip).length_s - (span["ended_at"] - span["started_at"])
        assert -0.3 <= more_s <= GROUP_S + 0.3, "from the key frame before, where there is one"
    return len(spans)
