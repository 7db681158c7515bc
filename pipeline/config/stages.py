"""The pipeline of each camera: which stages, in which order, with which options."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pipeline import registry
from pipeline.config import keys
from pipeline.config.config import StageConfig
from pipeline.config.names import listed, named, once_each
from pipeline.config.node import Node, merged
from pipeline.config.plugins import Checked, Plugins
from pipeline.config.problems import Problems
from pipeline.config.wording import one_of, shown
from pipeline.core.contracts import ModelThatCan

DEFAULT_PIPELINE = ("motion", "detect", "track", "rules", "annotate")

_ORDER = {("motion", "detect"), ("detect", "track"), ("track", "classify"), ("track", "rules"), ("classify", "rules")}
"""Types of stages of which the second works on what the first made."""


class Stages:
    """Merges `stages`, the global sections and a camera's own into what each stage of a camera is told.

    `models` says for each model what it can do; nothing where that is not known.
    """

    def __init__(self, root: Node, models: Mapping[str, frozenset[str]], plugins: Plugins, problems: Problems) -> None:
        self._root = root
        self._models = models
        self._plugins = plugins
        self._problems = problems
        self._defined = named(root.get("stages"), problems)
        for name in sorted({*keys.TOP, *keys.CAMERA} & self._defined.keys()):
            problems.add(self._defined[name], got=f'the name "{name}"', wanted="another: it is a key of its own")
        self.names = tuple(dict.fromkeys([*self._defined, *registry.names("stages")]))
        """Every name that a pipeline may use; each may be a section of its own."""

    def check_global(self) -> None:
        """What stands in no camera can be wrong too; what is missing there may come from a camera."""
        for name in self.names:
            model = self._plugins.options_of("stages", self._type(name)) if self._is_mentioned(name) else None
            for layer in self.shared(name):
                if model:
                    self._problems.validated(model, self._less_rules(name, layer), partial=True)
        self._pipeline(self._root)

    def of(self, camera: Node) -> tuple[StageConfig, ...]:
        """A camera's stages in order; those that cannot be are missing, and said."""
        pipeline = self._pipeline(camera)
        for name in self.names:
            if name in camera.names and name not in pipeline:
                self.checked(name, camera)
        read = [(name, self.checked(name, camera)) for name in pipeline]
        return tuple(StageConfig(name, checked.type, checked.written) for name, checked in read if checked)

    def checked(self, name: str, camera: Node) -> Checked | None:
        """One stage's options on a camera."""
        own = merged(*self.shared(name), camera.get(name))
        self._check_models(own, self._plugins.options_of("stages", self._type(name)))
        checked = self._plugins.checked("stages", self._type(name), self._less_rules(name, own))
        if checked is None:
            return None
        self._plugins.section("rules", self._extra_rules(name, own))
        return replace(checked, written=self._plugins.written(own.plain() or {}))

    def named(self, type: str) -> list[str]:
        """The names of the stages of a type."""
        return [name for name in self.names if self._type(name).value == type]

    def shared(self, name: str) -> tuple[Node, Node]:
        """What a stage is told on every camera: in `stages`, and in the section of its name."""
        return self._base(name), self._root.get(name)

    def _is_mentioned(self, name: str) -> bool:
        return name in self._defined or name in self._root.names

    def _extra_rules(self, name: str, own: Node) -> Node:
        """Rules are plugins too: their options lie in those of the `rules` stage, under names of their own."""
        return own.get("extra") if self._type(name).value == "rules" else Node(None, own.file)

    def _less_rules(self, name: str, own: Node) -> Node:
        return own.without("extra") if self._type(name).value == "rules" and own.names else own

    def _type(self, name: str) -> Node:
        if name in self._defined:
            return self._defined[name].get("type")
        return Node(name, self._root.file, key=name)

    def _base(self, name: str) -> Node:
        return self._defined[name].without("type") if name in self._defined else Node(None, self._root.file)

    def _pipeline(self, camera: Node) -> list[str]:
        steps = merged(self._root.get("pipeline"), camera.get("pipeline"))
        if steps.value is None:
            return list(DEFAULT_PIPELINE)
        nodes = listed(steps, self._problems)
        once_each(nodes, self._problems)
        for node in nodes:
            if node.value not in self.names:
                self._problems.add(node, got=shown(node), wanted=one_of(self.names, str(node.value)))
        self._check_order(nodes)
        return [str(node.value) for node in nodes if node.value in self.names]

    def _check_order(self, nodes: list[Node]) -> None:
        """A stage that comes before what it works on would never have anything to do."""
        typed = [(node, self._type(str(node.value)).value) for node in nodes]
        for at, (node, then) in enumerate(typed):
            known = {before.value for before, _ in typed[:at]}
            late = [after for after, first in typed[at + 1 :] if (first, then) in _ORDER and after.value not in known]
            for first in late[-1:]:
                self._problems.add(node, got=f"{shown(node)} before {shown(first)}", wanted=f"it after {shown(first)}")

    def _check_models(self, own: Node, options: type[BaseModel] | None) -> None:
        """An option called `model` names one of `models`, one called `…_model` too where it is not its default."""
        for key, field in options.model_fields.items() if options else ():
            node = own.get(key)
            name = node.value if node.value is not None else field.default
            means_a_model = key == "model" or (key.endswith("_model") and name != field.default)
            if means_a_model and isinstance(name, str) and not node.broken:
                got = f'"{name}" (the default)' if node.value is None else shown(node)
                self._check_model(node, name, got, field)

    def _check_model(self, node: Node, name: str, got: str, field: FieldInfo) -> None:
        if name not in self._models:
            self._problems.add(node, got=got, wanted=one_of(sorted(self._models), name))
            return
        for ability in (mark.ability for mark in field.metadata if isinstance(mark, ModelThatCan)):
            able = sorted(model for model, can in self._models.items() if not can or ability in can)
            if name not in able:
                wanted = one_of(able) if able else f"a model that can {ability}"
                self._problems.add(node, got=f"{got}, which does not {ability}", wanted=wanted)
