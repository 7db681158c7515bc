"""Frigate's file as nodes, which know their lines."""

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from pipeline.config.node import Node
from pipeline.config.parse import parse, read
from pipeline.config.problems import Problems
from pipeline.config.secrets import Secrets, UnknownSecret
from pipeline.config.wording import kind

Model = TypeVar("Model", bound=BaseModel)


class Verbatim(Secrets):
    """Frigate fills in nothing while it reads: texts stay as they are."""

    def filled(self, text: str) -> tuple[str, str]:
        return text, ""

    def entry(self, name: str) -> str:
        raise UnknownSecret("a !secret", "a plain value: Frigate knows no !secret")


def read_frigate(path: Path, problems: Problems) -> Node:
    """Raises ConfigError where the file cannot be read as a map."""
    text = read(path, problems)
    problems.check()
    return parse(text, file=str(path), secrets=Verbatim({}), problems=problems)


def section(parent: Node, name: str, problems: Problems) -> Node:
    """The map of that name, without entries that have no value; empty where there is none."""
    return a_map(parent.get(name), problems)


def a_map(node: Node, problems: Problems) -> Node:
    if node.value is not None and not isinstance(node.value, dict) and not node.broken:
        problems.add(node, got=kind(node), wanted="a map of keys")
    return node.only([key for key, entry in node.names.items() if entry.value is not None])


def checked(model: type[Model], node: Node, problems: Problems, **others: Node) -> dict[str, object]:
    """The entries of `node` that `model` has, as it reads them, with `others` in their place.

    What it cannot read is a problem, in the line of Frigate's file.
    """
    own = node.only([field.alias or name for name, field in model.model_fields.items()])
    read = problems.validated(model, replace(own, value={**own.names, **others}))
    return read.model_dump(mode="json", exclude_unset=True) if read else {}


def texts(node: Node, problems: Problems) -> list[Node]:
    """The texts of a list, or one alone."""
    if isinstance(node.value, str):
        return [node]
    if node.value is not None and not isinstance(node.value, list) and not node.broken:
        problems.add(node, got=kind(node), wanted="a list")
    for item in node.items:
        if not isinstance(item.value, str) and not item.broken:
            problems.add(item, got=kind(item), wanted="text")
    return [item for item in node.items if isinstance(item.value, str)]
