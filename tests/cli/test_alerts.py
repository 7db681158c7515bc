"""`framewatch alerts`, with a store that has seen something."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.alerts import outbox_rows
from pipeline.alerts.outbox_rows import Draft
from pipeline.cli.alerts import app
from pipeline.core.event import Alert, Event
from pipeline.core.glimpse import Glimpse
from pipeline.store.glimpses import put
from pipeline.store.store import EventStore

CONFIG = """\
server: {{port: {port}}}
store: {{url: "sqlite:///{folder}/events.db"}}
cameras: {{lobby: {{inputs: [{{path: demo}}]}}}}
alerts:
  - {{name: sure / of it, when: {{event: zone_enter, min_score: 0.5}}, cooldown: 60, send: [log]}}
  - {{name: elsewhere, when: {{event: line_cross}}, send: [down]}}
sinks:
  log: {{type: jsonl, path: "{folder}/alerts.jsonl"}}
  down: {{type: webhook, url: "http://127.0.0.1:9/swordfish?key=swordfish"}}
"""
NOON = datetime(2026, 3, 2, 12, 0).timestamp()


class System(BaseHTTPRequestHandler):
    """Answers as a running system would."""

    asked: list[tuple[str, bytes]] = []  # noqa: RUF012 - of all requests

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append((self.path, body))
        answer = (
            b'{"sinks": [{"sink": "log", "error": "the disk is full"}]}'
            if "test" in self.path
            else b'{"count": 0}'
            if b"ids" in body
            else b'{"count": 3}'
        )
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Nothing: the test looks at `asked`."""


@pytest.fixture
def system() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), System)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
    System.asked.clear()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "cameras.yaml"
    path.write_text(CONFIG.format(port=9, folder=tmp_path))
    store = EventStore(f"sqlite:///{tmp_path}/events.db")
    store.start()
    for name, after_s, score in (("a", 0, 0.9), ("b", 48, 0.8), ("c", 90, 0.46)):
        at = NOON + after_s
        event = Event(id=name, type="zone_enter", camera="lobby", started_at=at, ended_at=at, label="person")
        event.state, event.zone, event.score = "end", "door", score
        store.save(event).result(timeout=10)
    seen = Glimpse(
        id="g",
        camera="lobby",
        label="person",
        first_seen_at=NOON + 100,
        last_seen_at=NOON + 104,
        looks=4,
        score=0.66,
        box=(0.1, 0.1, 0.2, 0.4),
        zones=["door"],
        reason="threshold",
        why="score 0.62 below 0.7 (threshold)",
    )
    store.edit(lambda connection: put(connection, [seen])).result(timeout=10)
    now = time.time()
    draft = Draft(
        alert=Alert(id="key", rule="elsewhere", event=event),
        sinks=["down"],
        created_at=now,
        send_at=now,
        queue="c",
    )
    store.edit(lambda connection: outbox_rows.put(connection, [draft])).result(timeout=10)
    (parcel,) = store.ask(lambda connection: outbox_rows.due(connection, "down", now, [], 1))
    store.edit(
        lambda connection: outbox_rows.settle(connection, parcel, "dead", now, "http://host/?key=swordfish refused")
    ).result(timeout=10)
    store.close()
    return path


def alerts(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_replay_says_what_would_have_been_sent_and_why_not_the_rest(config: Path) -> None:
    status, said = alerts("replay", str(config), "--since", "2026-03-02", "--dry-run")
    rows = [" ".join(line.split()) for line in said.splitlines() if line.strip()]
    assert status == 0
    assert rows[1:4] == [
        "2026-03-02 12:00:00 lobby Person entered door sure / of it log",
        "2026-03-02 12:00:48 lobby Person entered door sure / of it cooldown: 12 s of 60 left",
        "2026-03-02 12:01:30 lobby Person entered door sure / of it score 0.46 below 0.5",
    ]
    assert set(rows[5:8]) == {"sure / of it sent 1", "sure / of it cooldown 1", "sure / of it score 1"}
    assert rows[8:] == [
        "Seen, but not confirmed, so that no rule was asked:",
        "Time Camera Object Rules Why not",
        "2026-03-02 12:01:40 lobby Person sure / of it, elsewhere score 0.62 below 0.7 (threshold)",
    ]
    _, said = alerts("replay", str(config), "--since", "2026-03-02", "--rule", "elsewhere", "--all")
    assert "it is zone_enter, not line_cross" in said
    _, said = alerts("replay", str(config), "--since", "2026-03-03")
    assert "Person" not in said


def test_a_test_without_a_running_system_is_sent_by_the_command(config: Path) -> None:
    status, said = alerts("test", "sure / of it", str(config))
    assert (status, said) == (0, "log: the test arrived\n")
    assert '"test":true' in (config.parent / "alerts.jsonl").read_text()
    status, said = alerts("test", "elsewhere", str(config))
    assert status == 1 and said.startswith("down: http://127.0.0.1:9/") and "swordfish" not in said


def test_a_running_system_sends_the_test_itself(config: Path, system: HTTPServer) -> None:
    status, said = alerts("test", "sure / of it", str(config), "--url", f"http://127.0.0.1:{system.server_port}")
    assert (status, said) == (1, "log: the disk is full\n")
    assert System.asked[0][0] == "/api/v1/alerts/sure%20/%20of%20it/test"
    assert not (config.parent / "alerts.jsonl").exists()


def test_dead_letters_are_listed_without_secrets_and_sent_again(config: Path, system: HTTPServer) -> None:
    status, said = alerts("dead", str(config))
    assert status == 0 and "elsewhere" in said and "refused" in said and "swordfish" not in said
    url = f"http://127.0.0.1:{system.server_port}"
    assert alerts("resend", str(config), "--sink", "down", "--url", url) == (0, "3 on their way again\n")
    assert System.asked == [("/api/v1/alerts/deliveries/resend", b'{"sink":"down"}')]
    status, said = alerts("resend", str(config), "--id", "17", "--url", url)
    assert (status, said) == (0, "nothing of that was given up on; `alerts dead` lists what was\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["test", "nobody"], "got 'nobody', wanted one of sure / of it, elsewhere"),
        (["replay", "--since", "2026-03-02", "--rule", "nobody"], "got 'nobody'"),
        (["resend"], "give either --id or --sink"),
    ],
)
def test_what_is_not_there_is_said(config: Path, arguments: list[str], message: str) -> None:
    status, said = alerts(*arguments, str(config))
    assert status == 2
    assert message in " ".join(said.replace("│", " ").split())


def test_resending_needs_a_system_that_runs(config: Path) -> None:
    with pytest.raises(ConnectionError, match="no Framewatch answers there; is it running"):
        alerts("resend", str(config), "--sink", "down")
