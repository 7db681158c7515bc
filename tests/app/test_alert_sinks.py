import json
from pathlib import Path
from typing import Any

from pipeline.app.alert_sinks import Worded, alert_sinks, attach, hiding_secrets
from pipeline.app.alert_trial import send_test
from pipeline.config import loads
from pipeline.core.event import Alert, Event
from tests.sinks.feed import Feed

TEXT = """\
cameras: {demo: {inputs: [{path: demo}]}}
alerts: [{name: any, send: hook}]
sinks:
  hook:
    type: webhook
    url: https://hook.example/services/T0001/B0002
    headers: {Authorization: Bearer hunter2hunter2}
  home: {type: mqtt, host: 127.0.0.1, username: fw, password: opensesame}
  unused: {type: webhook, url: "https://me:swordfish@other.example/x"}
"""


def test_only_sinks_that_a_rule_names_or_that_want_more_are_opened(tmp_path: Path) -> None:
    assert alert_sinks(loads(TEXT, name=str(tmp_path / "cameras.yaml"))).keys() == {"hook", "home"}


def test_no_secret_of_a_sink_stays_in_a_text(tmp_path: Path) -> None:
    hide = hiding_secrets(loads(TEXT, name=str(tmp_path / "cameras.yaml")))
    shown = hide(
        "https://hook.example/services/T0001/B0002: 403\nhunter2hunter2 or swordfish or opensesame\nhttps://other.example/x"
    )
    assert shown == "https://hook.example/…: 403\n… or … or …\nhttps://other.example/…"
    assert not [secret for secret in ("T0001", "B0002", "hunter2", "swordfish", "opensesame") if secret in shown]


async def test_a_sink_with_words_of_its_own(tmp_path: Path) -> None:
    text = f"""\
cameras: {{demo: {{inputs: [{{path: demo}}]}}}}
alerts: [{{name: any, send: [own, usual]}}]
sinks:
  own: {{type: jsonl, path: {tmp_path}/own, message: {{title: "{{{{ camera_name }}}}: {{{{ title }}}}"}}}}
  usual: {{type: jsonl, path: {tmp_path}/usual}}
"""
    alert = Alert(id="k", rule="any", event=Event(id="e", type="x", camera="lobby", started_at=1.0))
    alert.title, alert.text, alert.camera_name = "Somebody is there", "Look", "The lobby"
    for sink in alert_sinks(loads(text, name=str(tmp_path / "cameras.yaml"))).values():
        await sink.send(alert)
        await sink.close()
    own, usual = (json.loads((tmp_path / name).read_text()) for name in ("own", "usual"))
    assert (own["title"], own["text"]) == ("The lobby: Somebody is there", "Look")
    assert (usual["title"], usual["text"]) == ("Somebody is there", "Look")


TELLING = """
from framewatch import AlertOptions

class Telling:
    class Options(AlertOptions):
        pass

    def __init__(self, options):
        self.feeds = []

    def attach(self, feed):
        self.feeds.append(feed)

    async def send(self, alert):
        pass

    async def close(self):
        pass
"""


def test_a_plugin_that_wants_more_than_alerts_gets_a_feed_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "telling.py").write_text(TELLING)
    text = """\
cameras: {demo: {inputs: [{path: demo}]}}
sinks:
  plain: {type: ./telling.py:Telling}
  worded: {type: ./telling.py:Telling, message: {title: "Look"}}
  alone: {type: jsonl, path: nowhere}
"""
    sinks = alert_sinks(loads(text, base=tmp_path))
    feed = Feed()
    asked = []
    attach(sinks, lambda name: asked.append(name) or feed)  # type: ignore[func-returns-value]
    assert asked == ["plain", "worded"]
    plain: list[Any] = [sink.sink if isinstance(sink, Worded) else sink for sink in sinks.values()]
    assert [sink.feeds for sink in plain] == [[feed], [feed]]


HANGING = """
import asyncio
from framewatch import AlertOptions

class Hanging:
    class Options(AlertOptions):
        pass

    def __init__(self, options):
        pass

    async def send(self, alert):
        await asyncio.Event().wait()

    async def close(self):
        pass
"""


async def test_a_sink_that_hangs_does_not_hold_up_a_test(tmp_path: Path) -> None:
    (tmp_path / "hanging.py").write_text(HANGING)
    text = f"""\
cameras: {{demo: {{inputs: [{{path: demo}}]}}}}
alerts: [{{name: any, send: [hangs, log]}}]
delivery: {{timeout: 0.1}}
sinks:
  hangs: {{type: ./hanging.py:Hanging}}
  log: {{type: jsonl, path: "{tmp_path}/log"}}
"""
    outcomes = await send_test(loads(text, base=tmp_path), "any")
    assert [(each.sink, each.error) for each in outcomes] == [("hangs", "no answer in time"), ("log", None)]
