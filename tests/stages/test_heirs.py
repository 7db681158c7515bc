"""An object that loses its id and comes back is the same to the rules."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.objects import TrackedObject
from pipeline.stages.builtin_rules.heirs import MOST, Heirs
from tests.stages.scene import START
from tests.stages.watched import HALL, IN, OUT, Watched, camera, person

BESIDE = (0.56, 0.5)
"""Beside somebody who is IN, and not where that one is."""


def two(
    gone_s: float, place: tuple[float, float] = IN, *, before: dict[str, Any] | None = None, **after: Any
) -> Watched:
    """One stands in the hall for 6 s and is not seen for `gone_s`; then there is one under another id."""
    watched = Watched(camera(zone=HALL))
    watched.motion = ((0.0, 0.0, 1.0, 1.0),)
    for n in range(30):
        watched.frame(n / 5, person(IN, **(before or {})))
    for n in range(round(gone_s * 5)):
        watched.frame(6 + n / 5)
    facts = {"id": "a-2", "first_seen_at": START + 6 + gone_s, **after}
    for n in range(5):
        watched.frame(6 + gone_s + n / 5, person(place, **facts))
    return watched


@pytest.mark.parametrize(
    ("gone_s", "place", "before", "after", "expected"),
    [
        pytest.param(2, IN, {}, {}, ["zone_enter"], id="back where it stood"),
        pytest.param(2, (0.515, 0.51), {}, {}, ["zone_enter"], id="a little aside"),
        pytest.param(4, IN, {}, {}, ["zone_enter", "zone_leave", "zone_enter"], id="too late"),
        pytest.param(2, BESIDE, {}, {}, ["zone_enter", "zone_enter"], id="at another place: somebody else"),
        pytest.param(2, IN, {}, {"label": "dog"}, ["zone_enter", "zone_enter"], id="something else"),
        pytest.param(10, IN, {"stationary": True}, {}, ["zone_enter"], id="at rest: for longer"),
        pytest.param(
            20, IN, {"stationary": True}, {}, ["zone_enter", "zone_leave", "zone_enter"], id="at rest, but too late"
        ),
        pytest.param(
            2, IN, {"velocity": (0.2, 0, 0.2, 0)}, {}, ["zone_enter", "zone_leave", "zone_enter"], id="was on its way"
        ),
    ],
)
def test_who_comes_back(
    gone_s: float, place: tuple[float, float], before: dict[str, Any], after: dict[str, Any], expected: list[str]
) -> None:
    watched = two(gone_s, place, before=before, **after)
    assert [event.type for event in watched.events] == expected


def test_what_rests_and_does_not_stir_is_waited_for() -> None:
    """The detector lost it: nothing has moved where it was."""
    watched = Watched(camera(zone=HALL))
    watched.motion = ()
    for n in range(30):
        watched.frame(n / 5, person(IN, stationary=True))
    for n in range(120 * 5):
        assert watched.frame(6 + n / 5) == []
    for n in range(5):
        assert watched.frame(126 + n / 5, person(IN, id="a-2", first_seen_at=START + 126)) == []
    left = [watched.frame(127 + n / 5, person(OUT, id="a-2", first_seen_at=START + 126)) for n in range(3)]
    assert left == [[], [], ["zone_leave"]]
    assert watched.events[-1].object_id == "a-1", "events know it by its first id"
    assert watched.events[-1].data == {"stayed_s": pytest.approx(127, abs=0.2)}


def lost(seconds: float, **facts: Any) -> TrackedObject:
    return person(IN, measured=False, lost=True, **facts)


def test_an_heir_while_the_tracker_still_looks_for_the_other() -> None:
    watched = Watched(camera(zone=HALL | {"loitering_time": 4}))
    for n in range(10):
        watched.frame(n / 5, person(IN))
    for n in range(10, 15):
        watched.frame(n / 5, lost(n / 5))
    for n in range(15, 30):
        watched.frame(n / 5, lost(n / 5), person(IN, id="a-2", first_seen_at=START + 3.0))
    assert [(event.type, event.object_id) for event in watched.events] == [("zone_enter", "a-1"), ("loitering", "a-1")]


@pytest.mark.parametrize("place", [IN, (0.505, 0.52)])
def test_an_id_that_changes_from_one_frame_to_the_next(place: tuple[float, float]) -> None:
    watched = Watched(camera(zone=HALL))
    for n in range(10):
        watched.frame(n / 5, person(IN))
    for n in range(10, 40):
        gone = [person(IN, measured=False, lost=n > 13)] if n < 35 else []
        watched.frame(n / 5, *gone, person(place, id="a-2", first_seen_at=START + 2.0, confirmed=n > 11))
    assert [event.type for event in watched.events] == ["zone_enter"]


def test_if_both_are_seen_they_are_two() -> None:
    watched = Watched(camera(zone=HALL))
    for n in range(10):
        watched.frame(n / 5, person(IN))
    heir: dict[str, Any] = {"id": "a-2", "first_seen_at": START + 2.0}
    for n in range(10, 15):
        assert watched.frame(n / 5, lost(n / 5), person(IN, **heir)) == []
    told = [watched.frame(n / 5, person(IN), person(IN, **heir)) for n in range(15, 20)]
    assert told == [[], [], ["zone_enter"], [], []], "the one that came later has come in after all"
    assert watched.events[-1].object_id == "a-2"


def test_who_is_hidden_in_part_is_where_it_was() -> None:
    half = (0.48, 0.4, 0.495, 0.5)
    watched = Watched(camera(zone=HALL))
    for n in range(30):
        watched.frame(n / 5, person(IN, stationary=True))
    watched.frame(6.0, person(IN, box=half))
    for n in range(1, 20):
        watched.frame(6 + n / 5)
    other_half = (0.505, 0.4, 0.52, 0.5)
    for n in range(5):
        watched.frame(10 + n / 5, person(IN, id="a-2", first_seen_at=START + 10, box=other_half))
    assert [event.type for event in watched.events] == ["zone_enter"]


def test_so_many_are_waited_for_and_no_more() -> None:
    heirs = Heirs()
    crowd = [person((0.1 + 0.01 * n, 0.5), id=f"a-{n}", stationary=True) for n in range(MOST + 5)]
    heirs.update(crowd, START, ())
    heirs.update([], START + 1, ())
    assert len(heirs.vanished) == MOST


spots = st.sampled_from([IN, BESIDE, OUT, (0.2, 0.2), None])
frames = st.lists(st.tuples(spots, spots, st.booleans()), min_size=1, max_size=60)


@settings(deadline=None, max_examples=60)
@given(frames)
def test_whatever_ids_do_who_entered_and_did_not_leave_is_inside(
    steps: list[tuple[tuple[float, float] | None, tuple[float, float] | None, bool]],
) -> None:
    """Two places at which somebody is or is not, now and then under another id."""
    watched = Watched(camera(zone=HALL))
    ids, born, count = ["a-1", "b-1"], [0.0, 0.0], 1
    for n, (one, other, renamed) in enumerate(steps):
        for which, place in enumerate((one, other)):
            if renamed or place is None:
                count += 1
                ids[which], born[which] = f"{'ab'[which]}-{count}", n / 2
        things = [
            person(place, id=ids[which], first_seen_at=START + born[which])
            for which, place in enumerate((one, other))
            if place
        ]
        watched.frame(n / 2, *things)
    for later_s in (0.0, 5.0, 20.0, 40.0):
        watched.frame(len(steps) / 2 + later_s)
    types = [event.type for event in watched.events]
    assert types.count("zone_enter") == types.count("zone_leave")
