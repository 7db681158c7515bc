"""Cameras over HTTP."""

from typing import Any

import httpx

from pipeline.core.line_count import LineCount
from tests.web.fake_system import FakeSystem


async def test_the_list_keeps_the_order_and_the_reasons(client: httpx.AsyncClient) -> None:
    cameras = (await client.get("/api/v1/cameras")).json()["cameras"]

    assert [(camera["name"], camera["state"]) for camera in cameras] == [("lobby", "online"), ("yard", "offline")]
    assert cameras[1]["inputs"][0]["reason"] == "unauthorised: wrong user or password"


async def test_one_camera_tells_its_zones_and_lines(client: httpx.AsyncClient) -> None:
    camera = (await client.get("/api/v1/cameras/lobby")).json()

    assert camera["fps_in"] == 25.0
    assert camera["plan"]["zones"]["entrance"]["coordinates"][0] == [0.1, 0.5]
    assert camera["plan"]["lines"]["door"]["from"] == [0.2, 0.6]


async def test_one_camera_tells_how_many_have_crossed_its_lines(client: httpx.AsyncClient, system: FakeSystem) -> None:
    assert await _lines(client) == {"door": {"counts": {"person": {"in": 0, "out": 0}}, "since": None}}

    system.line_counts["lobby"] = LineCount({"person": {"in": 12, "out": 9}}, 1.5)

    assert await _lines(client) == {"door": {"counts": {"person": {"in": 12, "out": 9}}, "since": 1.5}}


async def _lines(client: httpx.AsyncClient) -> Any:
    return (await client.get("/api/v1/cameras/lobby")).json()["lines"]


async def test_an_unknown_camera_says_where_they_are_listed(client: httpx.AsyncClient) -> None:
    detail = (await client.get("/api/v1/cameras/attic")).json()["detail"]

    assert detail == "there is no camera 'attic'; /api/v1/cameras lists them all"


async def test_a_still_is_the_latest_picture_and_nobody_keeps_it(client: httpx.AsyncClient, system: FakeSystem) -> None:
    response = await client.get("/api/v1/cameras/lobby/latest.jpg")

    assert response.content == system.picture
    assert response.headers["Cache-Control"] == "no-store"
