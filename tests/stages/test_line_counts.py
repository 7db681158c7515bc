"""Running counts of lines."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.builtin_rules.tally import Tally
from tests.stages.scene import START
from tests.stages.watched import ABOVE, BELOW, Watched, camera, person

THROUGH: dict[str, Any] = {"from": [0.0, 0.5], "to": [1.0, 0.5]}


def test_counts_by_label_and_direction() -> None:
    watched = Watched(camera(line=THROUGH))
    for n, (place, other) in enumerate([(ABOVE, BELOW), (BELOW, BELOW), (ABOVE, ABOVE), (BELOW, ABOVE)]):
        watched.frame(n / 5, person(place), person(other, id="a-2", label="dog"))
    person_once = {"in": 1, "out": 0}
    assert [event.data["counts"] for event in watched.events] == [
        {"person": person_once},
        {"person": {"in": 1, "out": 1}},
        {"person": {"in": 1, "out": 1}, "dog": {"in": 0, "out": 1}},
        {"person": {"in": 2, "out": 1}, "dog": {"in": 0, "out": 1}},
    ]
    assert {event.data["counted_since"] for event in watched.events} == {START}


def test_inward_may_be_the_other_side() -> None:
    watched = Watched(camera(line=THROUGH | {"inward": "left"}))
    watched.walk([ABOVE, BELOW])
    assert watched.events[0].data["counts"] == {"person": {"in": 0, "out": 1}}


def test_what_does_not_count_is_not_counted() -> None:
    watched = Watched(camera(line=THROUGH | {"direction": "left"}))
    watched.walk([ABOVE, BELOW, ABOVE, BELOW, ABOVE])
    assert [event.data["counts"]["person"] for event in watched.events] == [{"in": 0, "out": 1}, {"in": 0, "out": 2}]


def test_counts_begin_anew_at_midnight() -> None:
    evening = datetime(2026, 3, 5, 23, 59, 50)
    tally = Tally("right")
    tally.begin(evening.timestamp())
    tally.count("person", "right", evening.timestamp())
    assert tally.count("person", "right", (evening + timedelta(seconds=9)).timestamp()) == {
        "counts": {"person": {"in": 2, "out": 0}},
        "counted_since": evening.timestamp(),
    }
    assert tally.count("car", "left", (evening + timedelta(seconds=11)).timestamp()) == {
        "counts": {"car": {"in": 0, "out": 1}},
        "counted_since": datetime(2026, 3, 6).timestamp(),
    }
    assert tally.count("car", "right", evening.timestamp())["counts"] == {"car": {"in": 1, "out": 1}}, "told late"


@pytest.mark.parametrize("confirmed_from", [1, 2, 3, 4])
def test_who_is_believed_only_after_crossing_has_crossed(confirmed_from: int) -> None:
    watched = Watched(camera(line=THROUGH))
    for n, place in enumerate([ABOVE, BELOW, BELOW, BELOW, BELOW]):
        watched.frame(n / 5, person(place, confirmed=n >= confirmed_from))
    (event,) = watched.events
    assert event.direction == "right"
    assert event.started_at - START == pytest.approx(0.2)


def test_there_and_back_before_anybody_believes_it_is_nothing() -> None:
    watched = Watched(camera(line=THROUGH))
    for n, place in enumerate([ABOVE, BELOW, ABOVE, ABOVE]):
        watched.frame(n / 5, person(place, confirmed=n > 2))
    assert watched.events == []


rows = st.lists(st.floats(0.02, 0.98), min_size=1, max_size=60)


@settings(deadline=None, max_examples=100)
@given(rows, st.floats(0.1, 0.9))
def test_ins_less_outs_are_the_sides_that_have_changed(ys: list[float], x: float) -> None:
    """Of a line through the whole picture: clearly above at the beginning, where it is clear at the end."""
    watched = Watched(camera(line=THROUGH))
    end = BELOW if ys[-1] > 0.5 else ABOVE
    watched.walk([ABOVE, *((x, y) for y in ys), end])
    counts = {"in": 0, "out": 0, **(watched.events[-1].data["counts"]["person"] if watched.events else {})}
    assert {event.direction for event in watched.events} <= {"left", "right"}
    assert counts["in"] - counts["out"] == (1 if end == BELOW else 0)
    assert counts["in"] + counts["out"] == len(watched.events)
