import httpx
import pytest
import pytest_asyncio

from pipeline.core.event import Event
from tests.web.fake_system import FakeSystem


@pytest_asyncio.fixture(autouse=True)
async def history(system: FakeSystem) -> None:
    person = {"type": "object", "camera": "lobby", "label": "person"}
    for facts in (
        {**person, "id": "e1", "started_at": 100.0, "ended_at": 200.0, "zones": ["entrance"]},
        {**person, "id": "e2", "started_at": 230.0, "ended_at": 300.0, "attributes": {"colour": "red"}},
        {"id": "e3", "type": "zone_enter", "camera": "yard", "started_at": 150.0, "ended_at": 150.0, "rules": ["night"],
         "severity": "alert", "zone": "gate"},
        {**person, "id": "e4", "started_at": 5_000.0, "ended_at": 5_001.0},
    ):  # fmt: skip
        await system.happens(Event(**facts))  # type: ignore[arg-type]


async def test_a_stretch_of_time_by_camera(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/api/v1/events/overview?after=0&before=4000")).json()

    assert (answer["after"], answer["before"], answer["step"]) == (0, 4000, 60)
    assert answer["cameras"] == [
        {
            "camera": "lobby",
            "events": 2,
            "alerts": 0,
            "spans": [{"start": 100.0, "end": 300.0, "kind": "detection", "events": 2, "id": None}],
            "marks": [],
        },
        {
            "camera": "yard",
            "events": 1,
            "alerts": 1,
            "spans": [],
            "marks": [{"at": 150.0, "kind": "alert", "events": 1, "id": "e3"}],
        },
    ]


@pytest.mark.parametrize(
    ("query", "spans"),
    [
        ("&step=10", 2),
        ("&step=60", 1),
        ("&attribute=colour:red", 1),
        ("&camera=yard", 0),
        ("&step=10&zone=entrance", 1),
    ],
)
async def test_as_coarse_and_as_narrow_as_asked_for(client: httpx.AsyncClient, query: str, spans: int) -> None:
    answer = (await client.get(f"/api/v1/events/overview?after=0&before=4000{query}")).json()

    assert sum(len(camera["spans"]) for camera in answer["cameras"]) == spans


@pytest.mark.parametrize(
    "query", ["", "after=0", "before=9", "after=9&before=9", "after=0&before=172801", "after=0&before=9&step=0"]
)
async def test_a_stretch_that_is_none_is_refused(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/v1/events/overview?{query}")

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_what_there_is_to_choose_from(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/events/choices")).json() == {
        "cameras": ["lobby", "yard"],
        "types": ["object", "zone_enter"],
        "labels": ["person"],
        "zones": ["entrance", "gate"],
        "rules": ["night"],
        "attributes": {"colour": ["red"]},
    }
