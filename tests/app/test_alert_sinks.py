import json
from pathlib import Path

from pipeline.app.alert_sinks import alert_sinks, hiding_secrets
from pipeline.config import loads
from pipeline.core.event import Alert, Event

TEXT = """\
cameras: {demo: {inputs: [{path: demo}]}}
alerts: [{name: any, send: hook}]
sinks:
  hook:
    type: webhook
    url: https://hook.example/services/T0001/B0002
    headers: {Authorization: Bearer hunter2hunter2}
  unused: {type: webhook, url: "https://me:swordfish@other.example/x"}
"""


def test_only_sinks_that_a_rule_names_are_opened(tmp_path: Path) -> None:
    assert alert_sinks(loads(TEXT, name=str(tmp_path / "cameras.yaml"))).keys() == {"hook"}


def test_no_secret_of_a_sink_stays_in_a_text(tmp_path: Path) -> None:
    hide = hiding_secrets(loads(TEXT, name=str(tmp_path / "cameras.yaml")))
    shown = hide("https://hook.example/services/T0001/B0002: 403\nhunter2hunter2 or swordfish\nhttps://other.example/x")
    assert shown == "https://hook.example/…: 403\n… or …\nhttps://other.example/…"
    assert not [secret for secret in ("T0001", "B0002", "hunter2", "swordfish") if secret in shown]


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
