from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from pipeline.core.attributes import AttributeValue, Wanted, as_text, fits, in_words

READ: TypeAdapter[dict[str, Any]] = TypeAdapter(Wanted)


@pytest.mark.parametrize(
    ("wanted", "known", "expected"),
    [
        pytest.param({}, {}, True, id="nothing is wanted"),
        pytest.param({"colour": "red"}, {"colour": "red", "make": "kite"}, True, id="the one value"),
        pytest.param({"colour": ["blue", "red"]}, {"colour": "red"}, True, id="one of several"),
        pytest.param({"colour": "red"}, {"colour": "blue"}, False, id="another value"),
        pytest.param({"colour": "red"}, {}, False, id="nothing is known yet"),
        pytest.param({"colour": "red", "make": "kite"}, {"colour": "red"}, False, id="half of it is known"),
        pytest.param({"open": True}, {"open": True}, True, id="true"),
        pytest.param({"open": True}, {"open": "true"}, False, id="a text is not true"),
        pytest.param({"doors": 3}, {"doors": 3.0}, True, id="a number"),
    ],
)
def test_fits(wanted: dict[str, Any], known: dict[str, Any], expected: bool) -> None:
    assert fits(READ.validate_python(wanted), known) is expected


@pytest.mark.parametrize("wanted", [{"colour": []}, {"colour": None}, {"colour": {"red": 1}}, ["red"]])
def test_what_nothing_could_ever_fit_is_refused(wanted: Any) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(wanted)


def test_in_words() -> None:
    known: dict[str, AttributeValue] = {
        "colour": "red",
        "colour_score": 0.9,
        "parked": True,
        "moving": False,
        "make": "kite",
    }
    assert in_words(known) == "red, parked, kite"
    assert in_words({}) == ""


def test_as_text() -> None:
    assert [as_text(value) for value in ("red", True, False, 0.5)] == ["red", "true", "false", None]
