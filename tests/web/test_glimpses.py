from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.glimpse_desk import GlimpseDesk
from pipeline.store.glimpses import put
from pipeline.store.store import EventStore
from sinks.web.glimpses import glimpses_router
from tests.store.test_glimpses import glimpse
from tests.web.conftest import TOKEN, MakeApp, client_of

RULE = AlertRule.model_validate({"name": "night", "when": {"cameras": ["yard"]}, "send": "phone"})


@pytest_asyncio.fixture
async def client(make_app: MakeApp, store: EventStore) -> AsyncIterator[httpx.AsyncClient]:
    seen = [*map(glimpse, range(4)), glimpse(4, camera="lane", label="car", reason="mask", why="stood in a mask")]
    store.edit(lambda connection: put(connection, seen)).result(timeout=10)
    async with client_of(make_app(routers=(glimpses_router(GlimpseDesk([RULE], store)),))) as client:
        yield client


async def test_they_come_in_pages_with_the_rules_that_were_not_asked(client: httpx.AsyncClient) -> None:
    first = (await client.get("/api/v1/glimpses?limit=2")).json()
    assert [(each["id"], each["why"], each["rules"]) for each in first["glimpses"]] == [
        ("g-004", "stood in a mask", []),
        ("g-003", "score 0.46 below 0.5 (threshold)", ["night"]),
    ]
    rest = (await client.get("/api/v1/glimpses", params={"cursor": first["next"]})).json()
    assert ([each["id"] for each in rest["glimpses"]], rest["next"]) == (["g-002", "g-001", "g-000"], None)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("camera=yard&camera=lane&after=1003", ["g-004", "g-003"]),
        ("label=car", ["g-004"]),
        ("reason=threshold&before=1001", ["g-000"]),
        ("reason=mask&reason=looks&camera=yard", []),
    ],
)
async def test_filters(client: httpx.AsyncClient, query: str, ids: list[str]) -> None:
    answer = (await client.get(f"/api/v1/glimpses?{query}")).json()
    assert [each["id"] for each in answer["glimpses"]] == ids


@pytest.mark.parametrize(
    ("query", "status"),
    [("cursor=x", 400), ("limit=0", 422), ("limit=501", 422), ("reason=why", 422), ("after=x", 422)],
)
async def test_what_is_no_question(client: httpx.AsyncClient, query: str, status: int) -> None:
    assert (await client.get(f"/api/v1/glimpses?{query}")).status_code == status


async def test_nobody_reads_them_without_the_token(make_app: MakeApp, store: EventStore) -> None:
    app = make_app(token=TOKEN, routers=(glimpses_router(GlimpseDesk([], store)),))
    async with client_of(app) as client:
        assert (await client.get("/api/v1/glimpses")).status_code == 401
        known = await client.get("/api/v1/glimpses", headers={"Authorization": f"Bearer {TOKEN}"})
        assert known.json() == {"glimpses": [], "next": None}


async def test_all_of_it_is_described(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]
    listed = document["paths"]["/api/v1/glimpses"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert listed["$ref"].endswith("/GlimpseList")
    assert {"GlimpseList", "Glimpse"} <= schemas.keys()
    assert "threshold" in str(schemas["Glimpse"]["properties"]["reason"])
