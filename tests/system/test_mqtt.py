"""A whole system that tells a real broker, and is switched through it."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.broker import Broker, Listener, running_broker
from tests.system.framewatch import Framewatch, wait_for
from tests.system.pages import endless_mark

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

CONFIG = """\
store: {{url: "sqlite:///events.db", media: media}}
models:
  general: {{type: ./mark_detector.py:MarkDetector}}
detect: {{fps: 8}}
cameras:
  yard:
    friendly_name: The yard
    inputs: [{{path: mark.mp4, loop: true}}]
    zones:
      middle: {{coordinates: "0.3,0,0.7,0,0.7,1,0.3,1", inertia: 2}}
    lines:
      gate: {{from: [0.5, 0], to: [0.5, 1]}}
profiles: {{home: {{}}, away: {{}}}}
alerts:
  - {{name: somebody in the middle, when: {{event: zone_enter}}, send: [home]}}
sinks:
  home: {{type: mqtt, host: 127.0.0.1, port: {port}, username: fw, password: !secret broker}}
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with running_broker(tmp_path_factory.mktemp("mosquitto"), users={"fw": "open-sesame", "ear": "ear"}) as broker:
        yield broker


def test_a_whole_system(broker: Broker, tmp_path: Path) -> None:
    endless_mark(tmp_path / "mark.mp4")
    shutil.copy(Path(__file__).with_name("mark_detector.py"), tmp_path)
    (tmp_path / "cameras.yaml").write_text(CONFIG.format(port=broker.port))
    (tmp_path / "secrets.yaml").write_text("broker: open-sesame\n")
    with (
        Listener(broker.port, login=("ear", "ear")) as listener,
        Framewatch("run", "cameras.yaml", folder=tmp_path) as system,
    ):
        listener.wait("framewatch/yard/person", lambda heard: heard == b"1", 60)
        listener.wait("framewatch/yard/middle/person", lambda heard: heard == b"1")
        alert = json.loads(listener.wait("framewatch/alerts"))
        assert (alert["rule"], alert["event"]["zone"]) == ("somebody in the middle", "middle")
        assert listener.wait("framewatch/yard/person/snapshot").startswith(b"\xff\xd8")
        assert listener.wait("homeassistant/switch/framewatch/yard_enabled/config")

        listener.wait("framewatch/profile/state", lambda heard: heard == b"home")
        listener.publish("framewatch/profile/set", "away")
        listener.wait("framewatch/profile/state", lambda heard: heard == b"away")
        assert system.api.get("/api/v1/alerts/switches").json()["profile"] == "away"

        listener.wait("framewatch/yard/gate/person/out", _is_counted, 30)
        assert listener.all("framewatch/yard/gate/person/out")[0] == b"0"
        entity = listener.wait("homeassistant/sensor/framewatch/yard_count_line_gate_person_out/config")
        assert json.loads(entity)["state_topic"] == "framewatch/yard/gate/person/out"
        told = system.api.get("/api/v1/cameras/yard").json()["lines"]["gate"]
        assert told["counts"]["person"]["out"] >= 1 and told["since"] is not None

        listener.publish("framewatch/yard/enabled/set", "OFF")
        listener.wait("framewatch/yard/enabled/state", lambda heard: heard == b"OFF")
        listener.wait("framewatch/yard/person", lambda heard: heard == b"0")
        listener.wait("framewatch/yard/gate/person/out", lambda heard: heard == b"0")
        wait_for(lambda: system.api.get("/api/v1/cameras").json()["cameras"] == [], 10)
        listener.publish("framewatch/yard/enabled/set", "ON")
        listener.wait("framewatch/yard/enabled/state", lambda heard: heard == b"ON")
        system.until_analysing("yard")
        listener.wait("framewatch/yard/person", lambda heard: heard == b"1")

        done = system.api.get("/api/v1/audit").json()["entries"]
        assert [(each["who"], each["action"], each["subjects"]) for each in done] == [
            ("sink home", "camera.on", ["yard"]),
            ("sink home", "camera.off", ["yard"]),
            ("sink home", "alerts.profile", ["away"]),
        ]

        broker.freeze()
        _answers_all_the_time(system)
        status, took_s = system.interrupt()
        broker.thaw()
        assert (status, took_s < 10) == (0, True)
        listener.wait("framewatch/available", lambda heard: heard == b"offline")
    assert "open-sesame" not in " ".join(system.errors + system.lines)


def _is_counted(heard: bytes) -> bool:
    return int(heard) >= 1


def _answers_all_the_time(system: Framewatch) -> None:
    """While it tells a broker that hangs."""
    analysed = system.metric("framewatch_analysed_frames", camera="yard")
    for _ in range(20):
        assert system.api.get("/healthz", timeout=2).status_code == 200
        time.sleep(0.1)
    assert system.metric("framewatch_analysed_frames", camera="yard") > analysed
