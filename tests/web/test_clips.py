"""Clips and recordings over the API; what was recorded is as a test says."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from pipeline.core.event import ClipState, Event
from pipeline.core.footage import Clip, Span
from pipeline.events.store import EventStore
from sinks.web.clips import clips_router
from sinks.web.recordings import recordings_router
from tests.web.conftest import MakeApp, client_of
from tests.web.fake_system import FakeSystem

VIDEO = bytes(range(256)) * 4


class Recorded:
    """Ten seconds of the camera lobby."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[tuple[str | None, float, float]] = []
        self.found = Clip(folder / "clip.mp4", 1000.0, 1010.0)
        self.found.path.write_bytes(VIDEO)

    async def spans(self, camera: str | None, after: float, before: float) -> Sequence[Span]:
        self.asked.append((camera, after, before))
        return [Span("lobby", 1000.0, 1010.0, ["continuous", "alert"], 4711)]

    async def clip(self, camera: str, after: float, before: float) -> Clip | None:
        return self.found if camera == "lobby" and after < 1010.0 and before > 1000.0 else None

    async def clip_of(self, event: Event) -> Clip | None:
        return await self.clip(event.camera, event.started_at, event.started_at + 1)


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return Recorded(tmp_path)


@pytest_asyncio.fixture
async def api(
    make_app: MakeApp, store: EventStore, system: FakeSystem, recorded: Recorded
) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(routers=(clips_router(store, recorded), recordings_router(system, recorded)))
    async with client_of(app) as client:
        yield client


def keep(store: EventStore, clip: ClipState, at: float = 1005.0) -> None:
    store.save(
        Event(id="e1", type="zone_enter", camera="lobby", started_at=at, ended_at=at, state="end", clip=clip)
    ).result()


async def test_a_clip_and_its_ranges(api: httpx.AsyncClient, store: EventStore) -> None:
    keep(store, "ready")
    whole = await api.get("/api/v1/events/e1/clip.mp4")
    assert (whole.status_code, whole.content) == (200, VIDEO)
    assert (whole.headers["content-type"], whole.headers["accept-ranges"]) == ("video/mp4", "bytes")
    assert whole.headers["cache-control"] == "private, no-cache"
    times = [whole.headers[f"x-framewatch-{name}-at"] for name in ("starts", "ends")]
    assert times == ["1000.000", "1010.000"]
    part = await api.get("/api/v1/events/e1/clip.mp4", headers={"Range": "bytes=1000-"})
    assert (part.status_code, part.content) == (206, VIDEO[1000:])
    beyond = await api.get("/api/v1/events/e1/clip.mp4", headers={"Range": "bytes=5000-"})
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    ("clip", "at", "status", "why"),
    [
        ("none", 1005.0, 404, "event 'e1' has no recording: nothing is recorded for it"),
        ("failed", 1005.0, 404, "event 'e1' has no recording: it could not be recorded"),
        ("pending", 1005.0, 409, "event 'e1' is still being recorded: there is a clip once it is over"),
        ("ready", 5.0, 410, "the recording of event 'e1' is not kept any more"),
    ],
)
async def test_why_there_is_no_clip(
    api: httpx.AsyncClient, store: EventStore, clip: ClipState, at: float, status: int, why: str
) -> None:
    keep(store, clip, at)
    answer = await api.get("/api/v1/events/e1/clip.mp4")
    assert (answer.status_code, answer.json()["detail"]) == (status, why)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_what_there_is(api: httpx.AsyncClient, recorded: Recorded) -> None:
    answer = (await api.get("/api/v1/recordings?camera=lobby&after=1000&before=2000")).json()
    assert answer == {
        "after": 1000.0,
        "before": 2000.0,
        "recordings": [
            {
                "camera": "lobby",
                "started_at": 1000.0,
                "ended_at": 1010.0,
                "kinds": ["continuous", "alert"],
                "bytes": 4711,
            }
        ],
    }
    await api.get("/api/v1/recordings?before=100000")
    assert recorded.asked == [("lobby", 1000.0, 2000.0), (None, 13_600.0, 100_000.0)]


async def test_a_stretch_of_time_as_a_file(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/recordings/lobby/clip.mp4?after=1002&before=1005")
    assert (answer.status_code, answer.content) == (200, VIDEO)
    times = [answer.headers[f"X-Framewatch-{name}-At"] for name in ("Starts", "Ends")]
    assert times == ["1000.000", "1010.000"]


@pytest.mark.parametrize(
    ("query", "status", "why"),
    [
        ("lobby/clip.mp4?after=5&before=5", 400, "after=5.000 is not earlier than before=5.000"),
        ("lobby/clip.mp4?after=5&before=3606", 400, "got 3601 s, wanted at most an hour at once"),
        ("lobby/clip.mp4?after=5&before=60", 404, "nothing of that time is kept"),
        ("attic/clip.mp4?after=1000&before=1010", 404, "there is no recording of a camera 'attic'"),
    ],
)
async def test_what_cannot_be_exported(api: httpx.AsyncClient, query: str, status: int, why: str) -> None:
    answer = await api.get(f"/api/v1/recordings/{query}")
    assert (answer.status_code, answer.json()["detail"]) == (status, why)


@pytest.mark.parametrize("query", ["/lobby/clip.mp4?before=5", "/lobby/clip.mp4?after=nan&before=5", "?after=-1"])
async def test_times_that_are_none(api: httpx.AsyncClient, query: str) -> None:
    assert (await api.get(f"/api/v1/recordings{query}")).status_code == 422


async def test_a_week_at_most_is_listed(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/recordings?after=0&before=604801")
    assert (answer.status_code, answer.json()["detail"]) == (400, "got 604801 s, wanted at most 7 days at once")


async def test_it_is_described(api: httpx.AsyncClient) -> None:
    paths = (await api.get("/openapi.json")).json()["paths"]
    answers = paths["/api/v1/events/{event_id}/clip.mp4"]["get"]["responses"]
    assert answers.keys() == {"200", "206", "404", "409", "410", "default"}
    assert answers["206"]["content"].keys() == {"video/mp4"}
    listed = paths["/api/v1/recordings"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert listed["$ref"].endswith("/RecordingList")
