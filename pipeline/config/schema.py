"""The configuration as a JSON schema: what editors complete and check while somebody types."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pipeline import registry
from pipeline.alerts.alert_rule import AlertRule
from pipeline.alerts.delivery_options import DeliveryOptions
from pipeline.alerts.profile import Profile
from pipeline.config.cameras import Input, Scene
from pipeline.config.resolve import GLOBAL
from pipeline.config.sections import Logging, Server, Store
from pipeline.core.decoding import Decoding
from pipeline.core.errors import MissingExtraError, PluginError

Schema = dict[str, Any]

NAMES: Schema = {"type": "array", "items": {"type": "string"}}
_NAMED_PATHS = {
    "rtsp": "^[Rr][Tt][Ss][Pp][Ss]?://",
    "http": "^[Hh][Tt][Tt][Pp][Ss]?://",
    "demo": "^demo(:|$)",
    "webcam": "^(\\d+$|/dev/video)",
}
_PATHS: Mapping[str, Schema] = {
    **{type: {"type": "string", "pattern": pattern} for type, pattern in _NAMED_PATHS.items()},
    "webcam": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": _NAMED_PATHS["webcam"]}]},
    "file": {"type": "string", "not": {"pattern": "|".join(_NAMED_PATHS.values())}},
}
"""The paths that a type follows from, as `registry.source_type` has them."""


def schema() -> Schema:
    """JSON schema (2020-12) with the options of every plugin that has a name."""
    return _Schema().whole()


class _Schema:
    def __init__(self) -> None:
        self._options = {kind: _options(kind) for kind in ("sources", "stages", "models", "sinks")}
        plugins = [model for options in self._options.values() for model in options.values()]
        own: list[type[BaseModel]] = [Server, Store, Logging, Input, Scene, Decoding, *GLOBAL.values()]
        own += [AlertRule, Profile, DeliveryOptions]
        models = list(dict.fromkeys([*own, *plugins]))
        self._found, definitions = models_json_schema([(model, "validation") for model in models])
        self._definitions: Schema = definitions["$defs"]

    def whole(self) -> Schema:
        stages = {name: self._partial(model) for name, model in self._options["stages"].items()}
        layered = {name: self._partial(model) for name, model in GLOBAL.items()} | stages | {"pipeline": NAMES}
        layered |= self._inline(Decoding)["properties"]
        top = {
            "server": self._ref(Server),
            "store": self._ref(Store),
            "logging": self._ref(Logging),
            "models": _named(self._typed("models")),
            "stages": _named(self._typed("stages")),
            "sinks": _named(self._typed("sinks")),
            "camera_groups": _named(NAMES),
            "alerts": {"type": "array", "items": self._ref(AlertRule)},
            "profiles": _named(self._ref(Profile)),
            "delivery": self._ref(DeliveryOptions),
            "cameras": _named(self._camera(layered)),
        }
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Framewatch",
            "type": "object",
            "properties": {**top, **layered},
            "required": ["cameras"],
            "$defs": self._definitions,
        }

    def _camera(self, layered: Mapping[str, Schema]) -> Schema:
        scene = self._inline(Scene)["properties"]
        inputs = {"type": "array", "minItems": 1, "items": self._input()}
        return {"type": "object", "properties": {**scene, "inputs": inputs, **layered}, "required": ["inputs"]}

    def _input(self) -> Schema:
        """An input's other keys are those of its source, whose type is written or follows from the path."""
        own = self._inline(Input)["properties"]
        rules = []
        for type, model in self._options["sources"].items():
            rules.append({"if": _has(type=type), "then": _open(self._inline(model), own)})
            if type in _PATHS:
                follows = {"properties": {"path": _PATHS[type]}, "not": {"required": ["type"]}}
                rules.append({"if": follows, "then": _open(self._inline(model), own)})
        return {"type": "object", "properties": own, "required": ["path"], "allOf": rules}

    def _typed(self, kind: str) -> Schema:
        """`{type: …}` with the options of that type; types in files have options that nobody knows here."""
        options = self._options[kind]
        type = {"anyOf": [{"enum": sorted(options)}, {"type": "string", "pattern": "\\.py:\\w+$"}]}
        rules = [
            {"if": _has(type=name), "then": _open(self._inline(model), {"type": type})}
            for name, model in options.items()
        ]
        return {"type": "object", "properties": {"type": type}, "required": ["type"], "allOf": rules}

    def _partial(self, model: type[BaseModel]) -> Schema:
        """A layer of a section: what it leaves out comes from another layer."""
        return {key: value for key, value in self._inline(model).items() if key != "required"}

    def _inline(self, model: type[BaseModel]) -> Schema:
        found: Schema = self._definitions[self._ref(model)["$ref"].removeprefix("#/$defs/")]
        return found

    def _ref(self, model: type[BaseModel]) -> Schema:
        return self._found[model, "validation"]


def _options(kind: str) -> dict[str, type[BaseModel]]:
    """Options of every type that can be loaded here; an extra that is not installed has none to show."""
    found = {}
    for type in registry.names(kind):
        try:
            found[type] = registry.load(kind, type).Options
        except (PluginError, MissingExtraError):
            continue
    return found


def _named(entry: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"pattern": "^[A-Za-z0-9_-]+$"}, "additionalProperties": entry}


def _has(**values: str) -> Schema:
    return {"properties": {key: {"const": value} for key, value in values.items()}, "required": list(values)}


def _open(model: Schema, more: Schema) -> Schema:
    """A model's schema beside keys that are not its own."""
    return {**model, "properties": {**model.get("properties", {}), **more}}
