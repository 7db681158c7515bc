"""What is wrong with a configuration: all of it is collected before anything is said."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.config.annotations import Path
from pipeline.config.node import Node
from pipeline.config.wording import translated
from pipeline.core.errors import ConfigError, Problem

Model = TypeVar("Model", bound=BaseModel)


class Problems:
    """Collects every problem once; `check` raises them together."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, node: Node, *, got: str, wanted: str) -> None:
        self._found[Problem(node.file, node.line, node.key, got, wanted)] = None

    def check(self) -> None:
        """Raises ConfigError when anything was found, in the order of the file."""
        if self._found:
            raise ConfigError(sorted(self._found, key=lambda problem: (problem.file, problem.line or 0)))

    def validated(self, model: type[Model], node: Node, *, partial: bool = False) -> Model | None:
        """The map as a model; None where it is not one. `partial`: what is missing may come from elsewhere.

        Unknown keys are said, and then left out: they hide no other problem.
        """
        if node.value is None:
            node = replace(node, value={})
        errors: list[ErrorDetails] = []
        try:
            return model.model_validate(node.plain())
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False)
        except Exception as failure:  # a plugin's validator that does not keep to ValueError
            self.add(node, got=f"what {model.__qualname__} fails on ({type(failure).__name__})", wanted="other options")
        self._add_all([error for error in errors if not (partial and error["type"] == "missing")], model, node)
        less = node
        for error in errors:
            less = _less(less, error["loc"]) if error["type"] == "extra_forbidden" else less
        return self.validated(model, less, partial=partial) if less != node else None

    def _add_all(self, errors: Sequence[ErrorDetails], model: type[BaseModel], root: Node) -> None:
        """One problem for each value: the members of a union complain each for themselves."""
        wanted_at: dict[tuple[str, int | None, str, str], dict[str, None]] = {}
        for error in errors:
            node, got, wanted = translated(error, model, root)
            if not (node.broken or _only_counts_the_good(error, node)):
                wanted_at.setdefault((node.file, node.line, node.key, got), {})[wanted] = None
        for place, wanted_here in wanted_at.items():
            self._found[Problem(*place, wanted=" or ".join(wanted_here))] = None


def _only_counts_the_good(error: ErrorDetails, node: Node) -> bool:
    """A list that is too short for pydantic alone, which leaves out the items it has complained about."""
    return error["type"] == "too_short" and len(node.items) >= error["ctx"]["min_length"]


def _less(node: Node, path: Path) -> Node:
    """The tree without the entry at `path`; a step that is a union's, not the tree's, is passed over."""
    step, *rest = path
    if not rest:
        return node.without(str(step))
    if isinstance(node.value, list) and isinstance(step, int):
        items = [_less(item, tuple(rest)) if at == step else item for at, item in enumerate(node.value)]
        return replace(node, value=items)
    if step in node.names:
        return replace(node, value={**node.names, str(step): _less(node.names[str(step)], tuple(rest))})
    return _less(node, tuple(rest))
