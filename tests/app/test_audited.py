"""Who switched, tested and sent again: all of it is noted, and the page has words for it."""

import asyncio
import re
from pathlib import Path
from typing import Any, get_args

import httpx

from pipeline.alerts import outbox_rows
from pipeline.alerts.outbox_rows import Draft
from pipeline.app.feed import Feed
from pipeline.app.log_memory import LogMemory
from pipeline.app.system import System
from pipeline.app.web import web
from pipeline.config import loads
from pipeline.core.acting import ACTOR
from pipeline.core.audit import AuditAction
from pipeline.core.event import Alert, Event

TEXT = """\
server: {{port: 0}}
store: {{url: "sqlite:///{folder}/events.db", media: "{folder}/media"}}
pipeline: []
cameras: {{lobby: {{enabled: false, inputs: [{{path: demo}}]}}}}
profiles: {{home: {{}}, away: {{}}}}
alerts: [{{name: night, send: log}}]
sinks: {{log: {{type: jsonl, path: "{folder}/log"}}}}
"""
LONG_AFTER = 1e10
"""Nobody sends it meanwhile."""
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("profile", {"profile": "away"}),
    ("snooze", {"kind": "camera", "name": "lobby", "seconds": 60}),
    ("snooze", {"kind": "camera", "name": "lobby", "seconds": 0}),
    ("night/test", {}),
    ("deliveries/resend", {"sink": "log"}),
]
FOR_NOTHING: list[tuple[str, dict[str, Any]]] = [
    ("profile", {"profile": "nobody"}),
    ("snooze", {"kind": "rule", "name": "nobody", "seconds": 60}),
    ("nobody/test", {}),
    ("deliveries/resend", {"sink": "nobody"}),
]


async def _given_up(system: System) -> None:
    event = Event(id="e", type="zone_enter", camera="lobby", started_at=1.0)
    draft = Draft(
        alert=Alert(id="k", rule="night", event=event), sinks=["log"], created_at=1.0, send_at=LONG_AFTER, queue="e"
    )
    await asyncio.wrap_future(system.store.edit(lambda connection: outbox_rows.put(connection, [draft])))
    (parcel,) = system.store.ask(lambda connection: outbox_rows.due(connection, "log", LONG_AFTER, [], 1))
    settle = system.store.edit(lambda connection: outbox_rows.settle(connection, parcel, "dead", 2.0, "refused"))
    await asyncio.wrap_future(settle)


async def test_what_is_done_about_alerts_is_noted(tmp_path: Path) -> None:
    system = System(loads(TEXT.format(folder=tmp_path), name=str(tmp_path / "cameras.yaml")))
    await system.start()
    server = web(system, LogMemory())
    await server.start()
    try:
        await _given_up(system)
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as api:
            for path, body in CHANGES:
                answer = await api.post(f"/api/v1/alerts/{path}", json=body)
                assert answer.status_code == 200, answer.text
            for path, body in FOR_NOTHING:
                await api.post(f"/api/v1/alerts/{path}", json=body)
            await _switched_by_a_sink(system)
            entries = (await api.get("/api/v1/audit")).json()["entries"]
    finally:
        await server.stop()
        await system.stop()
    assert [(entry["who"], entry["action"], entry["subjects"]) for entry in reversed(entries)] == [
        ("127.0.0.1", "alerts.profile", ["away"]),
        ("127.0.0.1", "alerts.snoozed", ["camera lobby"]),
        ("127.0.0.1", "alerts.woken", ["camera lobby"]),
        ("127.0.0.1", "alerts.tested", ["night"]),
        ("127.0.0.1", "alerts.sent_again", ["log"]),
        ("sink broker", "alerts.profile", ["home"]),
    ]


async def _switched_by_a_sink(system: System) -> None:
    feed = Feed("broker", system, system._alerting.profiles)
    assert feed.profiles is not None
    before = ACTOR.set("somebody else")
    await feed.profiles.set_profile("home")
    ACTOR.reset(before)


def test_the_page_has_words_for_all_that_is_noted() -> None:
    page = (Path(__file__).parents[2] / "sinks/web/static/system.js").read_text()
    table = page[page.index("const CHANGES") : page.index("};", page.index("const CHANGES"))]
    assert set(re.findall(r'"([a-z.:_]+)": "', table)) == {*get_args(AuditAction)}
