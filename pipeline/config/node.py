"""A configuration's values, each of which knows where it was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """One value: a scalar, a map or a list of nodes.

    `key` is the dotted path from the top of `file`, `line` is 1-based and None where the value came from no
    file. `hidden` says where a value came from that must not be shown (`${NAME}`, `!secret name`).
    A `broken` value could not be had at all, and that has been said.
    """

    value: "Scalar | dict[str, Node] | list[Node]" = field(repr=False)
    file: str
    line: int | None = None
    key: str = ""
    hidden: str = ""
    broken: bool = False

    @classmethod
    def of(cls, value: object, *, file: str, key: str = "") -> "Node":
        """A tree around plain values that were written in no file."""
        if isinstance(value, Mapping):
            return cls(
                {str(name): cls.of(part, file=file, key=below(key, str(name))) for name, part in value.items()},
                file,
                key=key,
            )
        if isinstance(value, Sequence) and not isinstance(value, str):
            return cls(
                [cls.of(part, file=file, key=below(key, index)) for index, part in enumerate(value)], file, key=key
            )
        if value is None or isinstance(value, (str, int, float)):
            return cls(value, file, key=key)
        raise TypeError(f"{key}: {type(value).__name__} is not a value that YAML could hold")

    @property
    def names(self) -> "dict[str, Node]":
        """The entries of a map; none where it is something else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> "list[Node]":
        """The items of a list; none where it is something else."""
        return self.value if isinstance(self.value, list) else []

    def plain(self) -> Any:
        """The values alone."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def get(self, name: str) -> "Node":
        """The entry of that name; nothing, written where the map is, when there is none."""
        return self.names.get(name) or Node(None, self.file, self.line, below(self.key, name))

    def find(self, path: Sequence[str | int]) -> "tuple[Node, Sequence[str | int]]":
        """The deepest node on the way, and the rest of the way that is not there."""
        node = self
        for depth, step in enumerate(path):
            if isinstance(node.value, dict) and step in node.value:
                node = node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                return node, path[depth:]
        return node, ()

    def only(self, names: Sequence[str]) -> "Node":
        """The same map with these entries alone."""
        return replace(self, value={name: node for name, node in self.names.items() if name in names})

    def without(self, *names: str) -> "Node":
        """The same map less these entries."""
        return replace(self, value={name: node for name, node in self.names.items() if name not in names})


def merged(*layers: Node) -> Node:
    """Later layers override earlier ones key by key: maps merge, lists and scalars replace.

    An empty layer says nothing. Every value keeps the place where it was written.
    """
    base, *rest = layers
    for over in rest:
        if over.value in (None, {}) and base.value is not None:
            continue
        if isinstance(base.value, dict) and isinstance(over.value, dict):
            both = {name: merged(node, over.value[name]) for name, node in base.value.items() if name in over.value}
            base = replace(over, value={**base.value, **over.value, **both})
        else:
            base = over
    return base


def below(key: str, step: str | int) -> str:
    """The dotted path one step further down: `cameras.lobby`, `inputs[0]`."""
    if isinstance(step, int):
        return f"{key}[{step}]"
    return f"{key}.{step}" if key else step
