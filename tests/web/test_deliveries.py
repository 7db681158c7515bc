from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, Literal

import httpx
import pytest
import pytest_asyncio

from pipeline.core.alerts import AlertSwitches, Delivery, DeliveryCounts, DeliveryState, Snooze, Why, WhyNot
from pipeline.core.clock import ManualClock
from pipeline.core.event_edit import EditOutcome
from sinks.web.deliveries import deliveries_router
from sinks.web.switches import switches_router
from tests.web.conftest import MakeApp, client_of


def delivery(number: int) -> Delivery:
    return Delivery(
        id=number,
        alert=f"key-{number}",
        rule="night",
        sink="phone",
        event=f"e{number}",
        camera="lobby",
        state="dead",
        attempts=8,
        created_at=1_000.0,
        next_at=1_000.0,
        done_at=1_100.0,
        error="connection refused",
        escalation=False,
    )


class FakeDesk:
    """Keeps the contract over five dead letters of one sink."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def deliveries(
        self,
        *,
        states: Collection[DeliveryState] = (),
        sink: str | None = None,
        rule: str | None = None,
        limit: int = 50,
        before: int | None = None,
    ) -> Sequence[Delivery]:
        self.asked.append((list(states), sink, rule))
        return [delivery(number) for number in range(5, 0, -1) if before is None or number < before][:limit]

    async def counts(self) -> Sequence[DeliveryCounts]:
        return [DeliveryCounts("phone", 0, 5, 0)]

    async def send_again(self, *, ids: Collection[int] | None = None, sink: str | None = None) -> int:
        return 5 if sink == "phone" else len(ids or ())

    async def acknowledge(self, alert: str) -> EditOutcome:
        if alert != "key-1":
            raise KeyError(alert)
        return EditOutcome(["e1"], {})

    async def why(self, event_id: str, rule: str | None = None) -> Why:
        if event_id != "e1" or rule not in (None, "night"):
            raise KeyError(rule if event_id == "e1" else event_id)
        return Why(event_id, [WhyNot("night", False, "score", "score 0.46 below 0.5", [])], [])


class FakeSwitch:
    """Keeps the contract over two profiles, a rule and a camera."""

    def __init__(self) -> None:
        self.profile = "home"
        self.snoozes: list[Snooze] = []

    def switches(self) -> AlertSwitches:
        return AlertSwitches(["home", "away"], self.profile, self.snoozes, ["night"])

    async def set_profile(self, name: str) -> None:
        if name not in ("home", "away"):
            raise KeyError(name)
        self.profile = name

    async def snooze(self, kind: Literal["rule", "camera"], name: str, until: float | None) -> None:
        if (kind, name) not in (("rule", "night"), ("camera", "lobby")):
            raise KeyError(name)
        self.snoozes = [] if until is None else [Snooze(kind, name, until)]


@pytest_asyncio.fixture
async def client(make_app: MakeApp) -> AsyncIterator[httpx.AsyncClient]:
    routers = (deliveries_router(FakeDesk()), switches_router(FakeSwitch(), ManualClock(1_000.0)))
    async with client_of(make_app(routers=routers)) as client:
        yield client


async def test_deliveries_come_in_pages_with_counts(client: httpx.AsyncClient) -> None:
    first = (await client.get("/api/v1/alerts/deliveries?limit=2&state=dead&state=dropped&sink=phone")).json()
    assert [each["id"] for each in first["deliveries"]] == [5, 4]
    assert first["sinks"] == [{"sink": "phone", "waiting": 0, "dead": 5, "dropped_24h": 0}]
    rest = (await client.get(f"/api/v1/alerts/deliveries?before={first['next']}")).json()
    assert ([each["id"] for each in rest["deliveries"]], rest["next"]) == ([3, 2, 1], None)


@pytest.mark.parametrize("query", ["state=lost", "limit=0", "limit=501", "before=x"])
async def test_what_is_no_question(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/api/v1/alerts/deliveries?{query}")).status_code == 422


@pytest.mark.parametrize(("body", "count"), [({"ids": [1, 2]}, 2), ({"sink": "phone"}, 5)])
async def test_sending_again(client: httpx.AsyncClient, body: dict[str, Any], count: int) -> None:
    assert (await client.post("/api/v1/alerts/deliveries/resend", json=body)).json() == {"count": count}


@pytest.mark.parametrize("body", [{}, {"ids": [1], "sink": "phone"}, {"ids": []}])
async def test_sending_neither_or_both_again(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await client.post("/api/v1/alerts/deliveries/resend", json=body)).status_code == 422


async def test_acknowledging(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/alerts/acknowledge", json={"alert": "key-1"})
    assert answer.json() == {"done": ["e1"], "left": {}}
    unknown = await client.post("/api/v1/alerts/acknowledge", json={"alert": "key-9"})
    assert (unknown.status_code, unknown.json()["detail"]) == (
        404,
        "there is no alert 'key-9'; it may be older than what is kept",
    )


async def test_why(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/api/v1/events/e1/why?rule=night")).json()
    assert answer["rules"][0]["words"] == "score 0.46 below 0.5"
    for path, what in (("e9/why", "there is no event 'e9'"), ("e1/why?rule=day", "there is no alert rule 'day'")):
        unknown = await client.get(f"/api/v1/events/{path}")
        assert (unknown.status_code, unknown.json()["detail"]) == (404, what)


async def test_switching(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/alerts/switches")).json() == {
        "profiles": ["home", "away"],
        "profile": "home",
        "snoozes": [],
        "rules": ["night"],
    }
    assert (await client.post("/api/v1/alerts/profile", json={"profile": "away"})).json()["profile"] == "away"
    unknown = await client.post("/api/v1/alerts/profile", json={"profile": "moon"})
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "there is no profile 'moon' (home, away)")


async def test_snoozing(client: httpx.AsyncClient) -> None:
    snooze = {"kind": "rule", "name": "night", "seconds": 600}
    answer = (await client.post("/api/v1/alerts/snooze", json=snooze)).json()
    assert answer["snoozes"] == [{"kind": "rule", "name": "night", "until": 1_600.0}]
    assert (await client.post("/api/v1/alerts/snooze", json=snooze | {"seconds": 0})).json()["snoozes"] == []
    unknown = await client.post("/api/v1/alerts/snooze", json=snooze | {"kind": "camera"})
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "there is no camera 'night'")
    for wrong in ({"seconds": -1}, {"kind": "sink"}):
        assert (await client.post("/api/v1/alerts/snooze", json=snooze | wrong)).status_code == 422


async def test_all_of_it_is_described(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    text = (await client.get("/openapi.json")).text
    names = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert names <= document["components"]["schemas"].keys()
