"""What a pydantic model expects at a place inside it."""

from collections.abc import Iterator, Sequence
from inspect import isclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr


def names_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The keys that the map at `path` may have; empty where any will do."""
    models = [found for found in _types_at(model, path) if _is_model(found)]
    return [field.alias or name for found in models for name, field in found.model_fields.items()]


def is_secret_at(model: type[BaseModel], path: Sequence[str | int]) -> bool:
    """Whether the value at `path` must not be shown."""
    return any(_holds_secret(found) for found in _types_at(model, path))


def _types_at(model: type[BaseModel], path: Sequence[str | int]) -> list[Any]:
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
