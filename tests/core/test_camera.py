"""Zones and lines as they are written."""

import pytest
from pydantic import ValidationError

from pipeline.core.camera import Line, Zone


def test_a_polygon_may_be_written_as_one_string() -> None:
    assert Zone.model_validate({"coordinates": "0,0,1,0, 1,1,"}).coordinates == ((0, 0), (1, 0), (1, 1))


@pytest.mark.parametrize(
    ("coordinates", "message"),
    [
        pytest.param("0,0,1,0,1", "an even count of numbers, not 5", id="half a point"),
        pytest.param("0,0,1,0,1,x", "numbers with commas between them", id="no number"),
        pytest.param("0,0,1,0", "at least 3 items", id="two points"),
        pytest.param("0,0,1,0,1,1.1", "less than or equal to 1", id="outside the picture"),
    ],
)
def test_what_is_no_polygon_is_refused(coordinates: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Zone.model_validate({"coordinates": coordinates})


def test_a_line_needs_a_length() -> None:
    with pytest.raises(ValidationError, match="two different points"):
        Line.model_validate({"from": [0.5, 0.5], "to": [0.5, 0.5]})
