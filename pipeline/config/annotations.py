"""What a pydantic model expects at a place inside it."""

from collections.abc import Iterator
from inspect import isclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr

Path = tuple[str | int, ...]
"""Keys and indices from the top, as pydantic tells them."""


def names_at(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that the map at `path` may have; empty where any will do."""
    models = [found for found in _types_at(model, path) if _is_model(found)]
    return [field.alias or name for found in models for name, field in found.model_fields.items()]


def is_secret_at(model: type[BaseModel], path: Path) -> bool:
    """Whether the value at `path` must not be shown."""
    return any(_holds_secret(found) for found in _types_at(model, path))


def example_at(model: type[BaseModel], path: Path) -> str | None:
    """The first example that the model gives for the value at `path`."""
    for found in _types_at(model, path[:-1]):
        for name, field in found.model_fields.items() if _is_model(found) else ():
            if path[-1] in (name, field.alias) and field.examples:
                return str(field.examples[0])
    return None


def _types_at(model: type[BaseModel], path: Path) -> list[Any]:
    types: list[Any] = [model]
    for step in path:
        types = [inner for outer in types for inner in _inside(outer, step)]
    return types


def _inside(outer: Any, step: str | int) -> Iterator[Any]:
    """The types that `outer` may hold under a key or an index."""
    if _is_model(outer):
        for name, field in outer.model_fields.items():
            if step in (name, field.alias):
                yield from _alternatives(field.annotation)
    else:
        for inner in get_args(outer):
            yield from _alternatives(inner)


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The members of a union, without what only annotates them."""
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for member in get_args(annotation):
            yield from _alternatives(member)
    else:
        yield annotation


def _is_model(annotation: Any) -> bool:
    return isclass(annotation) and issubclass(annotation, BaseModel)


def _holds_secret(annotation: Any) -> bool:
    if isclass(annotation) and issubclass(annotation, (SecretStr, SecretBytes)):
        return True
    return any(_holds_secret(inner) for part in get_args(annotation) for inner in _alternatives(part))
