"""The parts of a configuration that a plugin's own class reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict

from pipeline import registry
from pipeline.config.names import named
from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import kind, one_of, shown
from pipeline.core.contracts import Ability
from pipeline.core.errors import MissingExtraError, PluginError


@dataclass(frozen=True, slots=True)
class Checked:
    """A type, good in any working directory, with its options: checked, and as they were written."""

    type: str
    options: BaseModel
    written: Mapping[str, Any]


class Unchecked(BaseModel):
    """The options of a class that must not be imported to look at them."""

    model_config = ConfigDict(extra="allow")


class Plugins:
    """Reads what plugins are told; `base` is the folder of `./file.py:Class`.

    Without `import_files` such a file is not imported, and its options are believed.
    """

    def __init__(self, base: Path, problems: Problems, *, import_files: bool = True) -> None:
        self.base = base
        self._import_files = import_files
        self._problems = problems

    def section(self, plugins: str, node: Node) -> dict[str, Checked]:
        """Names, each with a type and that class's own options."""
        read = {name: self.typed(plugins, entry) for name, entry in named(node, self._problems).items()}
        return {name: checked for name, checked in read.items() if checked}

    def typed(self, plugins: str, node: Node) -> Checked | None:
        """One `{type: …, the class's own options}`."""
        if not isinstance(node.value, dict):
            if not node.broken:
                self._problems.add(node, got=kind(node), wanted="a map with a type")
            return None
        return self.checked(plugins, node.get("type"), node.without("type"))

    def checked(self, plugins: str, named: Node, own: Node) -> Checked | None:
        """Options that stand apart from their type."""
        model = self.options_of(plugins, named)
        options = self._problems.validated(model, own) if model else None
        if options is None:
            return None
        return Checked(self.absolute(str(named.value)), options, self.written(own.plain() or {}))

    def options_of(self, plugins: str, named: Node) -> type[BaseModel] | None:
        """The `Options` of the class that a type names."""
        choices = registry.names(plugins)
        if not isinstance(named.value, str):
            if not named.broken:
                self._problems.add(named, got=kind(named), wanted=one_of(choices))
            return None
        if named.value not in choices and not registry.is_in_a_file(named.value):
            self._problems.add(named, got=shown(named), wanted=one_of(choices, named.value))
            return None
        if registry.is_in_a_file(named.value) and not self._import_files:
            return Unchecked
        try:
            options: type[BaseModel] = registry.load(plugins, named.value, base=self.base).Options
            return options
        except (PluginError, MissingExtraError) as error:
            reason = str(error).removeprefix(f"{named.value}: ")
            got = shown(named) if named.hidden else f"{shown(named)} ({reason})"
            self._problems.add(named, got=got, wanted="a class that can be loaded")
            return None

    def abilities(self, named: Node) -> frozenset[str]:
        """What a type of model can do, by the methods that its class has; none where that is not known."""
        type = named.value
        if not isinstance(type, str) or (registry.is_in_a_file(type) and not self._import_files):
            return frozenset()
        try:
            model = registry.load("models", type, base=self.base)
        except (PluginError, MissingExtraError):  # said where its options are read
            return frozenset()
        return frozenset(ability for ability in get_args(Ability) if hasattr(model, ability))

    def absolute(self, type: str) -> str:
        """The same type, good in any working directory; unchanged where its file is not there."""
        try:
            return registry.absolute(type, base=self.base)
        except PluginError:
            return type

    def written(self, value: Any) -> Any:
        """Plain values, in which rules and the like may name types of their own."""
        if isinstance(value, list):
            return [self.written(part) for part in value]
        if not isinstance(value, dict):
            return value
        return {
            name: self.absolute(part) if name == "type" and isinstance(part, str) else self.written(part)
            for name, part in value.items()
        }
