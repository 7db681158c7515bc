"""Adding a camera over HTTP: what is asked for, what is refused, and that no password comes back."""

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
import pytest_asyncio

from pipeline.core.errors import ConfigError, Problem, SourceError, UnavailableError
from pipeline.core.found import FoundCamera, FoundStream, FoundStreams, Look
from sinks.web.adding import adding_router
from tests.web.conftest import TOKEN, MakeApp, client_of

SECOND = FoundStream("rtsp://10.0.0.9/sub", "", "h264", 640, 360, 15.0)
SEEN = Look("h264", 1280, 720, 25.0, [("codec", "H.264")], b"\xff\xd8jpeg", SECOND)
CAMERA = {"name": "yard", "address": "rtsp://10.0.0.9/main"}
SESAME = {"user": "ad min", "password": "open/sesame"}
PATHS = ["/api/v1/probe", "/api/v1/discover", "/api/v1/discover/streams", "/api/v1/cameras", "/api/v1/cameras/snippet"]


class File:
    """A ConfigWriter that keeps what is added, and has `street` already."""

    def __init__(self) -> None:
        self.not_writable = ""
        self.added: dict[str, Mapping[str, Any]] = {}

    def areas(self, camera: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return {}, {}

    async def set_areas(self, camera: str, zones: Mapping[str, Any], lines: Mapping[str, Any]) -> None:
        raise AssertionError("nobody draws here")

    def areas_snippet(self, camera: str, zones: Mapping[str, Any], lines: Mapping[str, Any]) -> str:
        raise AssertionError("nobody draws here")

    async def add_camera(self, name: str, camera: Mapping[str, Any]) -> None:
        if name == "street":
            raise ConfigError(
                [Problem("c.yaml", 3, "cameras.street", "a camera that is there already", "another name")]
            )
        self.added[name] = camera

    def camera_snippet(self, name: str, camera: Mapping[str, Any]) -> str:
        return f"cameras: {{{name}: {len(camera['inputs'])}}}\n"


class Network:
    """A CameraFinder with one camera on it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.trouble: Exception | None = None

    async def look(self, address: str) -> Look:
        self._ask(address)
        return SEEN

    async def discover(self) -> list[FoundCamera]:
        self._ask()
        return [FoundCamera("10.0.0.9", "http://10.0.0.9/onvif")]

    async def streams(self, service: str, user: str, password: str) -> FoundStreams:
        self._ask(service, user, password)
        return FoundStreams("Maker", "Model", [SECOND])

    def _ask(self, *asked: str) -> None:
        self.asked.append(asked)
        if self.trouble:
            raise self.trouble


@pytest.fixture
def file() -> File:
    return File()


@pytest.fixture
def network() -> Network:
    return Network()


@pytest_asyncio.fixture
async def client(make_app: MakeApp, file: File, network: Network) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(make_app(routers=(adding_router(file, network),))) as client:
        yield client


async def test_a_look(client: httpx.AsyncClient, network: Network) -> None:
    answer = await client.post("/api/v1/probe", json={"address": " rtsp://10.0.0.9/main ", **SESAME})

    assert network.asked == [("rtsp://ad%20min:open%2Fsesame@10.0.0.9/main",)]
    assert answer.json()["picture"] == "/9hqcGVn"
    assert answer.json()["second"]["address"] == "rtsp://10.0.0.9/sub"
    assert "sesame" not in answer.text


async def test_why_it_cannot_be_seen_and_what_to_do(client: httpx.AsyncClient, network: Network) -> None:
    network.trouble = SourceError("unauthorised", "rtsp://10.0.0.9/main", "401")
    answer = await client.post("/api/v1/probe", json={"address": "rtsp://10.0.0.9/main", **SESAME})

    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "application/problem+json")
    assert answer.json()["detail"].startswith("unauthorised (401). User or password are wrong.")


async def test_enough_is_being_looked_at(client: httpx.AsyncClient, network: Network) -> None:
    network.trouble = UnavailableError("2 looks are going on already", retry_after_s=5)
    answer = await client.post("/api/v1/discover")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


async def test_who_is_on_the_network(client: httpx.AsyncClient, network: Network) -> None:
    found = (await client.post("/api/v1/discover")).json()["cameras"]
    told = await client.post("/api/v1/discover/streams", json={"service": found[0]["service"], **SESAME})

    assert told.json()["streams"][0]["width"] == 640
    assert network.asked[1] == ("http://10.0.0.9/onvif", "ad min", "open/sesame")


async def test_a_camera_is_added(client: httpx.AsyncClient, file: File) -> None:
    answer = await client.post("/api/v1/cameras", json=CAMERA)

    assert (answer.status_code, answer.json()) == (201, {"name": "yard"})
    assert answer.headers["Location"] == "/api/v1/cameras/yard"
    assert file.added == {"yard": {"inputs": [{"path": "rtsp://10.0.0.9/main"}]}}


async def test_with_its_smaller_stream(client: httpx.AsyncClient, file: File) -> None:
    new = {**CAMERA, **SESAME, "friendly_name": "The yard", "second": "rtsp://10.0.0.9/sub"}
    answer = await client.post("/api/v1/cameras", json=new)

    user = "ad%20min:open%2Fsesame"
    assert file.added["yard"] == {
        "friendly_name": "The yard",
        "inputs": [
            {"path": f"rtsp://{user}@10.0.0.9/main", "roles": ["record", "live"]},
            {"path": f"rtsp://{user}@10.0.0.9/sub", "roles": ["detect"]},
        ],
    }
    assert "sesame" not in answer.text + str(answer.headers)


async def test_a_camera_that_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/cameras", json={**CAMERA, "name": "street"})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"name": "cameras.street", "got": "a camera that is there already", "wanted": "another name"}
    ]


async def test_where_nothing_can_be_saved(client: httpx.AsyncClient, file: File) -> None:
    file.not_writable = "this is the demo"
    assert (await client.get("/api/v1/config/writable")).json() == {"not_writable": "this is the demo"}
    assert (await client.post("/api/v1/cameras", json=CAMERA)).status_code == 409
    snippet = await client.post("/api/v1/cameras/snippet", json=CAMERA)
    assert (snippet.text, snippet.headers["Content-Type"]) == ("cameras: {yard: 1}\n", "application/yaml")
    assert file.added == {}


@pytest.mark.parametrize(
    "address",
    ["/etc/passwd", "file:///etc/passwd", "demo", "0", "./a.py:A", "concat:rtsp://a", "RTSP://a", "", "udp://a"],
)
@pytest.mark.parametrize("path", ["/api/v1/probe", "/api/v1/cameras", "/api/v1/cameras/snippet"])
async def test_nothing_but_cameras_on_the_network(
    client: httpx.AsyncClient, file: File, network: Network, address: str, path: str
) -> None:
    for body in ({"address": address}, {"address": CAMERA["address"], "second": address}):
        if (path.endswith("probe") and "second" in body) or body.get("second") == "":
            continue
        answer = await client.post(path, json={**({} if path.endswith("probe") else {"name": "a"}), **body})
        assert (answer.status_code, file.added, network.asked) == (422, {}, [])
        assert "begins with rtsp://" in answer.json()["detail"]
    assert (await client.post("/api/v1/discover/streams", json={"service": address})).status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"content": b'{"address": 1}'}, 415, id="no JSON by its type"),
        pytest.param({"content": b"{", "headers": {"Content-Type": "application/json"}}, 422, id="no JSON"),
        pytest.param({"json": {"address": ["rtsp://open-sesame@a"]}}, 422, id="another kind"),
        pytest.param({"json": {"address": "rtsp://a", "type": "./a.py:A"}}, 422, id="a key too many"),
        pytest.param({"json": {}}, 422, id="nothing"),
        pytest.param({"json": {"address": "rtsp://" + "a" * 20_000}}, 413, id="too much"),
    ],
)
async def test_bodies_that_are_refused(client: httpx.AsyncClient, network: Network, body: Any, status: int) -> None:
    answer = await client.post("/api/v1/probe", **body)
    assert (answer.status_code, network.asked) == (status, [])
    assert "sesame" not in answer.text


@pytest.mark.parametrize("path", PATHS)
async def test_no_other_sites_page_may(client: httpx.AsyncClient, file: File, network: Network, path: str) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await client.post(path, json={**CAMERA}, headers=headers)
        assert (answer.status_code, file.added, network.asked) == (403, {}, [])


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_without_the_token(make_app: MakeApp, file: File, network: Network, path: str) -> None:
    async with client_of(make_app(token=TOKEN, routers=(adding_router(file, network),))) as guarded:
        assert (await guarded.post(path, json=CAMERA)).status_code == 401
        assert (file.added, network.asked) == ({}, [])


async def test_no_password_is_logged(
    client: httpx.AsyncClient, network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for trouble in (None, SourceError("timed out", "rtsp://10.0.0.9/main"), OSError("something else")):
        network.trouble = trouble
        for path in PATHS:
            await client.post(path, json={**CAMERA, **SESAME})
            await client.post(path, json={"address": "rtsp://admin:sesame@10.0.0.9"})
    assert "sesame" not in caplog.text


async def test_it_is_described(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    add = document["paths"]["/api/v1/cameras"]["post"]
    assert add["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/NewCamera")
    assert add["responses"].keys() == {"201", "409", "default"}
