"""From the `type` that a configuration names to the class that does the work.

A type is a built-in's name, the name of an entry point in `framewatch.<kind>`, or `./my_rule.py:MyRule`
for a class in a file that is not installed. Nothing is imported before it is asked for.
"""

import hashlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.metadata import entry_points
from inspect import isclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from pipeline.core.errors import MissingExtraError, PluginError
from pipeline.core.video_options import VideoOptions

BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "sources": {
        "rtsp": "sources.rtsp:Rtsp",
        "http": "sources.http:Http",
        "file": "sources.file:File",
        "webcam": "sources.webcam:Webcam",
        "demo": "sources.demo:Demo",
    },
    "stages": {
        "motion": "pipeline.stages.motion:Motion",
        "detect": "pipeline.stages.detect:Detect",
        "track": "pipeline.stages.track:Track",
        "classify": "pipeline.stages.classify:Classify",
        "rules": "pipeline.stages.rules:Rules",
        "annotate": "pipeline.stages.annotate:Annotate",
    },
    "models": {
        "yolo": "pipeline.models.yolo:Yolo",
        "yolo-cls": "pipeline.models.yolo_cls:YoloCls",
        "onnx-cls": "pipeline.models.onnx_cls:OnnxCls",
        "onnx": "pipeline.models.onnx:Onnx",
    },
    "rules": {
        "zone_enter": "pipeline.stages.builtin_rules.zone_enter:ZoneEnter",
        "zone_leave": "pipeline.stages.builtin_rules.zone_leave:ZoneLeave",
        "loitering": "pipeline.stages.builtin_rules.loitering:Loitering",
        "line_cross": "pipeline.stages.builtin_rules.line_cross:LineCross",
        "zone_count": "pipeline.stages.builtin_rules.zone_count:ZoneCount",
        "wrong_way": "pipeline.stages.builtin_rules.wrong_way:WrongWay",
        "object_left": "pipeline.stages.builtin_rules.object_left:ObjectLeft",
        "object_removed": "pipeline.stages.builtin_rules.object_removed:ObjectRemoved",
        "no_motion": "pipeline.stages.builtin_rules.no_motion:NoMotion",
        "tamper": "pipeline.stages.builtin_rules.tamper:Tamper",
    },
    "sinks": {
        "webhook": "sinks.alerts.webhook:Webhook",
        "email": "sinks.alerts.email:Email",
        "script": "sinks.alerts.script:Script",
        "apprise": "sinks.alerts.apprise:Apprise",
        "jsonl": "sinks.alerts.jsonl:Jsonl",
        "mqtt": "sinks.alerts.mqtt:Mqtt",
        "rtsp": "sinks.streams.rtsp:Rtsp",
    },
}

SCHEMES: Mapping[str, str] = {"rtsp": "rtsp", "rtsps": "rtsp", "http": "http", "https": "http", "file": "file"}
"""How an address begins → its type of source."""

METHODS: Mapping[str, tuple[str, ...]] = {
    "sources": ("open", "packets", "close"),
    "stages": ("process",),
    "models": ("load", "close"),
    "rules": ("update",),
    "sinks": ("send", "close"),
}
"""What a class of each kind must be able to do; the whole contracts are in `pipeline.core.contracts`."""
VIDEO_METHODS = ("open", "write", "interrupt", "close")
"""The same for a sink whose options are VideoOptions."""

_IN_A_FILE = re.compile(r"(?P<file>.+\.py):(?P<name>[A-Za-z_]\w*)")


def names(kind: str) -> tuple[str, ...]:
    """Every type of a kind that has a name, sorted."""
    return tuple(sorted(_targets(kind)))


def load(kind: str, type: str, *, base: Path | None = None) -> type[Any]:
    """The class behind a type; its `Options` is a pydantic model.

    `base` is the folder that `./file.py:Class` is relative to, before the working directory. Raises
    PluginError where there is no such type (it lists the choices), where the class cannot be imported, or
    where it does not keep its contract: no `Options`, or a method missing.
    """
    in_a_file = _IN_A_FILE.fullmatch(type)
    if in_a_file:
        module = _module_of_file(_found(Path(in_a_file["file"]), base))
        return _plugin_class(kind, module, in_a_file["name"], type)
    module_name, _, name = _target(kind, type).partition(":")
    return _plugin_class(kind, _module(module_name, type), name, type)


def absolute(type: str, *, base: Path | None = None) -> str:
    """The same type, good in any working directory: the file of `./file.py:Class` becomes an absolute path."""
    in_a_file = _IN_A_FILE.fullmatch(type)
    return f"{_found(Path(in_a_file['file']), base)}:{in_a_file['name']}" if in_a_file else type


def is_in_a_file(type: str) -> bool:
    """Whether a type is written as `./file.py:Class`."""
    return _IN_A_FILE.fullmatch(type) is not None


def source_type(path: str) -> str:
    """The type of source that an input's `path` means when it does not say."""
    if path == "demo" or path.startswith("demo:"):
        return "demo"
    if path.isdecimal() or path.startswith("/dev/video"):
        return "webcam"
    return SCHEMES.get(_scheme(path), "file")


def is_known_address(path: str) -> bool:
    """Whether the type that follows from `path` is more than a guess: false for `rstp://…`."""
    return _scheme(path) in ("", *SCHEMES)


def _scheme(path: str) -> str:
    return path.partition("://")[0].lower() if "://" in path else ""


@cache
def _targets(kind: str) -> Mapping[str, str]:
    """Type → `module:Class`; raises PluginError where two plugins claim the same type."""
    if kind not in BUILT_IN:
        raise PluginError(f"no kind of plugin is called {kind!r}; there are {', '.join(BUILT_IN)}")
    targets = dict(BUILT_IN[kind])
    for point in entry_points(group=f"framewatch.{kind}"):
        if targets.setdefault(point.name, point.value) != point.value:
            raise PluginError(f"two {kind} are called {point.name!r}: {targets[point.name]} and {point.value}")
    return targets


def _target(kind: str, type: str) -> str:
    targets = _targets(kind)
    if type not in targets:
        near = get_close_matches(type, targets, n=1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        raise PluginError(f'no type "{type}" in {kind}; there are {", ".join(sorted(targets))}{hint}')
    return targets[type]


def _found(file: Path, base: Path | None) -> Path:
    places = list(dict.fromkeys((folder / file).resolve() for folder in (base, Path.cwd()) if folder is not None))
    for place in places:
        if place.is_file():
            return place
    raise PluginError(f"no file {file.name} in {' or '.join(str(place.parent) for place in places)}")


def _module(name: str, type: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except MissingExtraError:
        raise
    except ImportError as error:
        raise PluginError(f"{type}: {name} cannot be imported: {error}") from error
    except (Exception, SystemExit) as error:  # whatever a stranger's module does while it is imported
        raise PluginError(f"{type}: {name} cannot be imported: {error.__class__.__name__}: {error}") from error


def _module_of_file(file: Path) -> ModuleType:
    """Imports a file once for each process, under a name of its own."""
    name = f"framewatch_plugin_{file.stem}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise PluginError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever a stranger's file does while it is imported
        del sys.modules[name]
        raise PluginError(f"{file} cannot be imported: {error.__class__.__name__}: {error}") from error
    return module


def _plugin_class(kind: str, module: ModuleType, name: str, type: str) -> type[Any]:
    plugin = getattr(module, name, None)
    if not isclass(plugin):
        raise PluginError(f"{type}: {module.__file__} has no class {name}")
    options = getattr(plugin, "Options", None)
    if not (isclass(options) and issubclass(options, BaseModel)):
        raise PluginError(f"{type}: the class {name} has no `Options` (a pydantic model, from framewatch.Options)")
    methods = VIDEO_METHODS if issubclass(options, VideoOptions) else METHODS[kind]
    missing = [method for method in methods if not callable(getattr(plugin, method, None))]
    if missing:
        raise PluginError(f"{type}: the class {name} has no {' and no '.join(missing)}, as {kind} must have")
    return plugin
