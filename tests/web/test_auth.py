"""Who comes in, and who does not."""

import httpx
import pytest
from fastapi import APIRouter
from starlette.requests import HTTPConnection
from starlette.responses import Response

from pipeline.core.clock import ManualClock
from sinks.web.attempts import Attempts
from sinks.web.session import Sessions
from tests.web.conftest import TOKEN, MakeApp, client_of

BEARER = {"Authorization": f"Bearer {TOKEN}"}

REQUESTS = {
    "no token": ("/api/v1/cameras", {}, 401),
    "the token": ("/api/v1/cameras", BEARER, 200),
    "the scheme in another case": ("/api/v1/cameras", {"Authorization": f"bearer {TOKEN}"}, 200),
    "another token": ("/api/v1/cameras", {"Authorization": "Bearer wrong"}, 401),
    "another scheme": ("/api/v1/cameras", {"Authorization": f"Basic {TOKEN}"}, 401),
    "a forged session": ("/api/v1/cameras", {"Cookie": "framewatch_session=viewer.AAAA.BBBB"}, 401),
    "an unknown path": ("/nothing", {}, 401),
    "metrics": ("/metrics", {}, 401),
    "readiness": ("/readyz", {}, 401),
    "description": ("/openapi.json", {}, 401),
    "pictures": ("/api/v1/cameras/lobby/latest.jpg", {}, 401),
    "liveness is open": ("/healthz", {}, 200),
    "files of the form are open": ("/static/style/base.css", {}, 200),
    "any host with a token": ("/api/v1/cameras", {**BEARER, "Host": "watch.example"}, 200),
}


@pytest.mark.parametrize(("path", "headers", "status"), REQUESTS.values(), ids=REQUESTS)
async def test_with_a_token(guarded: httpx.AsyncClient, path: str, headers: dict[str, str], status: int) -> None:
    response = await guarded.get(path, headers=headers)

    assert response.status_code == status
    if status == 401:
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="framewatch"'


async def test_a_token_that_is_no_ascii_is_only_wrong(guarded: httpx.AsyncClient) -> None:
    headers = {b"Authorization": "Bearer grün".encode()}

    assert (await guarded.get("/api/v1/cameras", headers=headers)).status_code == 401


HOSTS = {
    "loopback": ("127.0.0.1:8080", 200),
    "loopback, IPv6": ("[::1]:8080", 200),
    "localhost": ("localhost:8080", 200),
    "below localhost": ("watch.localhost", 200),
    "a name of the internet": ("evil.example", 403),
    "a name that begins well": ("localhost.evil.example", 403),
    "an address of the network": ("192.168.1.9:8080", 403),
    "nonsense": ("[::1", 403),
}


@pytest.mark.parametrize(("host", "status"), HOSTS.values(), ids=HOSTS)
async def test_without_a_token_only_this_machine_is_answered(client: httpx.AsyncClient, host: str, status: int) -> None:
    assert (await client.get("/api/v1/cameras", headers={"Host": host})).status_code == status


SITES = {
    "a program": ({}, 200),
    "our own page": ({"Origin": "http://127.0.0.1:8080"}, 200),
    "our own page, by fetch metadata": ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
    "another site": ({"Origin": "https://evil.example"}, 403),
    "another port of this machine": ({"Origin": "http://127.0.0.1:9000"}, 403),
    "a page without an origin": ({"Origin": "null"}, 403),
    "another site, by fetch metadata": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "a neighbour, by fetch metadata": ({"Sec-Fetch-Site": "same-site"}, 403),
}


@pytest.mark.parametrize(("headers", "status"), SITES.values(), ids=SITES)
async def test_no_other_site_changes_anything(client: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    response = await client.post("/api/v1/config/validate", content="cameras: {}", headers=headers)

    assert response.status_code == status


async def test_a_bearer_may_come_from_anywhere(guarded: httpx.AsyncClient) -> None:
    headers = {**BEARER, "Origin": "https://editor.example"}

    assert (await guarded.post("/api/v1/config/validate", content="", headers=headers)).status_code == 200


async def test_routers_of_others_stand_behind_the_same_gate(make_app: MakeApp) -> None:
    router = APIRouter()
    router.add_api_route("/whep/{name}", lambda name: name, methods=["POST"], status_code=201)

    async with client_of(make_app(token=TOKEN, routers=(router,))) as client:
        assert (await client.post("/whep/lobby")).status_code == 401
        assert (await client.post("/whep/lobby", headers=BEARER)).status_code == 201


async def test_pages_lead_to_the_form_and_back(guarded: httpx.AsyncClient) -> None:
    to_form = await guarded.get("/?camera=lobby", headers={"Accept": "text/html"})
    assert (to_form.status_code, to_form.headers["Location"]) == (303, "/login?next=%2F%3Fcamera%3Dlobby")

    logged_in = await guarded.post(to_form.headers["Location"], data={"token": TOKEN})
    assert (logged_in.status_code, logged_in.headers["Location"]) == (303, "/?camera=lobby")
    cookie = logged_in.headers["Set-Cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie

    assert (await guarded.get("/api/v1/cameras")).status_code == 200
    assert (await guarded.get("/login")).headers["Location"] == "/"
    await guarded.post("/logout")
    assert (await guarded.get("/api/v1/cameras")).status_code == 401


async def test_over_https_the_session_stays_there(make_app: MakeApp) -> None:
    async with client_of(make_app(token=TOKEN), "https://watch.example") as client:
        response = await client.post("/login", data={"token": TOKEN})

    assert "secure" in response.headers["Set-Cookie"].lower()


async def test_a_wrong_token_shows_the_form_again(guarded: httpx.AsyncClient) -> None:
    response = await guarded.post("/login", data={"token": "wrong"})

    assert response.status_code == 401
    assert "That is not the token of this server." in response.text
    assert "Set-Cookie" not in response.headers


async def test_another_site_cannot_log_somebody_in(guarded: httpx.AsyncClient) -> None:
    response = await guarded.post("/login", data={"token": TOKEN}, headers={"Origin": "https://evil.example"})

    assert response.status_code == 403


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"])
async def test_the_form_sends_nobody_elsewhere(guarded: httpx.AsyncClient, wanted: str) -> None:
    response = await guarded.post("/login", params={"next": wanted}, data={"token": TOKEN})

    assert response.headers["Location"] == "/"


async def test_a_form_of_any_length_is_not_read(guarded: httpx.AsyncClient) -> None:
    assert (await guarded.post("/login", data={"token": "x" * 5000})).status_code == 413


async def test_guessing_becomes_slow_even_for_the_right_token(guarded: httpx.AsyncClient) -> None:
    for _ in range(5):
        await guarded.get("/api/v1/cameras", headers={"Authorization": "Bearer wrong"})

    response = await guarded.get("/api/v1/cameras", headers=BEARER)

    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    assert (await guarded.post("/login", data={"token": TOKEN})).status_code == 429


def test_the_wait_doubles_and_is_forgotten() -> None:
    clock = ManualClock()
    attempts = Attempts(clock)
    waits = []
    for _ in range(13):
        attempts.failed("192.0.2.7")
        waits.append(attempts.wait_s("192.0.2.7"))

    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert attempts.wait_s("192.0.2.8") == 0
    clock.advance(60)
    assert attempts.wait_s("192.0.2.7") == 0
    clock.advance(1000)
    attempts.failed("192.0.2.7")
    assert attempts.wait_s("192.0.2.7") == 0


def test_what_is_remembered_is_bounded_and_a_network_counts_once() -> None:
    attempts = Attempts(ManualClock(), capacity=2)
    for host in range(5):
        attempts.failed(f"2001:db8:1:2::{host}")

    assert attempts.wait_s("2001:db8:1:2:ffff::1") == 1
    attempts.failed("192.0.2.1")
    attempts.failed("192.0.2.2")
    assert attempts.wait_s("2001:db8:1:2::1") == 0


def test_sessions_end_when_the_token_changes() -> None:

    response = Response()
    Sessions("old").begin(response, secure=False)
    cookie = response.headers["Set-Cookie"].partition(";")[0].encode()
    connection = HTTPConnection({"type": "http", "headers": [(b"cookie", cookie)]})

    assert Sessions("old").holds(connection)
    assert not Sessions("new").holds(connection)
