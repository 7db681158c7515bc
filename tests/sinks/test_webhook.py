import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from pydantic import ValidationError

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert, Event
from pipeline.core.metrics import Metrics
from pipeline.events.dispatch import Dispatcher
from sinks.alerts.webhook import Webhook
from tests.sinks.receiver import Receiver


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


def webhook(url: str, **options: Any) -> Webhook:
    return Webhook(Webhook.Options.model_validate({"url": url} | options))


def alert(name: str = "a") -> Alert:
    event = Event(id=name, type="zone_enter", camera="lobby", started_at=1.5, label="person", zone="door")
    return Alert(id=f"key-{name}", rule="night", event=event, snapshot=b"\xff\xd8jpeg", url="https://watch/?event=a")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def no_sleep(_seconds: float) -> None:
    await asyncio.sleep(0.01)


async def test_the_body_and_the_headers(receiver: Receiver) -> None:
    sink = webhook(receiver.url, headers={"Authorization": "Bearer secret"})
    await sink.send(alert())
    await sink.close()
    (body,) = receiver.bodies
    assert body.keys() == set(Alert.__struct_fields__)
    assert (body["id"], body["rule"], body["url"], body["snapshot"]) == (
        "key-a",
        "night",
        "https://watch/?event=a",
        None,
    )
    assert body["event"].keys() == set(Event.__struct_fields__)
    assert (body["event"]["camera"], body["event"]["started_at"], body["event"]["line"]) == ("lobby", 1.5, None)
    (headers,) = receiver.seen_headers
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == "key-a"
    assert headers["authorization"] == "Bearer secret"


async def test_the_snapshot_where_it_is_asked_for(receiver: Receiver) -> None:
    sink = webhook(receiver.url, snapshot="base64")
    await sink.send(alert())
    await sink.close()
    assert b64decode(receiver.bodies[0]["snapshot"]) == b"\xff\xd8jpeg"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (401, True), (404, True), (301, True), (408, False), (429, False), (500, False), (503, False)],
)
async def test_an_answer_that_is_no_arrival(receiver: Receiver, status: int, permanent: bool) -> None:
    receiver.statuses = [status]
    sink = webhook(receiver.url.replace("//", "//me:secret@") + "?token=secret")
    with pytest.raises(DeliveryError, match=rf"/hook: answered {status} ") as refused:
        await sink.send(alert())
    await sink.close()
    assert refused.value.permanent is permanent
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "expected"), [("7", 7.0), ("Fri, 31 Dec 1999 23:59:59 GMT", None), ("-1", None), ("", None)]
)
async def test_retry_after(receiver: Receiver, value: str, expected: float | None) -> None:
    receiver.statuses, receiver.headers = [429], {"Retry-After": value}
    sink = webhook(receiver.url)
    with pytest.raises(DeliveryError) as refused:
        await sink.send(alert())
    await sink.close()
    assert refused.value.retry_after_s == expected


async def test_nobody_there(receiver: Receiver) -> None:
    await receiver.stop()
    sink = webhook(receiver.url)
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1:\d+/hook: ") as refused:
        await sink.send(alert())
    await sink.close()
    assert not refused.value.permanent
    await receiver.start()


async def test_no_answer_in_time(receiver: Receiver) -> None:
    receiver.answers.clear()
    sink = webhook(receiver.url, timeout=0.1)
    with pytest.raises(DeliveryError, match="no answer in time") as refused:
        await sink.send(alert())
    await sink.close()
    assert not refused.value.permanent


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://me:secret@host",
        "host/secret",
        "mailto:secret",
        "https://",
        "https://host:secret/",
        "https://secret:99999/",
        "https://xn--secret-\udc80/",
    ],
)
def test_a_url_that_is_none_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(ValidationError, match="begins with http:// or https://") as refused:
        webhook(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "headers",
    [{"X-Key": "secret\r\nX-Other: 1"}, {"X-Key": "secrét"}, {"X-Key": "\x00secret"}, {"X Key": "secret"}],
    ids=["two lines", "not ASCII", "unprintable", "name with a space"],
)
def test_a_header_that_is_none_is_refused_without_being_told(headers: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="of a header: ") as refused:
        webhook("https://host", headers=headers)
    assert "secret" not in str(refused.value)


async def test_the_line_break_at_the_end_of_a_secret_is_not_sent(receiver: Receiver) -> None:
    sink = webhook(receiver.url, headers={"Authorization": "Bearer secret\n"})
    await sink.send(alert())
    await sink.close()
    assert receiver.seen_headers[0]["authorization"] == "Bearer secret"


async def test_what_makes_a_request_invalid_is_not_repeated(receiver: Receiver) -> None:
    sink = webhook(receiver.url, headers={"Content-Length": "secret"})
    with pytest.raises(DeliveryError, match="no valid HTTP") as refused:
        await sink.send(alert())
    await sink.close()
    assert "secret" not in str(refused.value)


def test_secrets_do_not_show() -> None:
    options = Webhook.Options.model_validate({"url": "https://host/secret", "headers": {"X-Key": "secret"}})
    assert "secret" not in repr(options)


async def test_a_receiver_that_is_down_gets_the_alert_when_it_is_up_again(receiver: Receiver) -> None:
    await receiver.stop()
    is_up = False

    async def comes_up_meanwhile(_seconds: float) -> None:
        nonlocal is_up
        if not is_up:
            await receiver.start()
            is_up = True

    dispatcher = Dispatcher({"hook": webhook(receiver.url)}, metrics := Metrics(), sleep=comes_up_meanwhile)
    dispatcher.start()
    dispatcher.hand(alert("a"), ["hook"])
    dispatcher.hand(alert("b"), ["hook"])
    await until(lambda: len(receiver.bodies) == 2)
    await dispatcher.close()
    assert [body["event"]["id"] for body in receiver.bodies] == ["a", "b"]
    assert retried(metrics) == 1


def retried(metrics: Metrics) -> float:
    labels = {"sink": "hook", "outcome": "retried"}
    return metrics.registry.get_sample_value("framewatch_alerts_total", labels) or 0.0


async def test_an_error_of_the_receiver_is_tried_again_with_the_same_key(receiver: Receiver) -> None:
    receiver.statuses = [500, 503]
    dispatcher = Dispatcher({"hook": webhook(receiver.url)}, metrics := Metrics(), sleep=no_sleep)
    dispatcher.start()
    dispatcher.hand(alert(), ["hook"])
    await until(lambda: len(receiver.bodies) == 1)
    await dispatcher.close()
    assert receiver.requests == 3
    assert receiver.bodies[0]["id"] == "key-a"
    assert retried(metrics) == 2


async def test_a_receiver_that_hangs_delays_only_itself(receiver: Receiver) -> None:
    healthy = Receiver()
    await healthy.start()
    receiver.answers.clear()
    sinks = {"hook": webhook(receiver.url, timeout=10), "other": webhook(healthy.url)}
    dispatcher = Dispatcher(sinks, Metrics())
    dispatcher.start()
    for name in "abc":
        dispatcher.hand(alert(name), ["hook", "other"])
    await until(lambda: len(healthy.bodies) == 3)
    assert receiver.bodies == []
    receiver.answers.set()
    await until(lambda: len(receiver.bodies) == 3)
    await dispatcher.close()
    await healthy.stop()
