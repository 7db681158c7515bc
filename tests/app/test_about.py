"""What the System page is told of a system that really runs."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from pipeline.app.about import disk_of
from pipeline.app.log_memory import LogMemory
from pipeline.app.system import System
from pipeline.app.web import web
from pipeline.app.written import WrittenConfig
from pipeline.config import load

CONFIG = """\
server: {{port: 0, auth: {{mode: token, token: a-long-token}}}}
store: {{url: 'sqlite:///{folder}/events.db', media: '{folder}/media', min_free: 1000000}}
pipeline: [motion]
cameras: {{street: {{inputs: [{{path: demo}}]}}}}
"""


@pytest.fixture
def written(tmp_path: Path) -> WrittenConfig:
    path = tmp_path / "cameras.yaml"
    path.write_text(CONFIG.format(folder=tmp_path))
    return WrittenConfig(path)


@pytest_asyncio.fixture
async def client(written: WrittenConfig) -> AsyncIterator[httpx.AsyncClient]:
    """Of the real server over the real system, with the token."""
    with LogMemory() as log:
        system = System(load(written.path))
        pages = web(system, log, written)
        await pages.start()
        try:
            await system.start()
            headers = {"Authorization": "Bearer a-long-token"}
            async with httpx.AsyncClient(base_url=pages.url, headers=headers) as client:
                yield client
        finally:
            await asyncio.gather(pages.stop(), system.stop())


async def test_a_running_system_tells_of_itself(client: httpx.AsyncClient, written: WrittenConfig) -> None:
    async with asyncio.timeout(60):
        while not (told := (await client.get("/api/v1/system")).json())["cameras"][0]["fps_decoded"]:
            await asyncio.sleep(0.2)
    (camera,) = told["cameras"]
    assert camera["cost_ms"].keys() == {"motion"}
    assert camera["analysed"] >= camera["looked"]
    assert {"channel", "packets", "frames"} <= camera["dropped"].keys()
    assert told["analysis"] == {"state": "running", "reason": "", "restarts": 0}
    assert told["store"]["schema_version"].startswith("v")
    assert told["store"]["bytes"] > 0
    assert told["disk"]["media"] == str(written.path.parent / "media")
    assert 0 < told["disk"]["free_bytes"] < told["disk"]["total_bytes"]
    assert "wanted 1000000.0 GB (store.min_free)" in told["disk"]["trouble"]
    assert any(reason.startswith("disk: ") for reason in (await client.get("/readyz")).json()["reasons"])
    assert {"av", "aiortc", "torch"} <= told["libraries"].keys()
    lines = (await client.get("/api/v1/system/log")).json()["lines"]
    assert any("street" in line["message"] and "online" in line["message"] for line in lines)


async def test_the_file_is_read_again(client: httpx.AsyncClient, written: WrittenConfig) -> None:
    assert (await client.get("/api/v1/system/config")).json() == {
        "path": str(written.path),
        "valid": True,
        "problems": [],
    }
    written.path.write_text("cameras:\n  street: {inputs: []}\ncamera: {}\n")

    told = (await client.get("/api/v1/system/config")).json()

    assert told["valid"] is False
    assert [(problem["line"], problem["key"]) for problem in told["problems"]] == [
        (2, "cameras.street.inputs"),
        (3, "camera"),
    ]
    assert all(problem["message"].startswith(f"{written.path}:{problem['line']}: ") for problem in told["problems"])


def test_what_the_command_line_says_counts(written: WrittenConfig) -> None:
    assert WrittenConfig(written.path, {"server": {"port": -1}}).problems()[0].file == "command line"


def test_a_file_that_has_gone_is_a_problem(written: WrittenConfig) -> None:
    written.path.unlink()
    assert len(written.problems()) == 1


def test_a_folder_s_size_is_that_of_all_in_it(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day/a.jpg").write_bytes(bytes(100))
    (tmp_path / "b.jpg").write_bytes(bytes(23))
    disk = disk_of(tmp_path)
    assert disk is not None
    assert disk.media_bytes == 123
    assert disk_of(tmp_path / "nowhere") is None
