"""Values and pydantic's errors in words for the person who wrote the configuration; nothing else speaks pydantic's."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pipeline.config.annotations import Path, example_at, is_secret_at, names_at
from pipeline.config.node import Node
from pipeline.core.redact import redact_url

LONGEST_SHOWN = 60


def one_of(choices: Collection[str], got: str = "") -> str:
    """The choices, and the one that was probably meant."""
    if not choices:
        return "one that exists (there is none)"
    near = get_close_matches(got, choices, n=1)
    listed = f"{'one of ' if len(choices) > 1 else ''}{', '.join(choices)}"
    return f'{listed}; did you mean "{near[0]}"?' if near else listed


def kind(node: Node) -> str:
    """What sort of value it is, without saying which."""
    if node.value is None:
        return "nothing"
    if isinstance(node.value, dict):
        return "a map"
    if isinstance(node.value, list):
        return "a list"
    if isinstance(node.value, str):
        return "text"
    return "true or false" if isinstance(node.value, bool) else "a number"


def shown(node: Node) -> str:
    """The value as it may be shown."""
    if node.hidden:
        return _hidden(node)
    if isinstance(node.value, bool):
        return str(node.value).lower()
    if isinstance(node.value, (int, float)):
        return str(node.value)
    if not isinstance(node.value, str):
        return kind(node)
    text = redact_url(node.value).replace("\n", "\\n")  # a problem is one line
    return f'"{text}"' if len(text) <= LONGEST_SHOWN else f'"{text[:LONGEST_SHOWN]}…"'


def translated(error: ErrorDetails, model: type[BaseModel], root: Node) -> tuple[Node, str, str]:
    """Where an error of `model` in the tree is, what was got and what was wanted."""
    node, rest = root.find(error["loc"])
    path = error["loc"][: len(error["loc"]) - len(rest)]
    context: Mapping[str, Any] = error.get("ctx", {})
    kind_of_error = error["type"]
    if kind_of_error == "misplaced":
        at_fault = node.get(context["key"])
        got = context["got"] if at_fault.value is None else _got(at_fault, model, (*path, context["key"]), "")
        return at_fault, got, context["wanted"]
    if kind_of_error == "extra_forbidden":
        return node, "an unknown key", one_of(names_at(model, path[:-1]), str(path[-1]))
    if kind_of_error == "missing":
        return _missing(node, str(error["loc"][-1]))
    if kind_of_error in _LENGTHS:
        limit, words = _LENGTHS[kind_of_error]
        if isinstance(node.value, str):
            return node, _got(node, model, path, kind_of_error), _characters(words, context[limit])
        return node, _count(node, len(node.items)), f"{words} {_count(node, context[limit])}"
    return node, _got(node, model, path, kind_of_error), _wanted(error, context, node, model, path)


_LENGTHS = {"too_short": ("min_length", "at least"), "too_long": ("max_length", "at most")}

_IN_THE_PICTURE = re.compile(r"\.(coordinates|from|to|mask)(\[\d+\])*$")
"""Keys of what people know in pixels."""

_ITEMS = {"coordinates": "points", "inputs": "inputs", "send": "sinks", "roles": "roles"}
"""What the items of a list are called."""

_KINDS: Mapping[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text (a number needs quotes)",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "dict": "a map of keys",
    "mapping": "a map of keys",
    "model": "a map of keys",
    "path": "a path",
    "none_required": "nothing",
}
"""What is wanted where an error is called `<kind>_type`, `<kind>_parsing` and so on."""

_RULES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": lambda context: f"at least {context['ge']:g}",
    "greater_than": lambda context: f"more than {context['gt']:g}",
    "less_than_equal": lambda context: f"at most {context['le']:g}",
    "less_than": lambda context: f"less than {context['lt']:g}",
    "multiple_of": lambda context: f"a multiple of {context['multiple_of']:g}",
    "finite_number": lambda _: "a finite number",
    "string_too_short": lambda context: _characters("at least", context["min_length"]),
    "string_too_long": lambda context: _characters("at most", context["max_length"]),
    "string_pattern_mismatch": lambda context: f"text that fits {context['pattern']}",
    "literal_error": lambda context: _choices(context["expected"]),
    "enum": lambda context: _choices(context["expected"]),
    "value_error": lambda context: str(context["error"]),
    "assertion_error": lambda context: str(context["error"]),
}


def _missing(node: Node, name: str) -> tuple[Node, str, str]:
    if isinstance(node.value, list):
        return node, _count(node, len(node.value)), "more"
    return node.get(name), "nothing", "a value"


def _got(node: Node, model: type[BaseModel], path: Path, kind_of_error: str) -> str:
    if is_secret_at(model, path):
        return _hidden(node)
    wants_parts = _KINDS.get(kind_of_error.removesuffix("_type"), "").startswith(("a map", "a list"))
    return kind(node) if wants_parts else shown(node)


def _wanted(error: ErrorDetails, context: Mapping[str, Any], node: Node, model: type[BaseModel], path: Path) -> str:
    kind_of_error = error["type"]
    example = example_at(model, path) if kind_of_error == "string_pattern_mismatch" else None
    if example:
        return f"text like {example}"
    if kind_of_error in ("less_than_equal", "greater_than_equal") and _IN_THE_PICTURE.search(node.key):
        return f"{_RULES[kind_of_error](context)}: coordinates are shares of the picture, not pixels"
    if kind_of_error in _RULES:
        return _scrubbed(_RULES[kind_of_error](context), node, model, path)
    if kind_of_error.startswith("int_"):
        return _KINDS["int"]
    wanted = _KINDS.get(kind_of_error.rpartition("_")[0])
    return wanted or _scrubbed(_plainly(error["msg"]), node, model, path)


def _hidden(node: Node) -> str:
    value = '""' if node.value == "" else "a hidden value"
    return f"{value} (from {node.hidden})" if node.hidden else value


def _count(node: Node, count: int) -> str:
    items = _ITEMS.get(node.key.rpartition(".")[2], "items")
    return f"{count or 'no'} {items if count != 1 else items[:-1]}"


def _characters(word: str, count: int) -> str:
    return "some text" if (word, count) == ("at least", 1) else f"{word} {count} character{'s' if count != 1 else ''}"


def _choices(expected: object) -> str:
    """Pydantic's `'any', 'left' or 'right'` as it stands in YAML."""
    return one_of(str(expected).replace("'", "").replace(" or ", ", ").split(", "))


def _plainly(message: str) -> str:
    """Pydantic's own words, for what the tables do not know."""
    message = message.removeprefix("Input should be ")
    return message[:1].lower() + message[1:]


def _scrubbed(text: str, node: Node, model: type[BaseModel], path: Path) -> str:
    """A validator's message without the secrets among the values that it is about."""
    for secret in _secrets(node, model, path):
        text = text.replace(secret, "…")
    return text


def _secrets(node: Node, model: type[BaseModel], path: Path) -> Iterator[str]:
    for name, part in node.names.items():
        yield from _secrets(part, model, (*path, name))
    for at, part in enumerate(node.items):
        yield from _secrets(part, model, (*path, at))
    if isinstance(node.value, (str, int, float)) and node.value != "" and (node.hidden or is_secret_at(model, path)):
        yield str(node.value)
