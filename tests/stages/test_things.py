"""Things that are left behind, and things that are taken."""

from typing import Any

import pytest

from pipeline.core.objects import Box, TrackedObject
from tests.stages.scene import at
from tests.stages.watched import HALL, Watched, camera, person

FAR, NEAR = (0.9, 0.5), (0.6, 0.5)
LEFT: dict[str, Any] = HALL | {"left_behind": {"objects": ["suitcase"], "seconds": 10, "distance": 0.1}}
REMOVED: dict[str, Any] = HALL | {"removed": {"objects": ["suitcase"], "seconds": 10}}


def suitcase(place: tuple[float, float] = (0.5, 0.5), **more: Any) -> TrackedObject:
    facts: dict[str, Any] = {"id": "s-1", "label": "suitcase", "box": at(*place, 0.05, 0.1), "stationary": True}
    return person(place, **{**facts, **more})


def left(seconds: float, who: dict[tuple[float, float], tuple[float, float]], zone: dict[str, Any] = LEFT) -> Watched:
    """A suitcase lies there; `who` says where a person is from one second to another."""
    watched = Watched(camera(zone=zone))
    for n in range(round(seconds * 5)):
        now = n / 5
        people = [person(place, id="p-1") for (since, until), place in who.items() if since <= now < until]
        watched.frame(now, suitcase(), *people)
    return watched


@pytest.mark.parametrize(
    ("seconds", "who", "told_at"),
    [
        pytest.param(9, {}, [], id="not for long enough"),
        pytest.param(60, {}, [10.4], id="once"),
        pytest.param(60, {(0, 60): NEAR}, [], id="somebody is near"),
        pytest.param(60, {(0, 60): FAR}, [10.4], id="somebody is there, but not near"),
        pytest.param(60, {(0, 20): NEAR, (20, 60): FAR}, [30.0], id="since its owner has gone"),
        pytest.param(60, {(0, 20): NEAR, (25, 27): NEAR}, [37.0], id="who comes back in time takes care of it"),
        pytest.param(60, {(0, 10): NEAR, (30, 32): NEAR}, [20.0], id="a passer-by does not begin it anew"),
    ],
)
def test_left_behind(seconds: float, who: dict[tuple[float, float], tuple[float, float]], told_at: list[float]) -> None:
    told = left(seconds, who).told("object_left")
    assert [event.started_at - 1_700_000_000.0 for event in told] == pytest.approx(told_at, abs=0.25)


def test_what_is_told_of_a_thing_that_was_left() -> None:
    watched = left(40, {(0, 20): NEAR})
    (event,) = watched.told("object_left")
    assert (event.zone, event.label, event.object_id) == ("hall", "suitcase", "s-1")
    assert event.data == {"alone_s": pytest.approx(10.0), "owner": "p-1"}
    assert left(18, {(0, 2): NEAR, (10, 18): NEAR}).why_not("s-1") == ["object_left hall: alone for 8 of 10 s"]
    assert left(60, {(0, 2): NEAR, (10, 12): NEAR}).why_not("s-1") == [], "it was told after all"


def test_by_default_every_thing_of_the_zone_but_its_owners() -> None:
    watched = left(20, {(0, 20): FAR}, HALL | {"left_behind": {"seconds": 5}})
    assert [event.label for event in watched.told("object_left")] == ["suitcase"]


def test_half_hidden_it_is_still_the_one_that_was_told() -> None:
    watched = left(15, {})
    half: Box = (0.475, 0.4, 0.49, 0.5)
    for n in range(15 * 5, 60 * 5):
        watched.frame(n / 5, suitcase(box=half, stationary=False) if 20 <= n / 5 < 23 else suitcase())
    assert len(watched.told("object_left")) == 1
    for n in range(60 * 5, 90 * 5):
        watched.frame(n / 5, suitcase((0.6, 0.6)))
    assert len(watched.told("object_left")) == 2, "it was moved, and left again"


def removed(rests_s: float, *then: tuple[float, list[TrackedObject]], zone: dict[str, Any] = REMOVED) -> Watched:
    """A suitcase lies there for so long, and then is what `then` says, for so many seconds each."""
    watched, frame = Watched(camera(zone=zone)), 0
    for seconds, objects in [(rests_s, [suitcase()]), *then]:
        for _ in range(round(seconds * 5)):
            watched.frame(frame / 5, *objects)
            frame += 1
    return watched


LOST = suitcase(measured=False, lost=True, stationary=False)
BEFORE_IT = person((0.5, 0.52), id="p-1", box=(0.4, 0.2, 0.6, 0.6))


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        pytest.param([(5.0, [LOST]), (10.0, [])], 1, id="gone"),
        pytest.param([(5.0, [LOST]), (2.0, [])], 0, id="not for long enough yet"),
        pytest.param([(5.0, [LOST]), (30.0, [BEFORE_IT])], 0, id="hidden before that is sure"),
        pytest.param([(40.0, [LOST, BEFORE_IT])], 0, id="somebody stands before it"),
        pytest.param([(20.0, [LOST, BEFORE_IT]), (10.0, [])], 1, id="somebody stood before it, and then it is gone"),
        pytest.param([(5.0, [LOST, BEFORE_IT]), (20.0, [suitcase()])], 0, id="was hidden, and is there again"),
        pytest.param([(1.0, [suitcase((0.7, 0.7), stationary=False)]), (20.0, [])], 0, id="was seen going"),
        pytest.param([(0.4, [suitcase((0.52, 0.48), stationary=False)]), (20.0, [])], 1, id="was lifted, and is gone"),
        pytest.param([(4.0, []), (20.0, [suitcase(id="s-2")])], 0, id="is there again under another id"),
        pytest.param([(60.0, [suitcase()])], 0, id="is there"),
    ],
)
def test_removed(then: list[tuple[float, list[TrackedObject]]], expected: int) -> None:
    watched = removed(15, *then)
    assert len(watched.told("object_removed")) == expected


def test_what_is_told_of_a_thing_that_was_taken() -> None:
    (event,) = removed(15, (10.0, [])).told("object_removed")
    assert (event.zone, event.label, event.object_id, event.box) == ("hall", "suitcase", "s-1", suitcase().box)
    assert event.data == {"rested_s": pytest.approx(14.6, abs=0.3)}


def test_what_had_not_lain_there_for_long_is_nearly_missed() -> None:
    watched = removed(7, (5.0, [LOST]), (10.0, [person((0.9, 0.9), id="p-9")]))
    assert watched.told("object_removed") == []
    assert watched.why_not("s-1") == ["object_removed hall: rested for 6 of 10 s"]
    assert removed(3, (5.0, [LOST]), (10.0, [])).why_not("s-1") == [], "not near at all"
    carried = removed(15, (2.0, [suitcase((0.7, 0.7), stationary=False)]))
    assert carried.why_not("s-1") == ["object_removed hall: seen going"]
