"""What is wrong with a configuration, in words for the person who wrote it; the only place that knows pydantic's."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.config.annotations import is_secret_at, names_at
from pipeline.config.node import Node, below
from pipeline.core.errors import ConfigError, Problem
from pipeline.core.redact import redact_url

Model = TypeVar("Model", bound=BaseModel)
LONGEST_SHOWN = 60


class Problems:
    """Collects every problem; `check` raises them all at once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, node: Node, *, got: str, wanted: str) -> None:
        self._found[Problem(node.file, node.line, node.key, got, wanted)] = None

    def check(self) -> None:
        """Raises ConfigError when anything was found, in the order of the file."""
        if self._found:
            raise ConfigError(sorted(self._found, key=lambda problem: (problem.file, problem.line or 0)))

    def validated(self, model: type[Model], node: Node, *, partial: bool = False) -> Model | None:
        """The map as a model, None where it is not one. `partial`: what is missing may come from elsewhere."""
        if node.value is None:
            node = replace(node, value={})
        errors: list[ErrorDetails] = []
        try:
            return model.model_validate(node.plain())
        except ValidationError as error:
            errors = error.errors(include_url=False)
        except Exception as error:  # a plugin's validator that does not keep to ValueError
            self.add(node, got=f"options that {model.__module__} fails on ({type(error).__name__})", wanted="others")
        self._add_all([error for error in errors if not (partial and error["type"] == "missing")], model, node)
        unknown = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
        return self.validated(model, _less(node, unknown), partial=partial) if unknown else None

    def _add_all(self, errors: Sequence[ErrorDetails], model: type[BaseModel], root: Node) -> None:
        """One problem for each value: the members of a union complain each for themselves."""
        wanted_at: dict[tuple[str, int | None, str, str], dict[str, None]] = {}
        for error in errors:
            node, got, wanted = _translated(error, model, root)
            if not node.broken:
                wanted_at.setdefault((node.file, node.line, node.key, got), {})[wanted] = None
        for place, wanted_here in wanted_at.items():
            self._found[Problem(*place, wanted=" or ".join(wanted_here))] = None


def _less(node: Node, paths: Sequence[tuple[str | int, ...]]) -> Node:
    """The tree without the entries at `paths`, so that they hide no other problem."""
    for path in paths:
        node = _without_entry(node, path)
    return node


def _without_entry(node: Node, path: tuple[str | int, ...]) -> Node:
    step, *rest = path
    if isinstance(node.value, list) and isinstance(step, int):
        return replace(
            node,
            value=[_without_entry(part, tuple(rest)) if at == step else part for at, part in enumerate(node.value)],
        )
    if not rest:
        return node.without(str(step))
    return replace(node, value={**node.names, str(step): _without_entry(node.get(str(step)), tuple(rest))})


def one_of(choices: Collection[str], got: str = "") -> str:
    """The choices, and the one that was probably meant."""
    near = get_close_matches(got, choices, n=1)
    listed = f"{'one of ' if len(choices) > 1 else ''}{', '.join(choices)}" if choices else "none, as there are none"
    return f'{listed}; did you mean "{near[0]}"?' if near else listed


def kind(node: Node) -> str:
    """What sort of value it is, without saying which."""
    if node.value is None:
        return "nothing"
    if isinstance(node.value, dict):
        return "a map"
    if isinstance(node.value, list):
        return "a list"
    return "text" if isinstance(node.value, str) else "true or false" if isinstance(node.value, bool) else "a number"


def shown(node: Node) -> str:
    """The value as it may be shown."""
    if node.hidden:
        return f"a hidden value (from {node.hidden})"
    if isinstance(node.value, bool):
        return str(node.value).lower()
    if isinstance(node.value, (int, float)):
        return str(node.value)
    if not isinstance(node.value, str):
        return kind(node)
    text = redact_url(node.value)
    return f'"{text}"' if len(text) <= LONGEST_SHOWN else f'"{text[:LONGEST_SHOWN]}…"'


_ITEMS = {"coordinates": "points", "inputs": "inputs", "send": "sinks", "roles": "roles"}
"""What the items of a list are called."""

_KINDS: Mapping[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "string": "text (a number needs quotes)",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "dict": "a map of keys",
    "mapping": "a map of keys",
    "model": "a map of keys",
    "model_attributes": "a map of keys",
    "path": "a path",
    "none": "nothing",
}

_LIMITS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": lambda ctx: f"at least {ctx['ge']:g}",
    "greater_than": lambda ctx: f"more than {ctx['gt']:g}",
    "less_than_equal": lambda ctx: f"at most {ctx['le']:g}",
    "less_than": lambda ctx: f"less than {ctx['lt']:g}",
    "multiple_of": lambda ctx: f"a multiple of {ctx['multiple_of']}",
    "finite_number": lambda _: "a number that is not endless",
    "string_too_short": lambda ctx: "text" if ctx["min_length"] == 1 else f"at least {ctx['min_length']} characters",
    "string_too_long": lambda ctx: f"at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda ctx: f"text like {ctx['pattern']}",
    "literal_error": lambda ctx: "one of " + str(ctx["expected"]).replace("'", "").replace(" or ", ", "),
    "enum": lambda ctx: "one of " + str(ctx["expected"]).replace("'", "").replace(" or ", ", "),
    "value_error": lambda ctx: str(ctx["error"]),
    "assertion_error": lambda ctx: str(ctx["error"]),
}


def _translated(error: ErrorDetails, model: type[BaseModel], root: Node) -> tuple[Node, str, str]:
    """Where it is, what was got and what was wanted."""
    node, rest = root.find(error["loc"])
    path = error["loc"][: len(error["loc"]) - len(rest)]
    context: Mapping[str, Any] = error.get("ctx", {})
    type, name = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if type == "misplaced":
        return replace(node, key=below(node.key, context["key"])), context["got"], context["wanted"]
    if type == "extra_forbidden":
        return node, "an unknown key", one_of(names_at(model, path[:-1]), name)
    if type == "missing" and isinstance(node.value, list):
        return node, _count(node, len(node.value)), "more"
    if type == "missing":
        return replace(node, key=below(node.key, name)), "nothing", "a value"
    wanted = _LIMITS[type](context) if type in _LIMITS else _KINDS.get(type.rpartition("_")[0], _plainly(error))
    if type in ("too_short", "too_long"):
        limit, word = ("min_length", "at least") if type == "too_short" else ("max_length", "at most")
        return node, _count(node, len(node.items)), f"{word} {_count(node, context[limit])}"
    if wanted.startswith(("a map", "a list")):
        return node, kind(node), wanted
    if is_secret_at(model, path):
        return node, f"a hidden value{f' (from {node.hidden})' if node.hidden else ''}", _scrubbed(node, wanted)
    return node, shown(node), _scrubbed(node, wanted) if node.hidden else wanted


def _count(node: Node, count: int) -> str:
    items = _ITEMS.get(node.key.rpartition(".")[2], "items")
    return f"{count or 'no'} {items if count != 1 else items[:-1]}"


def _plainly(error: ErrorDetails) -> str:
    """Pydantic's own words, for what the tables above do not know."""
    message = error["msg"].removeprefix("Input should be ")
    return message[:1].lower() + message[1:]


def _scrubbed(node: Node, text: str) -> str:
    """A message that a validator wrote, without the value it is about."""
    return text.replace(str(node.value), "…") if node.value not in (None, "") else text
