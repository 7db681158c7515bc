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

TOKEN = {"mode": "token", "token": "a token nobody guesses"}

TEXT = """\
server: {{port: 0, external_url: "https://watch.example/", auth: {{mode: token, token: a token nobody guesses}}}}
store: {{url: "sqlite:///{folder}/events.db", media: "{folder}/media"}}
pipeline: []
cameras: {{lobby: {{friendly_name: The lobby, enabled: false, inputs: [{{path: demo}}]}}}}
alerts:
  - name: night
    send: log
    message: {{title: "{{{{ what }}}} ({{{{ camera_name }}}})"}}
sinks:
  log: {{type: jsonl, path: "{folder}/alerts.jsonl"}}
"""


async def test_a_phone_opens_the_picture_without_a_login(tmp_path: Path) -> None:
    system = System(loads(TEXT.format(folder=tmp_path), name=str(tmp_path / "cameras.yaml")))
    await system.start()
    server = web(system, LogMemory())
    await server.start()
    try:
        event = Event(id="walker", type="object", camera="lobby", started_at=1.0, label="person", object_id="walker")
        system._service.on_snapshot(Snapshot("lobby", "walker", 1.0, 0.9, b"jpeg"))
        system._service.on_event(event)
        async with asyncio.timeout(30):
            while not (tmp_path / "alerts.jsonl").exists():
                await asyncio.sleep(0.02)
        (alert,) = (json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines())
        assert (alert["title"], alert["camera_name"]) == ("Person (The lobby)", "The lobby")
        assert alert["url"].startswith("https://watch.example/e/")
        path = alert["url"].removeprefix("https://watch.example")
        async with httpx.AsyncClient(base_url=server.url) as phone:
            page, picture = await phone.get(path), await phone.get(f"{path}/snapshot.jpg")
            assert (page.status_code, picture.content) == (200, b"jpeg")
            assert "Person" in page.text
            assert (await phone.get("/api/v1/events")).status_code == 401
    finally:
        await server.stop()
        await system.stop()


def test_where_the_links_lead() -> None:
    with_token = event_links(Server.model_validate({"auth": TOKEN}), SystemClock())
    assert with_token is not None
    assert event_links(Server(), SystemClock()) is None, "everybody who reaches it may see everything"
    assert event_links(Server.model_validate({"auth": TOKEN, "links": {"days": 0}}), SystemClock()) is None
    assert link_to_event(None, with_token)("a") is None
    assert link_to_event("https://watch.example", None)("a") == "https://watch.example/?event=a"
    assert str(link_to_event("https://watch.example", with_token)("a")).startswith("https://watch.example/e/")
