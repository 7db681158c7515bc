"""Anchor point and overlap: when an object is inside a zone."""

from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.core.camera import Camera, Zone
from pipeline.core.geometry import Anchor
from pipeline.core.objects import Box
from tests.stages.watched import HALL, Watched, camera, person

LOWER: dict[str, Any] = {"coordinates": [[0.0, 0.5], [1.0, 0.5], [1.0, 1.0], [0.0, 1.0]]}
TALL: Box = (0.4, 0.1, 0.5, 0.7)
"""A third of it is in the lower half of the picture: its feet."""


def enters(zone: dict[str, Any], box: Box) -> bool:
    watched = Watched(camera(zone=zone))
    for n in range(4):
        watched.frame(n / 5, person((0, 0), box=box))
    return bool(watched.events)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        pytest.param({}, True, id="its feet"),
        pytest.param({"anchor": "center"}, False, id="its middle"),
        pytest.param({"anchor": "top_center"}, False, id="its head"),
        pytest.param({"anchor": "bottom_left"}, True, id="a foot"),
        pytest.param({"min_overlap": 0.3}, True, id="its feet, and a third of it"),
        pytest.param({"min_overlap": 0.5}, False, id="its feet, but not half of it"),
        pytest.param({"anchor": "none", "min_overlap": 0.3}, True, id="a third of it"),
        pytest.param({"anchor": "none", "min_overlap": 0.5}, False, id="not half of it"),
        pytest.param({"anchor": "center", "min_overlap": 0.2}, False, id="enough of it, but not its middle"),
    ],
)
def test_what_of_it_must_be_inside(rest: dict[str, Any], expected: bool) -> None:
    assert enters(LOWER | rest, TALL) == expected


def test_whole_is_not_more_than_whole() -> None:
    assert enters(HALL | {"anchor": "none", "min_overlap": 1.0}, (0.4, 0.4, 0.5, 0.6))
    assert not enters(HALL | {"anchor": "none", "min_overlap": 1.0}, (0.2, 0.4, 0.5, 0.6))


def test_a_box_that_trembles_about_its_share_enters_once() -> None:
    watched = Watched(camera(zone=LOWER | {"anchor": "none", "min_overlap": 1 / 3}))
    for n in range(60):
        shift = (-1) ** (n // 4) * 2 / 360
        watched.frame(n / 5, person((0, 0), box=(0.4, 0.1 + shift, 0.5, 0.7 + shift)))
    assert [event.type for event in watched.events] == ["zone_enter"]


@pytest.mark.parametrize(("anchor", "expected"), [("bottom_center", ["right"]), ("top_center", [])])
def test_the_point_that_crosses_a_line(anchor: Anchor, expected: list[str]) -> None:
    watched = Watched(camera(line={"from": [0.0, 0.5], "to": [1.0, 0.5], "anchor": anchor}))
    for n in range(6):
        y = 0.1 + 0.08 * n
        watched.frame(n / 5, person((0, 0), box=(0.4, y - 0.2, 0.5, y + 0.2)))
    assert [event.direction for event in watched.events] == expected


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"anchor": "none"}, "more than 0 with anchor: none"),
        ({"objects": ["person"], "left_behind": {"objects": ["suitcase"]}}, "labels of the zone: person"),
        ({"one_way": {"from": [0.5, 0.5], "to": [0.5, 0.5]}}, "two different points"),
        ({"count": {"under": 0}}, "greater than or equal to 1"),
    ],
)
def test_zones_that_make_no_sense(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Camera(name="lobby", zones={"hall": Zone.model_validate(HALL | more)})
