"""Zones and lines over HTTP: read, saved, refused and copied."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
import pytest_asyncio

from pipeline.core.errors import ConfigError, Problem
from sinks.web.areas import areas_router
from tests.web.conftest import TOKEN, MakeApp, client_of
from tests.web.fake_system import FakeSystem

ENTRANCE = {"coordinates": "0.1,0.5,0.6,0.5,0.6,1.0", "some_day": {"new": True}}
DOOR = {"from": [0.2, 0.6], "to": [0.8, 0.6]}
AREAS = "/api/v1/cameras/lobby/areas"


class File:
    """A ConfigWriter that keeps what is set, and wants every zone to have coordinates."""

    def __init__(self) -> None:
        self.not_writable = ""
        self.broken: Problem | None = None
        self.zones: Mapping[str, Any] = {"entrance": ENTRANCE}
        self.lines: Mapping[str, Any] = {"door": DOOR}

    def areas(self, camera: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        if self.broken:
            raise ConfigError([self.broken])
        return self.zones, self.lines

    async def set_areas(self, camera: str, zones: Mapping[str, Any], lines: Mapping[str, Any]) -> None:
        keys = [f"cameras.{camera}.zones.{name}.coordinates" for name, zone in zones.items() if not zone]
        if keys:
            raise ConfigError([Problem("fw.yaml", 7, key, "no coordinates", "some") for key in keys])
        self.zones, self.lines = zones, lines

    def areas_snippet(self, camera: str, zones: Mapping[str, Any], lines: Mapping[str, Any]) -> str:
        return f"{camera}: {sorted(zones)} {sorted(lines)}\n"

    async def add_camera(self, name: str, camera: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def camera_snippet(self, name: str, camera: Mapping[str, Any]) -> str:
        raise NotImplementedError


@pytest.fixture
def file() -> File:
    return File()


@pytest_asyncio.fixture
async def client(make_app: MakeApp, system: FakeSystem, file: File) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(make_app(routers=(areas_router(system, file),))) as client:
        yield client


async def test_they_are_read_as_they_are_written(client: httpx.AsyncClient) -> None:
    told = await client.get(AREAS)

    assert told.json() == {"zones": {"entrance": ENTRANCE}, "lines": {"door": DOOR}, "not_writable": ""}
    assert told.headers["ETag"]


async def test_all_of_them_are_saved_and_what_is_not_named_goes(client: httpx.AsyncClient, file: File) -> None:
    saved = await client.put(AREAS, json={"zones": {"porch": ENTRANCE}, "lines": {}})

    assert saved.json() == {"zones": {"porch": ENTRANCE}, "lines": {}, "not_writable": ""}
    assert (file.zones, file.lines) == ({"porch": ENTRANCE}, {})


async def test_what_was_changed_meanwhile_is_not_overwritten(client: httpx.AsyncClient, file: File) -> None:
    known = (await client.get(AREAS)).headers["ETag"]
    wanted = {"zones": {}, "lines": {"door": DOOR}}
    file.lines = {}

    refused = await client.put(AREAS, json=wanted, headers={"If-Match": known})
    assert (refused.status_code, refused.json()["detail"]) == (
        412,
        "the zones and lines of lobby were changed meanwhile",
    )
    assert file.zones == {"entrance": ENTRANCE}

    forced = await client.put(AREAS, json=wanted, headers={"If-Match": "*"})
    assert forced.status_code == 200
    again = await client.put(AREAS, json=wanted, headers={"If-Match": forced.headers["ETag"]})
    assert again.status_code == 200, "the answer to a save has the tag for the next"


async def test_what_runs_is_told_where_the_file_is_broken(client: httpx.AsyncClient, file: File) -> None:
    file.broken = Problem("fw.yaml", 3, "camera", "an unknown key", "cameras")

    told = (await client.get(AREAS)).json()

    assert told["not_writable"] == "fw.yaml:3: camera: got an unknown key, wanted cameras"
    assert told["zones"] == {"entrance": {"coordinates": [[0.1, 0.5], [0.6, 0.5], [0.6, 1.0], [0.1, 1.0]]}}
    assert told["lines"] == {"door": {"from": [0.2, 0.6], "to": [0.8, 0.6]}}


async def test_every_problem_names_its_key(client: httpx.AsyncClient, file: File) -> None:
    refused = await client.put(AREAS, json={"zones": {"a": {}, "b": {}}, "lines": {}})

    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["errors"] == [
        {"name": f"cameras.lobby.zones.{zone}.coordinates", "got": "no coordinates", "wanted": "some"} for zone in "ab"
    ]
    assert file.zones == {"entrance": ENTRANCE}


async def test_where_nothing_can_be_saved_that_is_said_and_yaml_is_had(client: httpx.AsyncClient, file: File) -> None:
    file.not_writable = "started without a file"

    assert (await client.get(AREAS)).json()["not_writable"] == "started without a file"
    refused = await client.put(AREAS, json={"zones": {}, "lines": {}})
    assert (refused.status_code, refused.json()["detail"]) == (409, "started without a file")
    snippet = await client.post(f"{AREAS}/snippet", json={"zones": {"porch": {}}, "lines": {}})
    assert (snippet.text, snippet.headers["Content-Type"]) == ("lobby: ['porch'] []\n", "application/yaml")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 422, id="no JSON"),
        pytest.param(b'{"zones": {}}', 422, id="no lines"),
        pytest.param(b'{"zones": [], "lines": {}}', 422, id="zones that are a list"),
        pytest.param(b"\xff", 400, id="no text"),
        pytest.param(b" " * ((1 << 20) + 1), 413, id="too long"),
    ],
)
async def test_bodies_that_are_none(client: httpx.AsyncClient, file: File, body: bytes, status: int) -> None:
    for method, path in [("PUT", AREAS), ("POST", f"{AREAS}/snippet")]:
        answer = await client.request(method, path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == status
        assert (await client.request(method, path, content=body)).status_code == 415
    assert file.zones == {"entrance": ENTRANCE}


async def test_a_camera_that_is_not_there(client: httpx.AsyncClient) -> None:
    path = "/api/v1/cameras/attic/areas"
    empty: dict[str, Any] = {"zones": {}, "lines": {}}

    for answer in [
        await client.get(path),
        await client.put(path, json=empty),
        await client.post(f"{path}/snippet", json=empty),
    ]:
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="as browsers say it"),
        pytest.param({"Origin": "https://elsewhere.example"}, id="as old browsers say it"),
    ],
)
async def test_no_other_site_changes_them(client: httpx.AsyncClient, file: File, headers: dict[str, str]) -> None:
    refused = await client.put(AREAS, json={"zones": {}, "lines": {}}, headers=headers)

    assert refused.status_code == 403
    assert file.zones == {"entrance": ENTRANCE}


async def test_nobody_changes_them_without_the_token(make_app: MakeApp, system: FakeSystem, file: File) -> None:
    async with client_of(make_app(token=TOKEN, routers=(areas_router(system, file),))) as guarded:
        assert (await guarded.put(AREAS, json={"zones": {}, "lines": {}})).status_code == 401
    assert file.zones == {"entrance": ENTRANCE}


async def test_it_is_described(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    put = document["paths"]["/api/v1/cameras/{name}/areas"]["put"]

    assert put["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Areas")
    assert put["responses"]["412"]["content"].keys() == {"application/problem+json"}
    assert document["components"]["schemas"]["WrittenAreas"]["properties"].keys() == {"zones", "lines", "not_writable"}
