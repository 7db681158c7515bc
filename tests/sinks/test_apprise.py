"""Apprise's services, by the one that speaks to a receiver of ours."""

import asyncio
import logging
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from typing import Any

import pytest
import pytest_asyncio
from pydantic import ValidationError

from pipeline.app.terminal import log_to
from pipeline.core.errors import DeliveryError
from sinks.alerts.apprise import Apprise
from tests.sinks.an_alert import JPEG, URL, an_alert
from tests.sinks.receiver import Receiver


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is written by a Framewatch that tells everything."""
    text, root = StringIO(), logging.getLogger()
    handlers, level = [*root.handlers], root.level
    log_to(logging.StreamHandler(text), "debug")
    yield text
    root.handlers[:] = handlers
    root.setLevel(level)


def address(receiver: Receiver) -> str:
    return f"json://me:swordfish@127.0.0.1:{receiver.port}/hook"


def sink(*urls: str, **options: Any) -> Apprise:
    return Apprise(Apprise.Options.model_validate({"url": urls[0] if len(urls) == 1 else urls} | options))


async def failure(given: Apprise, **of_alert: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as refused:
        await given.send(an_alert(**of_alert))
    assert "swordfish" not in str(refused.value) and "127.0.0.1" not in str(refused.value)
    return refused.value


async def test_title_text_link_and_picture(receiver: Receiver) -> None:
    phone = sink(address(receiver))
    await phone.send(an_alert())
    await phone.send(an_alert(id="b", snapshot=None, url=None))
    await phone.close()
    first, second = receiver.bodies
    assert first["title"] == "Fußgänger entered <door>, Lobby, 14:03"
    assert first["message"] == f"Line one & two\nRule: night\n\n{URL}"
    (picture,) = first["attachments"]
    assert (b64decode(picture["base64"]), picture["mimetype"]) == (JPEG, "image/jpeg")
    assert (second["message"], second["attachments"]) == ("Line one & two\nRule: night", [])


async def test_without_pictures(receiver: Receiver) -> None:
    await sink(address(receiver), snapshot=False).send(an_alert())
    assert receiver.bodies[0]["attachments"] == []


@pytest.mark.parametrize(("status", "permanent"), [(403, True), (404, True), (429, False), (500, False)])
async def test_what_a_service_does_not_take(receiver: Receiver, status: int, permanent: bool, log: StringIO) -> None:
    receiver.statuses = [status]
    error = await failure(sink(address(receiver)))
    assert (str(error), error.permanent) == (f"json: did not take it (it answered {status})", permanent)
    assert "127.0.0.1" not in log.getvalue() and "swordfish" not in log.getvalue()


async def test_nobody_there(receiver: Receiver) -> None:
    phone = sink(address(receiver))
    await receiver.stop()
    error = await failure(phone)
    assert (str(error), error.permanent) == ("json: cannot be reached", False)
    await receiver.start()


async def test_who_has_an_alert_does_not_get_it_again(receiver: Receiver) -> None:
    other = Receiver(statuses=[500, 403])
    await other.start()
    both = sink(address(receiver), address(other))
    assert not (await failure(both)).permanent
    assert (await failure(both)).permanent
    await both.send(an_alert())
    await other.stop()
    assert (len(receiver.bodies), len(other.bodies), other.requests) == (1, 1, 3)


async def test_a_service_that_hangs_is_not_asked_twice_at_once(receiver: Receiver) -> None:
    receiver.answers.clear()
    phone = sink(address(receiver), timeout=10)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await phone.send(an_alert())
    assert str(await failure(phone, id="b")) == "json: is still busy with an alert before this one"
    receiver.answers.set()
    for _ in range(500):
        if len(receiver.bodies) == 1 and not phone._services[0]._is_busy.locked():
            break
        await asyncio.sleep(0.01)
    await phone.send(an_alert(id="b"))
    assert (receiver.requests, len(receiver.bodies)) == (2, 2)


@pytest.mark.parametrize(
    "url", ["", "swordfish", "nosuch://swordfish", "tgram://swordfish", ["json://localhost", "x://swordfish"], []]
)
def test_an_address_that_is_none_is_refused_without_being_told(url: Any, log: StringIO) -> None:
    with pytest.raises(ValidationError) as refused:
        Apprise.Options.model_validate({"url": url})
    assert "swordfish" not in str(refused.value) and "swordfish" not in log.getvalue()
    assert "that Apprise knows" in str(refused.value) or url == []


def test_secrets_do_not_show() -> None:
    assert "swordfish" not in repr(Apprise.Options.model_validate({"url": "json://me:swordfish@host"}))
