"""Whatever stands in a configuration: one kind of error comes of it, and no secret is in it."""

import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config import loads, shipped
from pipeline.config.node import Node
from pipeline.config.parse import parse
from pipeline.config.problems import Problems
from pipeline.config.secrets import Secrets
from pipeline.core.errors import ConfigError

SECRET = "hunter2-0x5ecret"
Steps = tuple[str | int, ...]

REFERENCE = parse(
    shipped("reference.yaml").read_text(), file="reference.yaml", secrets=Secrets({}), problems=Problems()
).plain()

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, here: Steps = ()) -> Iterator[Steps]:
    """The way to everything inside a value, sections and items and all."""
    if here:
        yield here
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        yield from places(part, (*here, step))


def with_value(value: Any, place: Steps, new: Any) -> Any:
    if not place:
        return new
    step, rest = place[0], place[1:]
    if isinstance(value, list):
        return [with_value(part, rest, new) if at == step else part for at, part in enumerate(value)]
    return {name: with_value(part, rest, new) if name == step else part for name, part in value.items()}


PLACES = list(places(REFERENCE))


def error_of(config: Any, **options: Any) -> str:
    """What is said about a configuration; empty when it is fine. Anything but ConfigError gets out."""
    try:
        loads(json.dumps(config), **options)
    except ConfigError as error:
        assert error.__context__ is None, "a traceback would show what pydantic was given"
        return f"{error} {error!r} {error.problems!r}"
    return ""


def test_no_value_from_the_environment_is_ever_said() -> None:
    references = cycle(["${SECRET}", "a ${SECRET} b", "./${SECRET}.py:A"])
    untracked = with_value(REFERENCE, ("cameras", "lobby", "zones", "entrance", "objects"), ["cat"])
    for place, reference in zip(PLACES, references, strict=False):
        said = error_of(with_value(untracked, place, reference), env={"SECRET": SECRET})
        assert SECRET not in said, place


@pytest.mark.parametrize(
    "place",
    [
        ("server", "auth", "token"),
        ("store", "url"),
        ("cameras", "lobby", "inputs", 0, "path"),
        ("sinks", "hook", "url"),
        ("sinks", "hook", "headers"),
    ],
    ids=lambda place: ".".join(map(str, place)),
)
@pytest.mark.parametrize(
    "value",
    [SECRET, [SECRET], {"a": SECRET}, {"a": [SECRET]}, f"rtsp://admin:{SECRET}@10.0.0.5/main", f"x://{SECRET}"],
    ids=["text", "list", "map", "list in a map", "address", "odd address"],
)
def test_no_written_secret_is_ever_said(place: Steps, value: Any) -> None:
    config = {**with_value(REFERENCE, place, value), "unknown": 1}
    assert SECRET not in error_of(config)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.sampled_from(PLACES), value=values)
def test_any_value_anywhere_is_fine_or_a_problem(place: Steps, value: Any) -> None:
    error_of(with_value(REFERENCE, place, value), env={})


@settings(deadline=None, max_examples=150)
@given(text=st.text(alphabet="ab:-[]{}&*!|>'\"#%@`?,\n\t $<0\x00"))
def test_any_text_is_a_problem(text: str) -> None:
    with pytest.raises(ConfigError):
        loads(text, env={})


def test_aliases_of_aliases_end() -> None:
    layers = [f"  - &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 9)]
    text = "\n".join(["a:", "  - &a0 [x, x, x, x, x, x, x, x, x]", *layers])
    with pytest.raises(ConfigError, match="got more than 100000 values, wanted a configuration"):
        loads(text)


def test_a_tree_says_where_but_not_what() -> None:
    assert SECRET not in repr(Node.of({"a": {"b": SECRET}}, file=str(Path("fw.yaml"))))
