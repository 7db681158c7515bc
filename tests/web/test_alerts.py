from collections.abc import AsyncIterator, Sequence

import httpx
import pytest_asyncio

from pipeline.core.alerts import AlertStatus, LastDelivery, LeftOut, SinkName, SinkOutcome
from sinks.web.alerts import alerts_router
from tests.web.conftest import MakeApp, client_of

NAME = "a red car / by night"


class FakeDesk:
    """Keeps the contract over one rule."""

    since = 1_000.0

    def __init__(self) -> None:
        self.tested: list[str] = []

    async def status(self) -> Sequence[AlertStatus]:
        return [
            AlertStatus(
                name=NAME,
                when={"event": ["zone_enter"]},
                cooldown=60.0,
                cooldown_per="object",
                send=[SinkName("phone", "webhook")],
                matched_24h=3,
                last_matched_at=1_200.0,
                delivered_24h=1,
                last_delivered_at=1_100.0,
                last_delivered_event="e1",
                deliveries=[LastDelivery("phone", 1_100.0, "e1", None)],
                left_out=[LeftOut("cooldown", 2, 1_200.0, "e3")],
                group=0.0,
                escalate_after=300.0,
                escalate_to=[SinkName("home", "")],
                is_on=True,
                snoozed_until=None,
            )
        ]

    async def test(self, name: str) -> Sequence[SinkOutcome]:
        if name != NAME:
            raise KeyError(name)
        self.tested.append(name)
        return [SinkOutcome("phone", None), SinkOutcome("home", "connection refused")]


@pytest_asyncio.fixture
async def desk() -> FakeDesk:
    return FakeDesk()


@pytest_asyncio.fixture
async def alerting(make_app: MakeApp, desk: FakeDesk) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(make_app(routers=(alerts_router(desk),))) as client:
        yield client


async def test_every_rule_and_what_became_of_it(alerting: httpx.AsyncClient) -> None:
    answer = (await alerting.get("/api/v1/alerts")).json()

    assert answer["since"] == 1_000.0
    (rule,) = answer["alerts"]
    assert (rule["name"], rule["send"], rule["matched_24h"]) == (NAME, [{"name": "phone", "type": "webhook"}], 3)
    assert rule["deliveries"] == [{"sink": "phone", "at": 1_100.0, "event": "e1", "error": None}]
    assert rule["left_out"] == [{"reason": "cooldown", "events": 2, "last_at": 1_200.0, "last_event": "e3"}]


async def test_a_test_is_sent_whatever_the_rule_is_called(alerting: httpx.AsyncClient, desk: FakeDesk) -> None:
    answer = await alerting.post("/api/v1/alerts/a%20red%20car%20%2F%20by%20night/test")

    assert answer.json() == {
        "sinks": [{"sink": "phone", "error": None}, {"sink": "home", "error": "connection refused"}]
    }
    assert desk.tested == [NAME]


async def test_a_rule_that_is_not_there(alerting: httpx.AsyncClient) -> None:
    answer = await alerting.post("/api/v1/alerts/night/test")

    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "there is no alert rule 'night'; /api/v1/alerts lists them all",
    )


async def test_nothing_is_sent_for_another_site(alerting: httpx.AsyncClient, desk: FakeDesk) -> None:
    answer = await alerting.post(
        "/api/v1/alerts/a%20red%20car%20%2F%20by%20night/test", headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert (answer.status_code, desk.tested) == (403, [])


async def test_all_of_it_is_described(alerting: httpx.AsyncClient) -> None:
    document = (await alerting.get("/openapi.json")).json()

    names = {
        part.partition('"')[0]
        for part in (await alerting.get("/openapi.json")).text.split('"#/components/schemas/')[1:]
    }
    assert names <= document["components"]["schemas"].keys()
    assert "/api/v1/alerts/{name}/test" in document["paths"]
