"""Against a real Mosquitto."""

import asyncio
import json
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pipeline.core.camera import Line
from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert, Event
from pipeline.core.line_count import LineCount
from sinks.alerts.mqtt import Mqtt
from tests.app.conftest import silent_port
from tests.sinks.feed import Feed, House, camera, thing
from tests.system.broker import Broker, Listener, running_broker

__all__ = ["silent_port"]

ROOT = Path(__file__).parents[2]
JPEG = b"\xff\xd8jpeg"


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One broker for all tests that leave it alone; each has a prefix of its own."""
    with running_broker(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    return f"fw{zlib.crc32(request.node.name.encode())}"


def mqtt(broker: Broker, prefix: str = "framewatch", **options: Any) -> Mqtt:
    own = {"host": "127.0.0.1", "port": broker.port, "topic_prefix": prefix, "discovery_prefix": f"ha-{prefix}"}
    return Mqtt(Mqtt.Options.model_validate(own | options))


def alert(name: str = "a") -> Alert:
    event = Event(id=name, type="zone_enter", camera="lobby", started_at=1.5, label="person", zone="door")
    return Alert(id=f"key-{name}", rule="night", event=event, snapshot=JPEG, url="https://watch/?event=a")


def person(id: str = "a", **changes: Any) -> Event:
    fields: dict[str, Any] = {"type": "object", "camera": "lobby", "started_at": 1.5, "label": "person"}
    return Event(id=id, **fields | changes)


@asynccontextmanager
async def telling(broker: Broker, feed: Feed, prefix: str, **options: Any) -> AsyncIterator[tuple[Mqtt, "Ear"]]:
    sink = mqtt(broker, prefix, **options)
    with _listener(broker, prefix) as listener:
        sink.attach(feed)
        try:
            yield sink, Ear(listener, prefix)
        finally:
            await sink.close()


def _listener(broker: Broker, prefix: str) -> Listener:
    return Listener(broker.port, f"{prefix}/#", f"ha-{prefix}/#")


class Ear:
    """A listener for one prefix, used on the event loop."""

    def __init__(self, listener: Listener, prefix: str) -> None:
        self.listener = listener
        self._prefix = prefix

    async def hears(self, topic: str, payload: bytes | None = None, *, part: bytes = b"") -> bytes:
        """The latest of `topic`, once it is `payload`, where one is given, and has `part` in it."""

        def fits(heard: bytes) -> bool:
            return (payload is None or heard == payload) and part in heard

        return await asyncio.to_thread(self.listener.wait, f"{self._prefix}/{topic}", fits)

    async def says(self, topic: str, payload: str, **options: Any) -> None:
        await asyncio.to_thread(self.listener.publish, f"{self._prefix}/{topic}", payload, **options)


async def test_an_alert_arrives_with_its_picture(steady: Broker, prefix: str) -> None:
    sink = mqtt(steady, prefix)
    with _listener(steady, prefix) as listener:
        await sink.send(alert())
        body = json.loads(await asyncio.to_thread(listener.wait, f"{prefix}/alerts"))
        await sink.close()
        assert (body["id"], body["rule"], body["event"]["zone"]) == ("key-a", "night", "door")
        assert body["event"].keys() == set(Event.__struct_fields__)
        assert (body["snapshot"], body["url"]) == (f"{prefix}/alerts/snapshot", "https://watch/?event=a")
        assert listener.get(body["snapshot"]) == JPEG
        assert listener.get(f"{prefix}/available") is None  # it speaks for no running system


async def test_pictures_are_left_out_where_nobody_wants_them(steady: Broker, prefix: str) -> None:
    feed = Feed(camera())
    feed.pictures["a"] = JPEG
    async with telling(steady, feed, prefix, snapshots=False) as (sink, ear):
        await sink.send(alert())
        assert json.loads(await ear.hears("alerts"))["snapshot"] is None
        feed.events.publish(person(has_snapshot=True))
        await ear.hears("events")
        assert not [each.topic for each in ear.listener.heard if "snapshot" in each.topic or "/camera/" in each.topic]


async def test_events_tell_before_and_after(steady: Broker, prefix: str) -> None:
    feed = Feed(camera())
    async with telling(steady, feed, prefix) as (_, ear):
        await ear.hears("available", b"online")
        ended = person(state="end", ended_at=3.0)
        for event in (person(), person(state="update", score=0.9), ended, replace(ended, clip="ready"), person("b")):
            feed.events.publish(event)
        await ear.hears("lobby/person", b"0")
        await ear.hears("events", part=b'"b"')
        told = [json.loads(each) for each in ear.listener.all(f"{prefix}/events")]
        assert [each["type"] for each in told] == ["new", "update", "end", "update", "new"]
        assert [each["before"] and each["before"]["state"] for each in told] == [None, "new", "update", "end", None]
        assert (told[1]["before"]["score"], told[1]["after"]["score"]) == (None, 0.9)


async def test_counts_follow_objects(steady: Broker, prefix: str) -> None:
    feed = Feed(camera("lobby", "person", "traffic light", door=["person"]))
    async with telling(steady, feed, prefix) as (_, ear):
        for topic in ("lobby/person", "lobby/traffic light", "lobby/all", "lobby/door/person", "lobby/door/all"):
            await ear.hears(topic, b"0")
        feed.shows("lobby", thing("a"), thing("b", "person", "door"), thing("c", "traffic light"))
        for topic, count in {"person": b"2", "traffic light": b"1", "all": b"3", "door/person": b"1"}.items():
            await ear.hears(f"lobby/{topic}", count)
        feed.shows("lobby", thing("a"), thing("b", "person", "door", lost=True))
        for topic, count in {"person": b"1", "all": b"1", "door/person": b"0"}.items():
            await ear.hears(f"lobby/{topic}", count)
        feed.goes("lobby", "offline")
        await ear.hears("lobby/person", b"0")
        await ear.hears("lobby/available", b"offline")
        await ear.hears("lobby/status", part=b'"state":"offline"')
        assert ear.listener.get(f"{prefix}/lobby/door/traffic light") is None


async def test_counts_of_lines_follow_crossings(steady: Broker, prefix: str) -> None:
    feed = Feed(camera())
    nobody = {"in": 0, "out": 0}
    feed.lines["lobby"] = {"door": LineCount({"person": nobody, "traffic light": nobody})}
    async with telling(steady, feed, prefix) as (_, ear):
        for topic in ("person/in", "person/out", "traffic light/in", "all/in", "all/out"):
            await ear.hears(f"lobby/door/{topic}", b"0")
        feed.lines["lobby"] = {"door": LineCount({"person": {"in": 2, "out": 1}, "dog": {"in": 3, "out": 0}}, 1.5)}
        feed.events.publish(person("c", type="line_cross", line="door", state="end", ended_at=1.5))
        for topic, count in {"person/in": b"2", "person/out": b"1", "all/in": b"5", "traffic light/in": b""}.items():
            await ear.hears(f"lobby/door/{topic}", count)
    with _listener(steady, prefix) as later:
        assert await asyncio.to_thread(later.wait, f"{prefix}/lobby/door/dog/in") == b"3"


async def test_the_best_picture_of_a_label_is_kept(steady: Broker, prefix: str) -> None:
    feed = Feed(camera())
    feed.pictures = {"a": JPEG, "b": JPEG + b"b"}
    async with telling(steady, feed, prefix) as (_, ear):
        feed.events.publish(person("a", has_snapshot=True))
        await ear.hears("lobby/person/snapshot", JPEG)
        feed.events.publish(person("b", has_snapshot=True))
        await ear.hears("lobby/person/snapshot", JPEG + b"b")
    with _listener(steady, prefix) as later:
        assert await asyncio.to_thread(later.wait, f"{prefix}/lobby/person/snapshot") == JPEG + b"b"


async def test_a_picture_goes_with_its_event(steady: Broker, prefix: str) -> None:
    feed = Feed(camera())
    feed.pictures = {"a": JPEG, "b": JPEG}
    async with telling(steady, feed, prefix) as (sink, ear):
        feed.events.publish(person("a", has_snapshot=True))
        await sink.send(alert("b"))
        await ear.hears("lobby/person/snapshot", JPEG)
        del feed.pictures["a"]
        feed.edits.publish(None)
        await ear.hears("lobby/person/snapshot", b"")
        assert ear.listener.all(f"{prefix}/alerts/snapshot") == [JPEG]
        del feed.pictures["b"]
        feed.edits.publish(None)
        await ear.hears("alerts/snapshot", b"")


async def test_figures_come_now_and_then(steady: Broker, prefix: str) -> None:
    async with telling(steady, Feed(camera()), prefix) as (_, ear):
        stats = json.loads(await ear.hears("stats"))
        assert (stats["version"], stats["cameras"]["lobby"]["fps_analysed"]) == ("1.2.3", 5.0)


async def test_orders_switch_a_camera_and_the_profile(
    steady: Broker, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    house = House()
    feed = Feed(camera(), profiles=house)
    async with telling(steady, feed, prefix) as (_, ear):
        await ear.hears("lobby/enabled/state", b"ON")
        await ear.says("lobby/enabled/set", "OFF")
        await ear.hears("lobby/enabled/state", b"OFF")
        await ear.hears("lobby/available", b"offline")
        await ear.hears("lobby/status", part=b'"state":"disabled"')
        for topic, wrong in {
            "lobby/enabled/set": "perhaps",
            "attic/enabled/set": "ON",
            "profile/set": "asleep",
        }.items():
            await ear.says(topic, wrong)
        await ear.says("lobby/enabled/set", "on")
        await ear.hears("lobby/enabled/state", b"ON")
        await ear.hears("profile/state", b"home")
        await ear.says("profile/set", "away")
        await ear.hears("profile/state", b"away")
    for said in ("got 'perhaps', wanted ON or OFF", "attic", "got 'asleep', wanted one of the profiles: home, away"):
        assert said in caplog.text


async def test_what_nobody_has_thought_of_costs_one_order_and_one_look(
    steady: Broker, prefix: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    feed = Feed(camera())
    async with telling(steady, feed, prefix) as (_, ear):
        await ear.hears("lobby/enabled/state", b"ON")
        with monkeypatch.context() as broken:
            broken.setattr(feed, "switch", lambda *_: 1 / 0)
            broken.setattr(feed, "cameras", lambda: 1 / 0)
            await ear.says("lobby/enabled/set", "OFF")
            async with asyncio.timeout(30):
                while "states are not told" not in caplog.text:
                    await asyncio.sleep(0.01)
        await ear.says("lobby/enabled/set", "OFF")
        await ear.hears("lobby/enabled/state", b"OFF")
    assert "lobby/enabled/set: the order was not carried out" in caplog.text


async def test_an_order_that_the_broker_has_kept_is_none(steady: Broker, prefix: str) -> None:
    with Listener(steady.port) as before:
        await asyncio.to_thread(before.publish, f"{prefix}/lobby/enabled/set", "OFF", retain=True)
    feed = Feed(camera(), camera("yard"))
    async with telling(steady, feed, prefix) as (_, ear):
        await ear.hears("yard/enabled/state", b"ON")
        await ear.says("yard/enabled/set", "OFF")
        await ear.hears("yard/enabled/state", b"OFF")
        assert feed.off == {"yard"}
        await ear.says("lobby/enabled/set", "", retain=True)


async def test_without_commands_nobody_is_listened_to(steady: Broker, prefix: str) -> None:
    feed = Feed(camera())
    async with telling(steady, feed, prefix, commands=False) as (_, ear):
        await ear.hears("lobby/enabled/state", b"ON")
        await ear.says("lobby/enabled/set", "OFF")
        feed.events.publish(person())
        await ear.hears("events")
        assert feed.off == set()
        assert not [each.topic for each in ear.listener.heard if "/switch/" in each.topic]


REQUIRED = {
    "binary_sensor": {"state_topic"},
    "sensor": {"state_topic"},
    "switch": {"command_topic"},
    "select": {"command_topic", "options"},
    "camera": {"topic"},
}
"""What Home Assistant refuses an entity without; and of every one, below, what it needs to group and to name it."""


async def test_home_assistant_is_told_of_everything(steady: Broker, prefix: str) -> None:
    plan = camera("lobby", "person", "car", door=["person"])
    gate = Line.model_validate({"from": [0, 0.5], "to": [1, 0.5], "objects": ["car"]})
    feed = Feed(plan.model_copy(update={"lines": {"gate": gate}}), profiles=House())
    feed.lines["lobby"] = {"gate": LineCount({"car": {"in": 0, "out": 0}})}
    async with telling(steady, feed, prefix) as (_, ear):
        await ear.hears("stats")
        found = _entities(ear.listener, prefix)
    assert {name for _, name in found} == {
        *("connection", "latest_alert", "profile", "lobby_connection", "lobby_enabled"),
        *(f"lobby_{kind}_{label}" for kind in ("count", "occupancy", "picture") for label in ("person", "car")),
        *("lobby_count_zone_door_person", "lobby_occupancy_zone_door_person"),
        *("lobby_count_line_gate_car_in", "lobby_count_line_gate_car_out"),
    }
    came_in = found["sensor", "lobby_count_line_gate_car_in"]
    assert (came_in["name"], came_in["state_class"]) == ("Gate car in", "total_increasing")
    ids = [entity["unique_id"] for entity in found.values()]
    assert len(ids) == len(set(ids))
    retained = {each.topic for each in ear.listener.heard}
    for (component, name), entity in found.items():
        assert entity.keys() >= REQUIRED[component] | {"name", "unique_id", "device", "origin"}, name
        assert entity["device"]["identifiers"] and entity["device"]["name"]
        topics = [entity[key] for key in ("state_topic",) if key in entity]
        topics += [each["topic"] for each in entity.get("availability", [])]
        assert set(topics) <= retained, name
    hub = found["select", "profile"]["device"]["identifiers"]
    lobby = found["switch", "lobby_enabled"]["device"]
    assert [lobby["via_device"]] == hub
    assert lobby["configuration_url"] == "https://watch.example/#camera/lobby"
    assert found["select", "profile"]["options"] == ["home", "away"]


async def test_a_camera_that_goes_is_taken_out_of_home_assistant(steady: Broker, prefix: str) -> None:
    feed = Feed(camera("lobby"), camera("yard"))
    feed.pictures["a"] = JPEG
    async with telling(steady, feed, prefix) as (_, ear):
        feed.events.publish(person(camera="yard", has_snapshot=True))
        await ear.hears("yard/person/snapshot")
        del feed.plans["yard"]
        await ear.hears("yard/person", b"")
        await ear.hears("yard/person/snapshot", b"")
        await ear.hears("lobby/person", b"0")
    with _listener(steady, prefix) as later:
        await asyncio.to_thread(later.wait, f"{prefix}/available")
        kept = {each.topic for each in later.heard}
        assert kept and not [topic for topic in kept if "yard" in topic]


async def test_a_camera_that_went_meanwhile_is_taken_out_at_the_next_start(steady: Broker, prefix: str) -> None:
    async with telling(steady, Feed(camera("lobby"), camera("yard")), prefix) as (_, ear):
        await ear.hears("stats")
    async with telling(steady, Feed(camera("lobby")), prefix) as (_, ear):
        gone = f"ha-{prefix}/switch/{prefix}/yard_enabled/config"
        await asyncio.to_thread(ear.listener.wait, gone, lambda heard: heard == b"")
    with _listener(steady, prefix) as later:
        await asyncio.to_thread(later.wait, f"{prefix}/available")
        assert not [name for _, name in _entities(later, prefix) if "yard" in name]


def _entities(listener: Listener, prefix: str) -> dict[tuple[str, str], dict[str, Any]]:
    """By component and name, as Home Assistant finds them."""
    found = {}
    for each in listener.heard:
        parts = each.topic.split("/")
        if parts[0] == f"ha-{prefix}" and each.payload:
            component, node, name, last = parts[1:]
            assert (node, last) == (prefix, "config")
            found[component, name] = json.loads(each.payload)
    return found


async def test_a_broker_that_comes_back_hears_everything_again(tmp_path: Path) -> None:
    with running_broker(tmp_path) as broker:
        feed = Feed(camera("lobby", door=["person"]))
        feed.pictures["a"] = JPEG
        sink = mqtt(broker)
        sink.attach(feed)
        with Listener(broker.port) as listener:
            feed.events.publish(person(has_snapshot=True))
            await asyncio.to_thread(listener.wait, "framewatch/lobby/person/snapshot")
        broker.stop()
        await _not_delivered(sink, "lost|unreachable")
        feed.shows("lobby", thing("a", "person", "door"))
        feed.events.publish(person("while away"))
        broker.start()
        with Listener(broker.port) as listener:
            await _delivered(sink)
            for topic, payload in {
                "available": b"online",
                "lobby/available": b"online",
                "lobby/enabled/state": b"ON",
                "lobby/person": b"1",
                "lobby/door/person": b"1",
                "lobby/person/snapshot": JPEG,
            }.items():
                heard = await asyncio.to_thread(listener.wait, f"framewatch/{topic}")
                assert heard == payload
            event = await asyncio.to_thread(listener.wait, "framewatch/events")
            assert json.loads(event)["after"]["id"] == "while away"
            assert [name for _, name in _entities(listener, "framewatch")]
            await sink.close()
            await asyncio.to_thread(listener.wait, "framewatch/available", lambda heard: heard == b"offline")


async def _not_delivered(sink: Mqtt, why: str) -> DeliveryError:
    with pytest.raises(DeliveryError, match=why) as refused:
        await sink.send(alert("lost"))
    assert not refused.value.permanent
    return refused.value


async def _delivered(sink: Mqtt) -> None:
    """As whoever hands alerts over does: again, until it is taken."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await sink.send(alert())
            except DeliveryError:
                await asyncio.sleep(0.2)


async def test_a_broker_that_hangs_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sinks.alerts.broker.session.TIMEOUT_S", 2.0)
    with running_broker(tmp_path) as broker:
        feed = Feed(camera())
        sink = mqtt(broker)
        sink.attach(feed)
        await sink.send(alert())
        broker.freeze()
        sending = asyncio.create_task(sink.send(alert("b")))
        longest = await _longest_pause(
            sending, lambda: feed.events.publish(person(state="update", data={"x": "y" * 999}))
        )
        with pytest.raises(DeliveryError, match="no answer in time"):
            await sending
        assert longest < 1
        for count in range(1000):
            feed.events.publish(person(f"{count}"))
        assert feed.left_out >= 1000 - 256
        broker.thaw()
        await _delivered(sink)
        with Listener(broker.port) as listener:
            await asyncio.to_thread(listener.wait, "framewatch/available", lambda heard: heard == b"online")
        broker.freeze()
        await _not_delivered(sink, "no answer in time")  # which gives the connection up
        began = time.monotonic()
        await sink.close()
        assert time.monotonic() - began < 3
        broker.thaw()
        with Listener(broker.port) as listener:
            await asyncio.to_thread(listener.wait, "framewatch/available", lambda heard: heard == b"offline")


async def _longest_pause(task: "asyncio.Task[None]", each_time: Callable[[], None]) -> float:
    """How long the event loop ever needed to come back while `task` ran, in seconds."""
    longest, last = 0.0, time.monotonic()
    while not task.done():
        each_time()
        await asyncio.sleep(0.01)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    return longest


async def test_nobody_there(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    sink = mqtt(broker)
    error = await _not_delivered(
        sink, rf"127\.0\.0\.1:{broker.port}: unreachable \(Connection refused\): is the broker on"
    )
    await sink.close()
    assert "password" not in str(error)


async def test_a_name_that_nobody_has() -> None:
    sink = Mqtt(Mqtt.Options(host="nobody.invalid"))
    await _not_delivered(
        sink, r"nobody\.invalid:1883: unreachable \(.+\): is the broker on, and are host and port right"
    )
    await sink.close()


async def test_something_else_is_there(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sinks.alerts.broker.session.TIMEOUT_S", 0.5)
    sink = Mqtt(Mqtt.Options(host="127.0.0.1", port=silent_port))
    await _not_delivered(sink, "no broker answers there")
    await sink.close()


async def test_a_wrong_password_says_so_and_is_not_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running_broker(tmp_path, users={"fw": "open-sesame"}) as broker:
        wrong = mqtt(broker, username="fw", password="hunter2hunter2")
        wrong.attach(Feed(camera()))
        with pytest.raises(DeliveryError, match="not authorised: are username and password right") as refused:
            await wrong.send(alert())
        await wrong.close()
        assert refused.value.permanent
        right = mqtt(broker, username="fw", password="open-sesame\n")
        await right.send(alert())
        await right.close()
    shown = f"{refused.value} {caplog.text} {wrong._options!r}"
    assert "hunter2" not in shown


async def test_tls(tmp_path: Path) -> None:
    certificate, key = tmp_path / "broker.crt", tmp_path / "broker.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=broker"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    with running_broker(tmp_path, tls=(certificate, key)) as broker:
        fine: list[dict[str, Any]] = [{"ca": str(certificate)}, {"insecure": True}]
        for tls in fine:
            sink = mqtt(broker, tls=tls)
            await sink.send(alert())
            await sink.close()
        for wrong, why in ((True, "certificate is not believed"), ({"ca": str(key)}, "wanted a file with PEM")):
            sink = mqtt(broker, tls=wrong)
            with pytest.raises(DeliveryError, match=why) as refused:
                await sink.send(alert())
            await sink.close()
            assert refused.value.permanent


CHILD = """
import asyncio, sys
from sinks.alerts.mqtt import Mqtt
from tests.app.conftest import silent_port
from tests.sinks.feed import Feed, camera

async def main():
    sink = Mqtt(Mqtt.Options(host="127.0.0.1", port=int(sys.argv[1]), topic_prefix=sys.argv[2]))
    sink.attach(Feed(camera()))
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_who_is_killed_is_offline(steady: Broker, prefix: str) -> None:
    with _listener(steady, prefix) as listener:
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(steady.port), prefix], cwd=ROOT)
        try:
            listener.wait(f"{prefix}/available", lambda heard: heard == b"online")
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait(10)
        listener.wait(f"{prefix}/available", lambda heard: heard == b"offline")


@pytest.mark.parametrize(
    "options",
    [
        {"host": "mqtt://10.0.0.2"},
        {"host": "user:secret@10.0.0.2"},
        {"host": ""},
        {"topic_prefix": "frame/#"},
        {"topic_prefix": "/frame"},
        {"topic_prefix": "frame/"},
        {"discovery_prefix": "+"},
        {"port": 0},
        {"client_id": ""},
        {"password": "secret"},
    ],
    ids=str,
)
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as refused:
        Mqtt.Options.model_validate({"host": "10.0.0.2"} | options)
    assert "secret" not in str(refused.value)
