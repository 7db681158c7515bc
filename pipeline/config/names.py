"""Names in a configuration: how they look, and what they must point at."""

import re
from collections.abc import Collection, Iterator, Mapping

from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import kind, one_of, shown

_NAME = re.compile(r"[A-Za-z0-9_-]+")


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def named(node: Node, problems: Problems) -> Mapping[str, Node]:
    """The entries of a map from names that people chose; nothing at all is an empty map."""
    if node.value is not None and not isinstance(node.value, dict) and not node.broken:
        problems.add(node, got=kind(node), wanted="a map of names")
    return spelled(node, problems)


def spelled(node: Node, problems: Problems) -> Mapping[str, Node]:
    """The entries of a map, whose names are as names should be."""
    for name, entry in node.names.items():
        if not is_name(name):
            problems.add(entry, got=f'the name "{name}"', wanted="letters, digits, _ and -")
    return node.names


def listed(node: Node, problems: Problems) -> list[Node]:
    """The texts of a list; nothing at all is an empty list."""
    if node.value is not None and not isinstance(node.value, list) and not node.broken:
        problems.add(node, got=kind(node), wanted="a list")
    for item in node.items:
        if not isinstance(item.value, str):
            problems.add(item, got=shown(item), wanted="text (a number needs quotes)")
    return [item for item in node.items if isinstance(item.value, str) and not item.broken]


def one_or_many(node: Node) -> Iterator[tuple[Node, str]]:
    """The texts of a list that may also be written as one text."""
    for item in node.items or [node]:
        if isinstance(item.value, str) and not item.broken:
            yield item, item.value


def known_keys(node: Node, keys: Collection[str], problems: Problems) -> None:
    for name, entry in node.names.items():
        if name not in keys:
            problems.add(entry, got="an unknown key", wanted=one_of(keys, name))


def known(node: Node, choices: Collection[str], problems: Problems) -> None:
    """Every name in a list (or alone) is one of the choices."""
    for item, name in one_or_many(node):
        if name not in choices:
            problems.add(item, got=shown(item), wanted=one_of(choices, name))


def once_each(nodes: Collection[Node], problems: Problems) -> None:
    """No name comes twice. What is written where a name belongs may be anything, a list too."""
    seen: dict[str, Node] = {}
    for node in nodes:
        first = seen.setdefault(repr(node.value), node)
        if first is not node:
            where = f" (first in line {first.line})" if first.line else ""
            problems.add(node, got=f"the same name twice{where}", wanted="it once")
