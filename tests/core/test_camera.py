from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.core.camera import Camera, Line, ObjectFilter, Objects, Zone

SQUARE = ((0.1, 0.5), (0.6, 0.5), (0.6, 1.0), (0.1, 1.0))


def problems(model: type[Zone | Line | Objects | Camera], values: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as raised:
        model.model_validate(values)
    return [(".".join(str(part) for part in error["loc"]), error["msg"]) for error in raised.value.errors()]


@pytest.mark.parametrize(
    "coordinates",
    [
        pytest.param([[0.1, 0.5], [0.6, 0.5], [0.6, 1], [0.1, 1]], id="pairs"),
        pytest.param(SQUARE, id="tuples"),
        pytest.param("0.1,0.5,0.6,0.5,0.6,1,0.1,1", id="Frigate's string"),
        pytest.param(" 0.1, 0.5, .6, .5, 0.6, 1.0, 1e-1, 1 ", id="Frigate's string with blanks"),
        pytest.param("0.1,0.5,0.6,0.5,0.6,1,0.1,1,", id="Frigate's string with a comma at its end"),
    ],
)
def test_a_polygon_has_several_ways_to_be_written(coordinates: Any) -> None:
    assert Zone(coordinates=coordinates).coordinates == SQUARE


@pytest.mark.parametrize(
    ("coordinates", "key", "message"),
    [
        pytest.param([[0, 0], [1, 1]], "coordinates", "at least 3 items", id="two points"),
        pytest.param("0,0,1,1", "coordinates", "at least 3 points, not 2", id="two points in a string"),
        pytest.param("", "coordinates", "at least 3 points, not 0", id="an empty string"),
        pytest.param("0,0,1", "coordinates", "an even count of numbers, not 3", id="an odd count"),
        pytest.param("0,0,1,1,x,1", "coordinates", "numbers with commas between them", id="a letter"),
        pytest.param([[0, 0], [1, 1], [1.2, 0]], "coordinates.2.0", "less than or equal to 1", id="outside"),
        pytest.param("0,0,1,1,-0.1,0", "coordinates.2.0", "greater than or equal to 0", id="outside, in a string"),
        pytest.param("0,0,100,100,0,50", "coordinates.1.0", "less than or equal to 1", id="pixels"),
        pytest.param("0,0,1,1,0,nan", "coordinates.2.1", "finite number", id="not a number"),
        pytest.param([[0, 0], [1, 1], [1]], "coordinates.2.1", "Field required", id="half a point"),
        pytest.param(5, "coordinates", "valid tuple", id="a number"),
    ],
)
def test_a_polygon_that_is_none_says_why(coordinates: Any, key: str, message: str) -> None:
    (got_key, got_message), *_ = problems(Zone, {"coordinates": coordinates})
    assert got_key == key
    assert message in got_message


def test_every_mistake_in_a_zone_is_told_at_once() -> None:
    assert [key for key, _ in problems(Zone, {"coordinates": SQUARE, "inertia": 0, "colour": "red"})] == [
        "inertia",
        "colour",
    ]


def test_a_line_goes_from_one_point_to_another() -> None:
    line = Line.model_validate({"from": [0.2, 0.6], "to": [0.8, 0.6]})
    assert (line.from_, line.to, line.direction) == ((0.2, 0.6), (0.8, 0.6), "any")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(
            {"from": [0.5, 0.5], "to": [0.5, 0.5]}, ("", "Value error, two different points"), id="without length"
        ),
        pytest.param({"to": [0.5, 0.5]}, ("from", "Field required"), id="without a beginning"),
        pytest.param(
            {"from": [0, 0], "to": [1, 1], "direction": "up"},
            ("direction", "Input should be 'any', 'left' or 'right'"),
            id="with a direction of its own",
        ),
    ],
)
def test_a_line_that_is_none_says_why(values: dict[str, Any], expected: tuple[str, str]) -> None:
    assert problems(Line, values) == [expected]


def test_a_label_without_a_filter_has_the_usual_one() -> None:
    objects = Objects(filters={"car": ObjectFilter(min_score=0.2)})
    assert objects.filter("car").min_score == 0.2
    assert objects.filter("person") == ObjectFilter()


def test_a_camera_is_small_until_more_is_said() -> None:
    camera = Camera(name="lobby")
    assert (camera.fps, camera.objects.track, camera.zones, camera.lines) == (5.0, ("person",), {}, {})


def test_what_was_checked_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Camera(name="lobby").fps = 10.0
