from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.event import Event
from tests.stages.scene import START
from tests.stages.watched import HALL, IN, Watched, camera, person


def watched(counts: list[int], count: dict[str, Any], fps: float = 5.0) -> Watched:
    """So many are in the hall, frame by frame."""
    stage = Watched(camera(zone=HALL | {"inertia": 1, "count": count}))
    for n, here in enumerate(counts):
        stage.frame(n / fps, *(person((0.3 + 0.04 * k, 0.5), id=f"a-{k}", size=(0.02, 0.1)) for k in range(here)))
    return stage


def spans(stage: Watched) -> list[tuple[str, float, float | None]]:
    told = stage.told("count_over", "count_under")
    return [(e.type, round(e.started_at - START, 1), e.ended_at and round(e.ended_at - START, 1)) for e in told]


S = 5
"""Frames a second."""


@pytest.mark.parametrize(
    ("count", "counts", "expected"),
    [
        pytest.param({"over": 2, "seconds": 2}, [3] * 2 * S, [], id="not for long enough"),
        pytest.param({"over": 2, "seconds": 2}, [0] * S + [3] * 3 * S, [("count_over", 1.0, None)], id="goes on"),
        pytest.param(
            {"over": 2, "seconds": 2},
            [3] * 4 * S + [2] * 4 * S,
            [("count_over", 0.0, 4.0)],
            id="is over when it was, told when that is sure",
        ),
        pytest.param({"over": 2, "seconds": 2}, [3, 3, 2] * 10 * S, [], id="never for two seconds on end"),
        pytest.param(
            {"over": 2, "seconds": 2}, [3] * 3 * S + [2, 2, 3] * 5 * S, [("count_over", 0.0, None)], id="trembles"
        ),
        pytest.param(
            {"over": 4, "seconds": 1, "hysteresis": 2},
            [5] * 2 * S + [4, 3] * S + [2] * 2 * S,
            [("count_over", 0.0, 4.0)],
            id="must fall farther",
        ),
        pytest.param(
            {"over": 0, "seconds": 1}, [0] * S + [1] * 2 * S + [0] * 2 * S, [("count_over", 1.0, 3.0)], id="any"
        ),
        pytest.param(
            {"over": 1, "seconds": 1, "hysteresis": 5},
            [2] * 2 * S + [0] * 2 * S,
            [("count_over", 0.0, 2.0)],
            id="none at all is enough",
        ),
        pytest.param(
            {"under": 2, "seconds": 1}, [3] * S + [1] * 2 * S + [2] * 2 * S, [("count_under", 1.0, 3.0)], id="too few"
        ),
        pytest.param({"under": 1, "over": 1, "seconds": 0}, [1] * S, [], id="neither"),
    ],
)
def test_too_many_and_too_few(
    count: dict[str, Any], counts: list[int], expected: list[tuple[str, float, float | None]]
) -> None:
    assert spans(watched(counts, count)) == expected


def test_what_the_event_says() -> None:
    stage = watched([3] * S + [5] * S + [4] * 6 * S + [6] * S + [1] * 2 * S, {"over": 2, "seconds": 1})
    told = [event for event in stage.events if event.type == "count_over"]
    assert {event.id for event in told} == {told[0].id}
    assert [(event.state, event.data) for event in told] == [
        ("new", {"limit": 2, "count": 5, "most": 5}),
        ("update", {"limit": 2, "count": 4, "most": 5}),
        ("end", {"limit": 2, "count": 6, "most": 6}),
    ]
    assert (told[0].zone, told[0].zones, told[0].object_id) == ("hall", ["hall"], None)


def test_who_is_lost_does_not_count() -> None:
    stage = Watched(camera(zone=HALL | {"inertia": 1, "count": {"over": 0, "seconds": 1}}))
    stage.frame(0.0, person(IN))
    for n in range(1, 20):
        stage.frame(n / 5, person(IN, measured=False, lost=True))
    assert stage.told("count_over") == []


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 4), max_size=120), st.integers(0, 3), st.integers(0, 2))
def test_spans_begin_once_end_once_and_do_not_overlap(counts: list[int], over: int, hysteresis: int) -> None:
    stage = watched([*counts, *[0] * 3 * S], {"over": over, "seconds": 1, "hysteresis": hysteresis})
    by_id: dict[str, list[Event]] = {}
    for event in stage.events:
        if event.type == "count_over":
            by_id.setdefault(event.id, []).append(event)
    assert all([one.state for one in told] == ["new", *["update"] * (len(told) - 2), "end"] for told in by_id.values())
    ends = [(told[-1].started_at, float(told[-1].ended_at or 0)) for told in by_id.values()]
    assert all(began <= ended for began, ended in ends)
    assert all(one[1] <= other[0] for one, other in pairwise(ends))
