from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stages.watched import HALL, Place, Watched, camera, person

RIGHT = HALL | {"one_way": {"from": [0.3, 0.5], "to": [0.7, 0.5]}, "inertia": 1}


def walked(places: list[Place]) -> Watched:
    watched = Watched(camera(zone=RIGHT))
    watched.walk(places)
    return watched


def straight(*corners: tuple[float, float], steps: int = 10) -> list[Place]:
    return [
        (x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps)
        for (x1, y1), (x2, y2) in pairwise(corners)
        for step in range(steps + 1)
    ]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        pytest.param(straight((0.3, 0.5), (0.7, 0.5)), 0, id="the right way"),
        pytest.param(straight((0.7, 0.5), (0.3, 0.5)), 1, id="the wrong way"),
        pytest.param(straight((0.7, 0.5), (0.62, 0.5)), 0, id="not far enough"),
        pytest.param(straight((0.5, 0.7), (0.5, 0.3)), 0, id="across"),
        pytest.param(straight((0.6, 0.7), (0.5, 0.3)), 0, id="across, and a little back"),
        pytest.param(straight((0.65, 0.6), (0.45, 0.4)), 1, id="aslant against it"),
        pytest.param(straight((0.3, 0.5), (0.6, 0.5), (0.4, 0.5)), 1, id="there, and back"),
        pytest.param(straight((0.7, 0.5), (0.3, 0.5), (0.7, 0.5), (0.3, 0.5)), 1, id="once a stay"),
        pytest.param(straight((0.7, 0.9), (0.3, 0.9)), 0, id="outside the zone"),
    ],
)
def test_wrong_way(places: list[Place], expected: int) -> None:
    assert len(walked(places).told("wrong_way")) == expected


def test_what_it_says() -> None:
    watched = walked(straight((0.7, 0.5), (0.3, 0.5)))
    (event,) = watched.told("wrong_way")
    assert (event.zone, event.object_id) == ("hall", "a-1")
    assert event.data["distance"] == pytest.approx(0.12, abs=0.03)
    assert walked([*straight((0.7, 0.5), (0.62, 0.5)), *[(0.9, 0.5)] * 3]).why_not() == [
        "wrong_way hall: 0.08 of 0.1 against the way"
    ]


pixels = st.tuples(st.floats(-2, 2), st.floats(-2, 2)).map(lambda xy: (xy[0] / 640, xy[1] / 360))


@settings(deadline=None, max_examples=50)
@given(st.lists(pixels, min_size=1, max_size=60))
def test_who_stands_and_trembles_goes_nowhere(trembling: list[tuple[float, float]]) -> None:
    assert walked([(0.5 + dx, 0.5 + dy) for dx, dy in trembling]).told("wrong_way") == []


def test_a_box_that_was_not_measured_goes_nowhere() -> None:
    watched = Watched(camera(zone=RIGHT))
    watched.frame(0.0, person((0.6, 0.5)))
    for n in range(1, 10):
        watched.frame(n / 5, person((0.6 - 0.03 * n, 0.5), measured=False))
    assert watched.told("wrong_way") == []
