import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace
from pydantic import ValidationError

from pipeline.core.clock import ManualClock
from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert, Event
from pipeline.store.store import EventStore
from sinks.alerts.webhook import Webhook
from tests.alerts.outbox import Delivering
from tests.alerts.outbox import alert as plain_alert
from tests.docs import blocks
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


async def test_the_body_that_a_template_makes(receiver: Receiver) -> None:
    template = (
        '{"text": {{ title | tojson }}, "at": "{{ time.isoformat() }}", "image": "{{ snapshot }}", "n": {{ score }}0}'
    )
    for snapshot, image in (("none", ""), ("base64", "/9hqcGVn")):
        sink = webhook(receiver.url, template=template, snapshot=snapshot)
        await sink.send(replace(alert(), title='Say "hi"', time=datetime.fromtimestamp(1.5, UTC)))
        await sink.close()
        body = {"text": 'Say "hi"', "at": "1970-01-01T00:00:01.500000+00:00", "image": image, "n": 0}
        assert receiver.bodies.pop() == body
    assert {headers["content-type"] for headers in receiver.seen_headers} == {"application/json"}


async def test_a_template_that_fails_would_fail_every_time(receiver: Receiver) -> None:
    sink = webhook(receiver.url, template="{{ score + 1 }}")
    with pytest.raises(DeliveryError, match="the template failed: TypeError: ") as refused:
        await sink.send(alert())
    await sink.close()
    assert refused.value.permanent and receiver.requests == 0


async def test_the_body_may_be_of_another_kind(receiver: Receiver) -> None:
    sink = webhook(receiver.url, method="PUT", template="{{ what }}", headers={"Content-Type": "text/plain"})
    await sink.send(alert())
    await sink.close()
    assert (receiver.methods, receiver.raw) == (["PUT"], [b"Person entered door"])
    assert receiver.seen_headers[0]["content-type"] == "text/plain"


async def test_a_get_has_no_body(receiver: Receiver) -> None:
    sink = webhook(receiver.url, method="GET", secret="swordfish")
    await sink.send(alert())
    await sink.close()
    assert (receiver.methods, receiver.raw) == (["GET"], [b""])
    assert receiver.seen_headers[0]["idempotency-key"] == "key-a"
    for wrong in ({"template": "x"}, {"snapshot": "base64"}):
        with pytest.raises(ValidationError, match="with method GET, which has no body"):
            webhook(receiver.url, method="GET", **wrong)


@pytest.mark.parametrize("template", [None, '{"a": 1}'])
async def test_the_picture_as_a_file_of_its_own(receiver: Receiver, template: str | None) -> None:
    sink = webhook(receiver.url, snapshot="multipart", template=template)
    await sink.send(alert())
    await sink.send(replace(alert(), snapshot=None))
    await sink.close()
    with_picture, without = (parts(*each) for each in zip(receiver.raw, receiver.seen_headers, strict=True))
    assert with_picture.keys() == {"alert", "snapshot"} and without.keys() == {"alert"}
    said = json.loads(with_picture["alert"].get_content())
    assert said == {"a": 1} if template else (said["id"], said["snapshot"]) == ("key-a", None)
    picture = with_picture["snapshot"]
    assert (picture.get_content_type(), picture.get_filename()) == ("image/jpeg", "snapshot.jpg")
    assert picture.get_content() == b"\xff\xd8jpeg"


def parts(body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """Of a multipart form, by their names; read by Python's own parser."""
    head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
    form = message_from_bytes(head + body, policy=HTTP)
    return {str(part.get_param("name", header="content-disposition")): part for part in form.iter_parts()}


@pytest.mark.parametrize("snapshot", ["none", "multipart"])
async def test_the_signature_holds_for_the_body_and_the_time_alone(receiver: Receiver, snapshot: str) -> None:
    options = Webhook.Options.model_validate({"url": receiver.url, "secret": "swordfish", "snapshot": snapshot})
    sink = Webhook(options, ManualClock(1_700_000_000.5))
    await sink.send(alert())
    await sink.close()
    header = receiver.seen_headers[0]["x-framewatch-signature"]
    is_ours = documented()
    assert header.startswith("t=1700000000,v1=")
    assert is_ours("swordfish", receiver.raw[0], header, now=1_700_000_100)
    assert not is_ours("swordfish", receiver.raw[0] + b" ", header, now=1_700_000_100)
    assert not is_ours("swordfish", receiver.raw[0], header.replace("170", "171"), now=1_700_000_100)
    assert not is_ours("another", receiver.raw[0], header, now=1_700_000_100)
    assert not is_ours("swordfish", receiver.raw[0], header, now=1_700_000_999)


def documented() -> Callable[..., bool]:
    """How docs/alert-sinks.md says that a signature is checked."""
    (block,) = blocks(Path(__file__).parents[2] / "docs" / "alert-sinks.md", "python")
    names: dict[str, Any] = {}
    exec(block.text, names)
    found: Callable[..., bool] = names["is_ours"]
    return found


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
    given = {"url": "https://host/hunter2", "headers": {"X-Key": "hunter2"}, "secret": "hunter2", "template": "hunter2"}
    assert "hunter2" not in repr(Webhook.Options.model_validate(given))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(f"sqlite:///{tmp_path}/events.db")
    store.start()
    yield store
    store.close()


async def test_a_receiver_that_is_down_gets_all_alerts_when_it_is_up_again(
    receiver: Receiver, store: EventStore
) -> None:
    await receiver.stop()
    world = Delivering(store, {"hook": webhook(receiver.url)})
    world.dispatcher.start()
    for number in range(6):
        world.put(plain_alert(str(number), object_id=f"object {number % 2}"), ["hook"])
    began = world.clock.time()
    await world.until(lambda: world.clock.time() - began > 3_600, each_s=20.0)
    assert world.states("hook") == [(str(number), "waiting") for number in range(6)], "an hour, and nothing is lost"
    await receiver.start()
    await world.until(lambda: len(receiver.bodies) == 6, each_s=1.0)
    await world.dispatcher.close()
    arrived = [body["event"]["id"] for body in receiver.bodies]
    assert [name for name in arrived if int(name) % 2] == ["1", "3", "5"], "in order for each object"
    assert [name for name in arrived if not int(name) % 2] == ["0", "2", "4"]


async def test_an_error_of_the_receiver_is_tried_again_with_the_same_key(receiver: Receiver, store: EventStore) -> None:
    receiver.statuses = [500, 503]
    world = Delivering(store, {"hook": webhook(receiver.url)})
    world.dispatcher.start()
    world.put(plain_alert("a"), ["hook"])
    await world.until(lambda: len(receiver.bodies) == 1, each_s=1.0)
    await world.dispatcher.close()
    assert receiver.requests == 3
    assert receiver.bodies[0]["id"] == "key-a"
    assert world.outcomes("hook") == {"retried": 2, "delivered": 1}


async def test_a_receiver_that_hangs_delays_only_itself(receiver: Receiver, store: EventStore) -> None:
    healthy = Receiver()
    await healthy.start()
    receiver.answers.clear()
    world = Delivering(store, {"hook": webhook(receiver.url, timeout=10), "other": webhook(healthy.url)})
    world.dispatcher.start()
    for name in "abc":
        world.put(plain_alert(name), ["hook", "other"])
    await until(lambda: len(healthy.bodies) == 3)
    assert receiver.bodies == []
    receiver.answers.set()
    await until(lambda: len(receiver.bodies) == 3)
    await world.dispatcher.close()
    await healthy.stop()
