"""From an event to the page that the link of its alert opens, with nothing left out but the cameras."""

import asyncio
import json
from pathlib import Path

import httpx

from pipeline.app.links import event_links, link_to_event
from pipeline.app.log_memory import LogMemory
from pipeline.app.system import System
from pipeline.app.web import web
from pipeline.config import loads
from pipeline.config.sections import Server
from pipeline.core.clock import SystemClock
from pipeline.core.event import Event
from pipeline.core.messages import Snapshot
from tests.sinks.mail_server import MailServer
from tests.sinks.receiver import Receiver

TOKEN = {"mode": "token", "token": "a token nobody guesses"}

SINKS = ["log", "hook", "mail", "phone", "horn"]
TEXT = """\
server: {{port: 0, external_url: "https://watch.example/", auth: {{mode: token, token: a token nobody guesses}}}}
store: {{url: "sqlite:///{folder}/events.db", media: "{folder}/media"}}
pipeline: []
cameras: {{lobby: {{friendly_name: The lobby, enabled: false, inputs: [{{path: demo}}]}}}}
alerts:
  - name: night
    send: [log, hook, mail, phone, horn]
    message: {{title: "{{{{ what }}}} ({{{{ camera_name }}}})"}}
sinks:
  log: {{type: jsonl, path: "{folder}/log"}}
  hook: {{type: webhook, url: "http://127.0.0.1:{http}/"}}
  mail: {{type: email, host: 127.0.0.1, port: {smtp}, tls: none, from: a@watch.example, to: b@watch.example}}
  phone: {{type: apprise, url: "json://127.0.0.1:{http}"}}
  horn: {{type: script, command: [tee, "{folder}/horn"]}}
"""


async def test_every_sink_tells_of_it_and_a_phone_opens_the_picture_without_a_login(tmp_path: Path) -> None:
    receiver = Receiver()
    await receiver.start()
    async with MailServer() as mail:
        text = TEXT.format(folder=tmp_path, http=receiver.port, smtp=mail.port)
        system = System(loads(text, name=str(tmp_path / "cameras.yaml")))
        await system.start()
        server = web(system, LogMemory())
        await server.start()
        try:
            url = await _alerted(system, tmp_path, receiver, mail)
            await _opens(url.removeprefix("https://watch.example"), server.url)
            tests = await system.alerts.test("night")
            assert [(test.sink, test.error) for test in tests] == [(name, None) for name in SINKS]
        finally:
            await server.stop()
            await system.stop()
            await receiver.stop()


async def _alerted(system: System, folder: Path, receiver: Receiver, mail: MailServer) -> str:
    """The link that every sink was given."""
    event = Event(id="walker", type="object", camera="lobby", started_at=1.0, label="person", object_id="walker")
    system._service.on_snapshot(Snapshot("lobby", "walker", 1.0, 0.9, b"jpeg"))
    system._service.on_event(event)
    files = [folder / "log", folder / "horn"]
    async with asyncio.timeout(60):
        while not (len(receiver.bodies) == 2 and mail.mails and all(map(_is_written, files))):
            await asyncio.sleep(0.02)
    log, horn = (json.loads(path.read_text()) for path in files)
    url = str(log["url"])
    assert url.startswith("https://watch.example/e/")
    assert (log["title"], log["camera_name"]) == ("Person (The lobby)", "The lobby")
    assert horn["url"] == url
    assert sorted(url in str(body) for body in receiver.bodies) == [True, True]
    assert mail.mails[0]["Subject"] == "Person (The lobby)"
    assert url in mail.mails[0].as_string().replace("=\n", "").replace("=3D", "=")
    return url


def _is_written(path: Path) -> bool:
    return path.exists() and path.read_text().strip().endswith("}")


async def _opens(path: str, server: str) -> None:
    async with httpx.AsyncClient(base_url=server) as phone:
        page, picture = await phone.get(path), await phone.get(f"{path}/snapshot.jpg")
        assert (page.status_code, picture.content) == (200, b"jpeg")
        assert "Person" in page.text
        assert (await phone.get("/api/v1/events")).status_code == 401


def test_where_the_links_lead() -> None:
    with_token = event_links(Server.model_validate({"auth": TOKEN}), SystemClock())
    assert with_token is not None
    assert event_links(Server(), SystemClock()) is None, "everybody who reaches it may see everything"
    assert event_links(Server.model_validate({"auth": TOKEN, "links": {"days": 0}}), SystemClock()) is None
    assert link_to_event(None, with_token)("a") is None
    assert link_to_event("https://watch.example", None)("a") == "https://watch.example/?event=a"
    assert str(link_to_event("https://watch.example", with_token)("a")).startswith("https://watch.example/e/")
