"""Mails, against a real SMTP server."""

import asyncio
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from sinks.alerts.email import Email
from tests.sinks.an_alert import JPEG, URL, an_alert
from tests.sinks.mail_server import PASSWORD, USER, MailServer, certificate

LOGIN = {"username": USER, "password": PASSWORD}


def email(server: MailServer, **options: Any) -> Email:
    plain = {"host": "127.0.0.1", "port": server.port, "tls": "none", "from": "Cameras <cam@watch.example>"}
    return Email(Email.Options.model_validate(plain | {"to": "me@home.example"} | options))


def parts(mail: EmailMessage) -> dict[str, EmailMessage]:
    return {part.get_content_type(): part for part in mail.walk() if isinstance(part, EmailMessage)}


async def refused(sink: Email, given: Alert | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        await sink.send(given or an_alert())
    assert PASSWORD not in str(error.value) and USER not in str(error.value)
    return error.value


async def test_a_mail_with_the_picture_in_it() -> None:
    async with MailServer() as server:
        await email(server, to=["me@home.example", "Her <her@home.example>"]).send(an_alert())
    (mail,) = server.mails
    assert server.envelopes == [("cam@watch.example", ["me@home.example", "her@home.example"])]
    assert mail["Subject"] == "Fußgänger entered <door>, Lobby, 14:03"
    assert (mail["From"], mail["To"]) == ("Cameras <cam@watch.example>", "me@home.example, Her <her@home.example>")
    assert mail["Message-ID"] == "<0f9a-key@watch.example>"
    assert mail["Date"] == "Tue, 14 Nov 2023 22:13:20 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    found = parts(mail)
    assert found["text/plain"].get_content().splitlines() == ["Line one & two", "Rule: night", "", URL]
    html, picture = found["text/html"].get_content(), found["image/jpeg"]
    assert "Fußgänger entered &lt;door&gt;" in html and "Line one &amp; two" in html and f'href="{URL}"' in html
    assert f"cid:{picture['Content-ID'].strip('<>')}" in html
    assert picture.get_content_disposition() == "inline" and picture.get_content() == JPEG


@pytest.mark.parametrize("without", [{"snapshot": None}, {"option": False}])
async def test_without_a_picture_nothing_points_at_one(without: dict[str, Any]) -> None:
    async with MailServer() as server:
        has = without.get("snapshot", b"jpeg")
        await email(server, snapshot=without.get("option", True)).send(an_alert(snapshot=has, url=None))
    found = parts(server.mails[0])
    assert found.keys() == {"multipart/alternative", "text/plain", "text/html"}
    assert "cid:" not in found["text/html"].get_content() and "href" not in found["text/html"].get_content()


async def test_a_link_that_the_text_has_is_not_said_twice() -> None:
    async with MailServer() as server:
        await email(server).send(an_alert(text=f"See {URL}"))
    assert parts(server.mails[0])["text/plain"].get_content().count(URL) == 1


async def test_no_alert_makes_a_header_of_its_own() -> None:
    evil = an_alert(title="Hi\r\nBcc: all@evil.example\n\nbody\x00\x85", id="a>\r\nX-Evil: 1", rule="x\r\ny")
    async with MailServer() as server:
        await email(server).send(evil)
        await email(server).send(replace(evil, title=" \r\n"))
    first, second = server.mails
    assert first["Subject"] == "Hi Bcc: all@evil.example body"
    assert second["Subject"] == "Alert: x y"
    assert "Bcc" not in first and "X-Evil" not in first
    assert [recipients for _, recipients in server.envelopes] == [["me@home.example"]] * 2


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("way", ["starttls", "implicit"])
async def test_encrypted_and_with_a_login(
    way: str, trusted: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, context = trusted
    async with MailServer(**{way: context}, wants_login=True) as server:  # type: ignore[arg-type]
        stranger = await refused(email(server, tls=way, **LOGIN))
        assert "certificate" in str(stranger).lower() and not stranger.permanent
        await email(server, tls=way, verify_tls=False, **LOGIN).send(an_alert())
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        await email(server, tls=way, **LOGIN).send(an_alert())
    assert server.was_encrypted == [True, True]


async def test_it_is_not_sent_in_the_clear_where_encryption_is_wanted() -> None:
    async with MailServer(wants_login=True) as server:
        error = await refused(email(server, **(LOGIN | {"tls": "starttls"})))
    assert error.permanent and "STARTTLS" in str(error)
    assert server.mails == []


async def test_a_wrong_password_is_final_and_never_told() -> None:
    async with MailServer(wants_login=True) as server:
        error = await refused(email(server, username=USER, password="hunter2hunter2"))
        assert str(error) == f"127.0.0.1:{server.port}: refused the user name or the password (535)"
        assert error.permanent
        nobody = await refused(email(server))
        assert nobody.permanent and "530" in str(nobody)


ANSWERS = {
    "a full box": ("452 4.2.2 Mailbox full", False),
    "a policy": (f"554 5.7.1 No {PASSWORD} here", True),
}


@pytest.mark.parametrize(("answer", "permanent"), ANSWERS.values(), ids=ANSWERS)
async def test_what_the_server_answers(answer: str, permanent: bool) -> None:
    async with MailServer(answer=answer, wants_login=True) as server:
        error = await refused(email(server, **LOGIN))
    assert error.permanent is permanent
    assert f"answered {answer.replace(PASSWORD, '…')}" in str(error)


async def test_recipients_that_are_refused() -> None:
    to = ["me@home.example", "her@home.example"]
    async with MailServer(refuses={"her@home.example": "550 5.1.1 No such user"}) as server:
        some = await refused(email(server, to=to))
        assert some.permanent and str(some).endswith("refused 1 of 2 recipients: 550 5.1.1 No such user")
        assert len(server.mails) == 1
        server.refuses["me@home.example"] = "450 4.2.1 Later"
        assert not (await refused(email(server, to=to))).permanent
        assert (await refused(email(server, to=to[1:]))).permanent


async def test_nobody_there_and_nobody_who_answers() -> None:
    async with MailServer() as server:
        gone = email(server)
    error = await refused(gone)
    assert "Connect call failed" in str(error) and not error.permanent

    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        _writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with listening:
        server.port = listening.sockets[0].getsockname()[1]
        error = await refused(email(server, timeout=0.1))
        assert str(error).endswith("no answer in time") and not error.permanent
        await asyncio.sleep(0.6)


WRONG = {
    "no address": ({"to": "me"}, "a mail address"),
    "two lines": ({"from": "Me\r\nBcc: x <a@b.c>"}, "a mail address"),
    "two in one": ({"to": "a@b.c, d@e.f"}, "a mail address"),
    "nobody": ({"to": []}, "at least 1 item"),
    "a user without a password": ({"username": "me"}, "a password, as a username is given"),
    "a password without a user": ({"password": "hunter2"}, "a username, as a password is given"),
}


@pytest.mark.parametrize(("options", "wanted"), WRONG.values(), ids=WRONG)
def test_options_that_cannot_work(options: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ValidationError, match=wanted):
        email(MailServer(port=25), **options)


def test_the_port_follows_from_the_encryption() -> None:
    for tls, port in (("starttls", 587), ("implicit", 465), ("none", 25)):
        sink = Email(Email.Options.model_validate({"host": "h", "tls": tls, "from": "a@b.c", "to": "a@b.c"}))
        assert sink._port == port
