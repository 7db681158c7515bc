"""Values as YAML, the way that the shipped configurations are written: maps in lines, what is small in braces."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_](?:[\w ./-]*[\w./-])?", re.ASCII)
_SOMETHING_ELSE = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Words that one or the other reader of YAML takes for no text."""


class SecretRef(str):
    """`!secret name`: no text, but where one is kept."""


def flow(value: Any) -> str:
    """In one line, as it may stand anywhere."""
    match value:
        case SecretRef():
            return str(value)
        case str():
            return _text(value)
        case Mapping():
            return "{" + ", ".join(f"{_text(str(name))}: {flow(part)}" for name, part in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(flow, value)) + "]"
        case None | bool() | int() | float():
            return json.dumps(value, allow_nan=False)
    raise TypeError(f"{type(value).__name__} is not a value that YAML could hold")


def lines(name: str, value: Any, column: int, step: int) -> Iterator[str]:
    """An entry of a map whose names begin in `column`; those below it begin `step` further right."""
    head = f"{' ' * column}{_text(name)}:"
    if isinstance(value, Mapping) and value:
        yield head
        for below, part in value.items():
            yield from lines(str(below), part, column + step, step)
    elif isinstance(value, list | tuple) and value and all(isinstance(item, Mapping) for item in value):
        yield head
        yield from (f"{' ' * (column + step)}- {flow(item)}" for item in value)
    else:
        yield f"{head} {flow(value)}"


def snippet(tree: Mapping[str, Any]) -> str:
    """A text of its own."""
    return "".join(f"{line}\n" for name, value in tree.items() for line in lines(name, value, 0, 2))


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _SOMETHING_ELSE:
        return value
    return f'"{"".join(map(_letter, value))}"'


def _letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08x}"
