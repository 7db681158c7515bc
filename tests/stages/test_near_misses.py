"""For any object and rule, "why not?" has an answer."""

from typing import Any

import pytest

from pipeline.core.near_miss import missed
from pipeline.core.objects import TrackedObject
from pipeline.stages.builtin_rules.ledger import MOST, Ledger
from tests.stages.watched import ABOVE, BELOW, HALL, IN, OUT, Place, Watched, camera, person

DOOR: dict[str, Any] = {"from": [0.2, 0.5], "to": [0.8, 0.5]}
DOG: dict[str, Any] = {"label": "dog"}


@pytest.mark.parametrize(
    ("zone", "places", "facts", "why"),
    [
        pytest.param({}, [IN, IN, OUT], {}, ["zone_enter hall: inertia 2 of 3"], id="out again too soon"),
        pytest.param({}, [IN, None], {}, ["zone_enter hall: inertia 1 of 3"], id="gone too soon"),
        pytest.param({}, [IN, IN, OUT, IN, OUT], {}, ["zone_enter hall: inertia 2 of 3"], id="the nearest of two"),
        pytest.param({}, [IN, IN, OUT, IN, IN, IN], {}, [], id="entered after all"),
        pytest.param({}, [OUT] * 5, {}, [], id="never near"),
        pytest.param(
            {"objects": ["person"]}, [IN] * 3, DOG, ["zone_enter hall: label dog, wanted person"], id="something else"
        ),
        pytest.param({"objects": ["person"]}, [IN, IN, OUT], DOG, [], id="something else, and not there for long"),
        pytest.param(
            {"attributes": {"colour": ["red", "blue"]}},
            [IN] * 3,
            {},
            ["zone_enter hall: colour unknown, wanted red or blue"],
            id="nobody has said what colour",
        ),
        pytest.param(
            {"attributes": {"colour": ["red"]}},
            [IN] * 3,
            {"attributes": {"colour": "green"}},
            ["zone_enter hall: colour green, wanted red"],
            id="another colour",
        ),
        pytest.param(
            {"loitering_time": 4}, [IN] * 18 + [OUT] * 3, {}, ["loitering hall: stayed 3 of 4 s"], id="nearly loitered"
        ),
        pytest.param({"loitering_time": 10}, [IN] * 18 + [OUT] * 3, {}, [], id="did not loiter by far"),
    ],
)
def test_zones(zone: dict[str, Any], places: list[Place], facts: dict[str, Any], why: list[str]) -> None:
    watched = Watched(camera(zone=HALL | zone))
    watched.walk(places, **facts)
    assert watched.why_not() == why


@pytest.mark.parametrize(
    ("line", "places", "facts", "why"),
    [
        pytest.param({}, [ABOVE, (0.5, 0.503), ABOVE], {}, ["line_cross door: turned back on the line"], id="back"),
        pytest.param(
            {}, [(0.15, 0.45), (0.15, 0.55)], {}, ["line_cross door: past the end of the line"], id="beside it"
        ),
        pytest.param({}, [(0.01, 0.2), (0.01, 0.8)], {}, [], id="far beside it"),
        pytest.param({}, [ABOVE, BELOW], {}, [], id="over it"),
        pytest.param(
            {"direction": "left"},
            [ABOVE, BELOW],
            {},
            ["line_cross door: to the right, wanted left"],
            id="the other way",
        ),
        pytest.param(
            {"objects": ["person"]}, [ABOVE, BELOW], DOG, ["line_cross door: label dog, wanted person"], id="a dog"
        ),
        pytest.param({"direction": "left"}, [ABOVE, BELOW, ABOVE], {}, [], id="in the end it did"),
    ],
)
def test_lines(line: dict[str, Any], places: list[Place], facts: dict[str, Any], why: list[str]) -> None:
    watched = Watched(camera(line=DOOR | line))
    watched.walk(places, **facts)
    assert watched.why_not() == why


def test_who_is_believed_too_late() -> None:
    watched = Watched(camera(zone=HALL))
    for n, place in enumerate([IN] * 4 + [OUT] * 3):
        watched.frame(n / 5, person(place, confirmed=False, score=0.46))
    assert watched.why_not() == [], "there is no event yet that could say so"
    watched.frame(2.0, person(OUT, score=0.9))
    assert watched.why_not() == ["zone_enter hall: score 0.46 below 0.7"]


def test_only_what_is_new_is_handed_on() -> None:
    watched = Watched(camera(zone=HALL))
    watched.walk([IN, IN, OUT])
    watched.misses.clear()
    watched.frame(1.0, person(OUT))
    assert watched.misses == {}


def thing(number: int = 0) -> TrackedObject:
    return person(IN, id=f"a-{number}")


def test_a_ledger_holds_so_many_places_and_no_more() -> None:
    ledger = Ledger()
    ledger.enter([missed("zone_enter", thing(), "near", zone=f"z-{n}") for n in range(MOST + 3)])
    (said,) = ledger.news([thing()]).values()
    assert [miss.zone for miss in said] == [f"z-{n}" for n in range(3, MOST + 3)]
    ledger.enter([missed("zone_enter", thing(1), "near", zone="z")])
    assert list(ledger.news([])) == ["a-1"], "said of who has gone, once"
    assert ledger.news([]) == {}


def test_a_miss_says_where_and_why() -> None:
    miss = missed("zone_enter", thing(), "inertia 2 of 3", zone="entrance", near=2 / 3)
    assert miss.facts() == {"rule": "zone_enter", "zone": "entrance", "why": "inertia 2 of 3"}
