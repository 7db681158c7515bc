"""One camera: its inputs, its zones and lines, and what it inherits."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import BeforeValidator, Field

from pipeline import registry
from pipeline.config import keys
from pipeline.config.attributes import check_attributes
from pipeline.config.config import CameraConfig, InputConfig, StageConfig
from pipeline.config.names import known_keys, named, spelled
from pipeline.config.node import Node, merged
from pipeline.config.plugins import Plugins
from pipeline.config.problems import Problems
from pipeline.config.sections import ROLES, Live, Role
from pipeline.config.stages import Stages
from pipeline.config.tracked import Tracked, check_labels, tracked
from pipeline.config.wording import kind, one_of, shown
from pipeline.core.camera import Camera, Line, Objects, Zone
from pipeline.core.decoding import Decoding
from pipeline.core.options import Options
from pipeline.core.record import Record
from pipeline.core.redact import redact_url
from pipeline.core.retain import Events


def _text_of_index(value: object) -> object:
    """`path: 0` is the first webcam."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Input(Options):
    """One URL and what it is used for; what else an input may hold is its source's."""

    path: Annotated[str, Field(min_length=1), BeforeValidator(_text_of_index, json_schema_input_type=str | int)]
    type: str | None = None
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = ROLES


class Scene(Options):
    """What a camera says of itself alone."""

    friendly_name: str = ""
    enabled: bool = True
    priority: Annotated[float, Field(gt=0)] = 1.0
    """Its share of a model that cannot look at everything, beside the other cameras' shares."""
    zones: dict[str, Zone] = Field(default_factory=dict)
    lines: dict[str, Line] = Field(default_factory=dict)


class Cameras:
    """Reads cameras on top of the global sections."""

    def __init__(self, root: Node, stages: Stages, plugins: Plugins, problems: Problems) -> None:
        self._root = root
        self._stages = stages
        self._plugins = plugins
        self._problems = problems
        self._tracked: dict[str, Tracked] = {}

    def read(self) -> dict[str, CameraConfig]:
        nodes = named(self._root.get("cameras"), self._problems)
        if self._root.get("cameras").value in (None, {}) and not self._root.get("cameras").broken:
            self._problems.add(self._root.get("cameras"), got="no camera", wanted="at least one")
        cameras = {name: self._camera(name, node) for name, node in nodes.items()}
        if len(self._tracked) == len(nodes) > 0:
            shared = [layer for stage in self._stages.named("track") for layer in self._stages.shared(stage)]
            self._check_tracking(
                shared, {label: shown for each in self._tracked.values() for label, shown in each.items()}
            )
        return {name: camera for name, camera in cameras.items() if camera}

    def _camera(self, name: str, node: Node) -> CameraConfig | None:
        if node.broken or not isinstance(node.value, dict | None):
            if not node.broken:
                self._problems.add(node, got=kind(node), wanted="a map with inputs")
            return None
        known_keys(node, (*keys.CAMERA, *self._stages.names), self._problems)
        given = node.only([key for key, entry in node.names.items() if entry.value is not None])
        scene = self._problems.validated(Scene, given.only(tuple(Scene.model_fields)))
        objects_node = merged(self._root.get("objects"), node.get("objects"))
        objects = self._problems.validated(Objects, objects_node)
        live = self._problems.validated(Live, merged(self._root.get("live"), node.get("live")))
        record = self._problems.validated(Record, merged(self._root.get("record"), node.get("record")))
        events = self._problems.validated(Events, merged(self._root.get("events"), node.get("events")))
        decoding = self._problems.validated(Decoding, self._decoding(node))
        inputs, stages = self._inputs(node.get("inputs")), self._stages.of(node)
        detect = self._stages.checked("detect", node)
        if objects:
            self._tracked[name] = known = tracked(objects_node.get("track"), objects)
            self._check_scene(given, known)
            self._check_tracking([given.get(stage) for stage in self._stages.named("track")], known)
        self._check_attributes(given, stages)
        self._check_detect_role(node.get("inputs"), inputs, stages)
        if not (scene and objects and record and events and live and detect and decoding):
            return None
        camera = Camera(
            name=name,
            friendly_name=scene.friendly_name or name,
            priority=scene.priority,
            **{key: getattr(detect.options, key) for key in ("fps", "max_disappeared") if hasattr(detect.options, key)},
            objects=objects,
            zones=scene.zones,
            lines=scene.lines,
        )
        return CameraConfig(name, scene.enabled, inputs, camera, stages, live, decoding, record, events)

    def _decoding(self, camera: Node) -> Node:
        return merged(self._root.only(keys.DECODING), camera.only(keys.DECODING))

    def _inputs(self, node: Node) -> tuple[InputConfig, ...]:
        if not node.items:
            if not node.broken:
                got = kind(node) if node.value not in (None, []) else "no inputs"
                self._problems.add(node, got=got, wanted="a list of at least one input")
            return ()
        read = [(item, self._input(item)) for item in node.items]
        self._check_roles([(item, each.roles) for item, each in read if each])
        return tuple(each for _, each in read if each)

    def _check_roles(self, inputs: Sequence[tuple[Node, tuple[Role, ...]]]) -> None:
        taken: dict[str, Node] = {}
        for item, role in [(item, role) for item, roles in inputs for role in roles]:
            if role in taken:
                wanted = f"it once: {taken[role].key} has it already (an input that names no roles has all)"
                self._problems.add(item.get("roles"), got=f'the role "{role}"', wanted=wanted)
            taken.setdefault(role, item)

    def _input(self, node: Node) -> InputConfig | None:
        if not isinstance(node.value, dict):
            if not node.broken:
                self._problems.add(node, got=kind(node), wanted="a map with a path")
            return None
        own = self._problems.validated(Input, node.only(tuple(Input.model_fields)))
        if own is None:
            return None
        if not own.type and not registry.is_known_address(own.path):
            where = node.get("path")
            choices = one_of(registry.SCHEMES, "" if where.hidden else own.path.partition("://")[0])
            self._problems.add(where, got=shown(where), wanted=f"a type beside it, or a scheme that is {choices}")
            return None
        type = node.get("type") if own.type else node.of(registry.source_type(own.path), file=node.file)
        options = replace(node, value={**node.names, "path": replace(node.get("path"), value=own.path)})
        checked = self._plugins.checked("sources", type, options.without("type", "roles"))
        if checked is None:
            return None
        return InputConfig(redact_url(own.path), checked.type, own.roles, checked.options)

    def _check_scene(self, node: Node, known: Tracked) -> None:
        """Names are names, and what a zone or line waits for is tracked."""
        zones, lines = (list(spelled(node.get(key), self._problems).values()) for key in ("zones", "lines"))
        things = [zone.get(key) for zone in zones for key in ("left_behind", "removed")]
        named = [part.get("objects") for part in (*zones, *lines, *things)]
        owners = [zone.get("left_behind").get("owners") for zone in zones]
        for item in [item for labels in (*named, *owners) for item in labels.items]:
            if isinstance(item.value, str) and item.value not in known:
                wanted = f"one of objects.track: {', '.join(known.values())}"
                self._problems.add(item, got=f"{shown(item)}, which is never tracked", wanted=wanted)

    def _check_tracking(self, sections: Sequence[Node], known: Tracked) -> None:
        """What all cameras are told may be about any label that one of them tracks."""
        for section in sections:
            check_labels(section.get("labels"), known, self._problems)

    def _check_attributes(self, node: Node, stages: tuple[StageConfig, ...]) -> None:
        """Where a stage is wrong itself, nobody knows what it would have found out."""
        pipeline = merged(self._root.get("pipeline"), node.get("pipeline"))
        if pipeline.value is not None and len(stages) < len(pipeline.items):
            return
        for drawn in [drawn for key in ("zones", "lines") for drawn in node.get(key).names.values()]:
            check_attributes(drawn.get("attributes"), stages, self._problems)

    def _check_detect_role(self, inputs: Node, read: tuple[InputConfig, ...], stages: tuple[object, ...]) -> None:
        is_whole = len(read) == len(inputs.items) > 0
        if is_whole and stages and not any("detect" in each.roles for each in read):
            wanted = "one (or no stages: pipeline: [])"
            self._problems.add(inputs, got="no input with the role detect", wanted=wanted)
