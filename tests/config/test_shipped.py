"""The configurations in `configs/`: all of them load, and the reference tells the truth."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from pipeline import registry
from pipeline.alerts.alert_rule import AlertRule, When
from pipeline.alerts.delivery_options import DeliveryOptions
from pipeline.alerts.profile import Profile
from pipeline.config import demo, keys, load, loads, shipped
from pipeline.config.cameras import Input, Scene
from pipeline.config.config import Config
from pipeline.config.node import Node
from pipeline.config.parse import parse
from pipeline.config.problems import Problems
from pipeline.config.resolve import DEFAULT_MODELS
from pipeline.config.secrets import Secrets
from pipeline.config.sections import Auth, Links, Live, Logging, Server, Store
from pipeline.config.stages import DEFAULT_PIPELINE
from pipeline.core.camera import Line, ObjectFilter, Objects, Zone
from pipeline.core.decoding import Decoding
from pipeline.core.message import Message
from pipeline.core.record import Alerts, Detections, Record
from pipeline.core.retain import Events

CONFIGS = sorted(shipped("demo.yaml").parent.glob("*.yaml"))
ENV = {"CAM_USER": "admin", "CAM_PASSWORD": "hunter2", "CAMERA_URL": "demo", "COLOUR_WEIGHTS": "best.pt"}
ENV |= {"FRAMEWATCH_TOKEN": "hunter2", "NTFY_URL": "ntfy://hunter2", "SMTP_USER": "me", "SMTP_PASSWORD": "hunter2"}


EXAMPLES = {"filters", "auth", "when", "path"}
"""Optional keys that hold an example, or a map that is compared by itself."""


def reference() -> Node:
    text = shipped("reference.yaml").read_text()
    return parse(text, file="reference.yaml", secrets=Secrets({}), problems=Problems())


def at(*path: str | int) -> Any:
    node, rest = reference().find(path)
    assert not rest, f"the reference has no {path}"
    return node.plain()


def options(kind: str, name: str) -> type[BaseModel]:
    found: type[BaseModel] = registry.load(kind, name).Options
    return found


SECTIONS: list[tuple[tuple[str | int, ...], type[BaseModel]]] = [
    (("server",), Server),
    (("server", "auth"), Auth),
    (("server", "links"), Links),
    (("store",), Store),
    (("logging",), Logging),
    (("live",), Live),
    (("record",), Record),
    (("record", "alerts"), Alerts),
    (("record", "detections"), Detections),
    (("events",), Events),
    (("objects",), Objects),
    (("objects", "filters", "person"), ObjectFilter),
    *[((name,), options("stages", name)) for name in DEFAULT_PIPELINE],
    (("classify",), options("stages", "classify")),
    (("models", "general"), options("models", "yolo")),
    (("models", "other"), options("models", "onnx")),
    (("models", "colour"), options("models", "yolo-cls")),
    (("models", "make"), options("models", "onnx-cls")),
    (("cameras", "lobby", "zones", "entrance"), Zone),
    (("cameras", "lobby", "lines", "door"), Line),
    (("cameras", "lobby", "inputs", 0), options("sources", "rtsp")),
    (("cameras", "garage", "inputs", 0), options("sources", "http")),
    (("cameras", "desk", "inputs", 0), options("sources", "webcam")),
    (("cameras", "film", "inputs", 0), options("sources", "file")),
    (("cameras", "street", "inputs", 0), options("sources", "demo")),
    (("alerts", 0), AlertRule),
    (("alerts", 0, "when"), When),
    (("profiles", "home"), Profile),
    (("delivery",), DeliveryOptions),
    (("alerts", 0, "message"), Message),
    (("sinks", "hook"), options("sinks", "webhook")),
    (("sinks", "mail"), options("sinks", "email")),
    (("sinks", "phone"), options("sinks", "apprise")),
    (("sinks", "horn"), options("sinks", "script")),
    (("sinks", "log"), options("sinks", "jsonl")),
    (("sinks", "home"), options("sinks", "mqtt")),
    (("sinks", "restream"), options("sinks", "rtsp")),
]


@pytest.mark.parametrize(("path", "model"), SECTIONS, ids=[".".join(map(str, path)) for path, _ in SECTIONS])
def test_the_reference_has_every_key_and_its_default(path: tuple[str | int, ...], model: type[BaseModel]) -> None:
    written = {name: value for name, value in at(*path).items() if name not in ("type", "roles")}
    if "path" in written:
        written["path"] = str(written["path"])
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    assert written.keys() == fields.keys()
    optional = {name for name, field in fields.items() if not field.is_required()} - EXAMPLES
    required = {name: written[name] for name in written.keys() - optional}
    assert model.model_validate(written) == model.model_validate(required)


def test_the_reference_has_every_section_and_every_key_of_a_camera() -> None:

    assert reference().names.keys() == {*keys.TOP, *registry.names("stages")}
    inherited = {"pipeline", "objects", "record", "events", "live", *keys.DECODING}
    assert at("cameras", "lobby").keys() == {*keys.CAMERA} - inherited
    assert Decoding(**{key: at(key) for key in keys.DECODING}) == Decoding()
    assert at("cameras", "lobby", "inputs", 0).keys() >= Input.model_fields.keys()
    assert Scene.model_fields.keys() <= {*keys.CAMERA}
    assert at("cameras", "lobby", "friendly_name") == Scene().friendly_name
    assert at("cameras", "lobby", "inputs", 0, "roles") == list(Input(path="x").roles)
    assert at("pipeline") == list(DEFAULT_PIPELINE)
    assert at("models", "general").items() >= DEFAULT_MODELS["general"].items()


def test_the_reference_resolves_to_what_nothing_said_resolves_to() -> None:
    said = load(shipped("reference.yaml"))
    street = said.cameras["street"]
    unsaid = loads("cameras: {street: {inputs: [{path: demo}]}}").cameras["street"]
    assert street.inputs == unsaid.inputs
    assert street.live == unsaid.live
    assert street.events == unsaid.events == said.events
    assert [(stage.name, stage.type) for stage in street.stages] == [(s.name, s.type) for s in unsaid.stages]
    assert street.camera.fps == unsaid.camera.fps
    assert street.camera.objects.filter("person") == unsaid.camera.objects.filter("person")


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    """The shipped files, with the secrets that one of them wants."""
    for path in CONFIGS:
        shutil.copy(path, tmp_path)
    (tmp_path / "secrets.yaml").write_text("hook_token: Bearer hunter2\nbroker_password: hunter2\n")
    return tmp_path


@pytest.mark.parametrize("name", [path.name for path in CONFIGS])
def test_every_shipped_configuration_loads(name: str, configs: Path) -> None:
    config = load(configs / name, env=ENV)
    assert config.cameras
    assert "hunter2" not in repr(config)


def test_there_is_an_example_of_each_kind() -> None:
    names = {path.stem for path in CONFIGS}
    assert names == {
        "demo",
        "reference",
        "rtsp",
        "two-streams",
        "retail-line-count",
        "webhook-alert",
        "phone-alert",
        "car-colour",
        "home-assistant",
    }


def test_the_demo_needs_nothing() -> None:
    config: Config = demo(env={})
    camera = config.cameras["street"]
    assert camera.inputs[0].type == "demo"
    assert config.server.auth.mode == "none"
    assert config.models["general"].options["weights"] == "yolov8n.pt"
    assert camera.camera.zones and camera.camera.lines
