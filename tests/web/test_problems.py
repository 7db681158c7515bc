"""Errors say what is wrong and what to do; never how the server looks inside."""

import httpx
import pytest
from fastapi import APIRouter

from pipeline.core.errors import FramewatchError, UnavailableError
from tests.web.conftest import MakeApp, client_of
from tests.web.fake_system import FakeSystem


def _failing(error: Exception) -> APIRouter:
    router = APIRouter()

    @router.get("/fails")
    async def fails() -> None:
        raise error

    return router


FAILURES = {
    "a bug": (KeyError("secret"), 500, "something broke while answering; the server's log says what"),
    "a failure that is known": (FramewatchError("events.db: disk full"), 500, "events.db: disk full"),
    "something that is down": (UnavailableError("analysis restarts", retry_after_s=2.2), 503, "analysis restarts"),
}


@pytest.mark.parametrize(("error", "status", "detail"), FAILURES.values(), ids=FAILURES)
async def test_failures(make_app: MakeApp, error: Exception, status: int, detail: str) -> None:
    async with client_of(make_app(routers=(_failing(error),))) as client:
        response = await client.get("/fails")

    assert response.headers["Content-Type"] == "application/problem+json"
    titles = {500: "Internal Server Error", 503: "Service Unavailable"}
    assert response.json() == {
        "type": "about:blank",
        "title": titles[status],
        "status": status,
        "detail": detail,
        "instance": "/fails",
    }
    assert response.headers.get("Retry-After") == ("3" if status == 503 else None)


async def test_wrong_parameters_are_all_named(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/api/v1/events?limit=0&severity=red")).json()

    assert problem["title"] in ("Unprocessable Entity", "Unprocessable Content")
    assert problem["errors"] == [
        {"name": "severity", "got": "'red'", "wanted": "'detection' or 'alert'"},
        {"name": "limit", "got": "'0'", "wanted": "greater than or equal to 1"},
    ]
    assert problem["detail"].startswith("severity: got 'red', wanted: 'detection' or 'alert'; limit: got '0'")


async def test_a_wrong_method_names_the_right_one(client: httpx.AsyncClient) -> None:
    response = await client.delete("/api/v1/cameras")

    assert response.json()["detail"] == "DELETE is not possible here, only GET"
    assert response.headers["Allow"] == "GET"


async def test_an_offline_camera_says_when_to_ask_again(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/v1/cameras/yard/latest.jpg")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "8")


async def test_not_ready_gives_the_reasons(client: httpx.AsyncClient, system: FakeSystem) -> None:
    system.reasons = ["yard: offline (unauthorised)"]

    response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "reasons": ["yard: offline (unauthorised)"]}
