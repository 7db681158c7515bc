from typing import Any

import numpy as np
import pytest

from pipeline.core.event import Event
from pipeline.core.plain import plain


def event(**changes: Any) -> Event:
    facts: dict[str, Any] = {"id": "1", "type": "told", "camera": "yard", "started_at": 1.0}
    return Event(**(facts | changes))


@pytest.mark.parametrize(
    "number", [np.float32(0.5), np.float64(0.5), np.int64(3), np.uint8(3), np.bool_(True)], ids=lambda one: type(one)
)
def test_numpys_numbers_become_pythons(number: Any) -> None:
    assert plain(event(data={"value": number}), Event).data == {"value": number.item()}


def test_a_copy_that_is_the_same() -> None:
    told = event(box=(0.1, 0.2, 0.3, 0.4), zones=["gate"])
    assert plain(told, Event) == told
    assert plain(told, Event) is not told


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param("a text", "no plain Event", id="no event"),
        pytest.param(None, "no plain Event", id="nothing"),
        pytest.param(event(type=5), r"\$\.type", id="a wrong type"),
        pytest.param(event(data={"image": np.zeros(3)}), "ndarray", id="an array"),
        pytest.param(event(data={"what": object()}), "object", id="an object"),
    ],
)
def test_anything_else_is_refused(value: object, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        plain(value, Event)
