"""The JSON schema says what the loader says, as far as a schema can."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline import registry
from pipeline.config import schema, shipped
from tests.config.json_schema import complaints

SCHEMA = schema()
ONE = {"lobby": {"inputs": [{"path": "demo"}]}}


def plain(path: Path) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("!secret", lambda constructor, node: node.value)
    return yaml.load(path)


@pytest.mark.parametrize("path", sorted(shipped("demo.yaml").parent.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_configurations_fit(path: Path) -> None:
    assert complaints(plain(path), SCHEMA, SCHEMA) == []


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        pytest.param({}, ".cameras: missing", id="no camera"),
        pytest.param({"cameras": {"lobby": {}}}, ".cameras.lobby.inputs: missing", id="no input"),
        pytest.param({"cameras": {"a b": ONE["lobby"]}}, ".cameras.a b: does not fit", id="a name"),
        pytest.param({"cameras": ONE, "server": {"prt": 1}}, ".server.prt: unknown", id="unknown key"),
        pytest.param({"cameras": ONE, "detect": {"fps": "x"}}, ".detect.fps: no number", id="global section"),
        pytest.param(
            {"cameras": {"lobby": {**ONE["lobby"], "track": {"tracker": "deep"}}}},
            ".cameras.lobby.track.tracker: none of the choices",
            id="camera's section",
        ),
        pytest.param(
            {"cameras": {"lobby": {"inputs": [{"path": "rtsp://h/x", "loop": True}]}}},
            ".cameras.lobby.inputs[0].loop: unknown",
            id="another source's option, the type from the path",
        ),
        pytest.param(
            {"cameras": {"lobby": {"inputs": [{"path": "x", "type": "rtsp", "loop": True}]}}},
            ".cameras.lobby.inputs[0].loop: unknown",
            id="another source's option, the type written",
        ),
        pytest.param(
            {"cameras": ONE, "sinks": {"hook": {"type": "webhook"}}}, ".sinks.hook.url: missing", id="plugin's option"
        ),
        pytest.param(
            {"cameras": ONE, "sinks": {"hook": {"type": "webhok"}}},
            ".sinks.hook.type: fits none of the alternatives",
            id="plugin's type",
        ),
    ],
)
def test_mistakes_do_not_fit(config: dict[str, Any], complaint: str) -> None:
    assert any(said.startswith(complaint) for said in complaints(config, SCHEMA, SCHEMA))


def test_a_plugin_in_a_file_has_options_that_nobody_knows() -> None:
    config = {"cameras": ONE, "stages": {"blur": {"type": "./blur.py:Blur", "strength": 5}}}
    assert complaints(config, SCHEMA, SCHEMA) == []


def test_every_plugin_with_a_name_is_in_it() -> None:
    for kind in ("models", "stages", "sinks"):
        types = SCHEMA["properties"][kind]["additionalProperties"]["properties"]["type"]["anyOf"][0]["enum"]
        assert tuple(types) == registry.names(kind)


def test_keys_are_explained() -> None:
    assert SCHEMA["$defs"]["Server"]["properties"]["external_url"]["description"].startswith("The address")
