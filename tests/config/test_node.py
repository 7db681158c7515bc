"""Values that know where they were written, and how layers of them merge."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.node import Node, below, merged

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=5,
)


def tree(value: Any) -> Node:
    return Node.of(value, file="a.yaml")


@pytest.mark.parametrize(
    ("layers", "result"),
    [
        pytest.param([{"a": 1}, {"b": 2}], {"a": 1, "b": 2}, id="keys of both"),
        pytest.param([{"a": 1}, {"a": 2}], {"a": 2}, id="the later layer wins"),
        pytest.param([{"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}], {"a": {"b": 1, "c": 3}}, id="maps merge deeply"),
        pytest.param([{"a": [1, 2]}, {"a": [3]}], {"a": [3]}, id="lists replace"),
        pytest.param([{"a": [1]}, {"a": []}], {"a": []}, id="an empty list replaces"),
        pytest.param([{"a": 1}, None], {"a": 1}, id="an empty layer says nothing"),
        pytest.param([{"a": {"b": 1}}, {"a": None}], {"a": {"b": 1}}, id="an empty section says nothing"),
        pytest.param([None, {"a": 1}], {"a": 1}, id="nothing below"),
        pytest.param([{"a": {"b": 1}}, {"a": 5}], {"a": 5}, id="a scalar replaces a map"),
        pytest.param([{"a": 5}, {"a": {}}], {"a": 5}, id="an empty map says nothing, even over a mistake"),
        pytest.param([{"a": 0.5}, {"a": False}], {"a": False}, id="false is a value"),
        pytest.param([{"a": 1, "b": 1}, {"b": 2, "c": 2}, {"c": 3}], {"a": 1, "b": 2, "c": 3}, id="three layers"),
    ],
)
def test_layers_merge(layers: list[Any], result: Any) -> None:
    assert merged(*map(tree, layers)).plain() == result


@given(values)
def test_a_tree_holds_what_it_was_made_of(value: Any) -> None:
    assert tree(value).plain() == value


@given(st.dictionaries(st.text("abc", min_size=1), values, max_size=3))
def test_a_layer_over_itself_changes_nothing(value: Any) -> None:
    assert merged(tree(value), tree(value)) == tree(value)


def test_a_merged_value_keeps_the_place_where_it_was_written() -> None:
    everywhere = Node({"fps": Node(5, "a.yaml", 2, "detect.fps")}, "a.yaml", 1, "detect")
    here = Node({"model": Node("x", "a.yaml", 9, "cameras.lobby.detect.model")}, "a.yaml", 8, "cameras.lobby.detect")
    both = merged(everywhere, here)
    assert both.key == "cameras.lobby.detect"
    assert (both.get("fps").key, both.get("fps").line) == ("detect.fps", 2)
    assert (both.get("model").key, both.get("model").line) == ("cameras.lobby.detect.model", 9)


def test_what_is_not_there_is_looked_for_where_it_would_be() -> None:
    node = Node({"a": Node([], "a.yaml", 3, "a")}, "a.yaml", 1)
    assert node.get("b") == Node(None, "a.yaml", 1, "b")
    assert node.find(("a", 0, "c")) == (node.get("a"), (0, "c"))


def test_keys_are_dotted_and_indices_in_brackets() -> None:
    assert below(below(below("cameras", "lobby"), "inputs"), 0) == "cameras.lobby.inputs[0]"


def test_no_value_is_in_the_repr() -> None:
    assert "hunter2" not in repr(tree({"password": "hunter2"}))


def test_only_what_yaml_could_hold_makes_a_tree() -> None:
    with pytest.raises(TypeError, match=r"a\.b: set is not a value"):
        tree({"a": {"b": {1}}})
