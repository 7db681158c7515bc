"""The installation over HTTP."""

from collections.abc import AsyncIterator, Sequence

import httpx
import pytest
import pytest_asyncio

from pipeline.core.about import AnalysisStatus, LogLevel, LogLine, ModelUse, SystemStatus
from pipeline.core.errors import Problem
from sinks.web.system import system_router
from tests.web.conftest import TOKEN, MakeApp, client_of
from tests.web.fake_system import online

LINES = [LogLine(float(number), "INFO", "pipeline", f"line {number}") for number in range(300)]


class Installation:
    """A SystemReader that is always the same."""

    config_path = "/etc/framewatch.yaml"

    async def status(self) -> SystemStatus:
        models = [ModelUse("general", "yolov8n openvino CPU 640x384", {"lobby": 34.5})]
        analysis = AnalysisStatus("restarting", "the analysis process ended (signal 9)", 2)
        return SystemStatus("1.2.3", "3.11.7", {"av": "18.1.0"}, 61.5, analysis, models, [online("lobby")], None, None)

    def log(self, lines: int, level: LogLevel) -> Sequence[LogLine]:
        return [line for line in LINES if line.level == level][-lines:]

    def config_problems(self) -> Sequence[Problem]:
        return [Problem("framewatch.yaml", 3, "camera", "an unknown key", "cameras")]


@pytest_asyncio.fixture
async def client(make_app: MakeApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(make_app(routers=(system_router(Installation()),))) as client:
        yield client


async def test_how_everything_does(client: httpx.AsyncClient) -> None:
    told = (await client.get("/api/v1/system")).json()

    assert (told["version"], told["python"], told["libraries"]) == ("1.2.3", "3.11.7", {"av": "18.1.0"})
    assert told["analysis"] == {
        "state": "restarting",
        "reason": "the analysis process ended (signal 9)",
        "restarts": 2,
    }
    assert told["models"][0]["cost_ms"] == {"lobby": 34.5}
    assert [camera["name"] for camera in told["cameras"]] == ["lobby"]
    assert (told["disk"], told["store"]) == (None, None)


async def test_the_end_of_the_log(client: httpx.AsyncClient) -> None:
    assert len((await client.get("/api/v1/system/log")).json()["lines"]) == 200
    assert (await client.get("/api/v1/system/log?lines=1")).json() == {
        "lines": [{"at": 299.0, "level": "INFO", "logger": "pipeline", "message": "line 299"}]
    }
    assert (await client.get("/api/v1/system/log?level=ERROR")).json() == {"lines": []}


@pytest.mark.parametrize("query", ["lines=0", "lines=1001", "lines=all", "level=loud"])
async def test_what_cannot_be_asked_of_the_log(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/api/v1/system/log?{query}")).status_code == 422


async def test_what_a_restart_would_say(client: httpx.AsyncClient) -> None:
    told = (await client.get("/api/v1/system/config")).json()

    assert (told["path"], told["valid"]) == ("/etc/framewatch.yaml", False)
    assert told["problems"][0]["line"] == 3
    assert told["problems"][0]["message"] == "framewatch.yaml:3: camera: got an unknown key, wanted cameras"


@pytest.mark.parametrize("path", ["", "/log", "/config"])
async def test_nobody_is_told_without_the_token(make_app: MakeApp, path: str) -> None:
    async with client_of(make_app(token=TOKEN, routers=(system_router(Installation()),))) as guarded:
        assert (await guarded.get(f"/api/v1/system{path}")).status_code == 401
        allowed = await guarded.get(f"/api/v1/system{path}", headers={"Authorization": f"Bearer {TOKEN}"})
        assert allowed.status_code == 200


async def test_it_is_described(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]

    for path, name in [("", "SystemStatus"), ("/log", "LogTail"), ("/config", "ConfigFile")]:
        answer = document["paths"][f"/api/v1/system{path}"]["get"]["responses"]["200"]
        assert answer["content"]["application/json"]["schema"]["$ref"].endswith(f"/{name}")
        assert name in schemas
    assert schemas["LogLine"]["properties"].keys() == {"at", "level", "logger", "message"}
