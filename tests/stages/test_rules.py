from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import registry
from pipeline.core.camera import Camera, Zone
from pipeline.core.errors import PluginError
from pipeline.core.event import Event
from pipeline.core.objects import Box, TrackedObject
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.rules import OF_OBJECTS
from tests.stages.scene import START, at
from tests.stages.watched import ABOVE, BELOW, EDGE, HALL, IN, OUT, Place, Watched, camera, person


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        pytest.param([OUT, IN, IN, IN], ["zone_enter"], id="three frames inside"),
        pytest.param([IN, IN, IN], ["zone_enter"], id="first seen inside"),
        pytest.param([OUT, IN, IN], [], id="two frames inside are too few"),
        pytest.param([IN, IN, OUT, IN, IN, OUT], [], id="never three in a row"),
        pytest.param([IN, IN, IN, OUT, OUT, OUT], ["zone_enter", "zone_leave"], id="in and out"),
        pytest.param([IN, IN, IN, OUT, OUT, IN, OUT, OUT], ["zone_enter"], id="outside for too short"),
        pytest.param([IN, IN, IN, *[None] * 14], ["zone_enter"], id="gone while inside, and may come back"),
        pytest.param([IN, IN, IN, *[None] * 16], ["zone_enter", "zone_leave"], id="gone while inside"),
        pytest.param([IN, IN, IN, (0.03, 0.6), None], ["zone_enter", "zone_leave"], id="gone out of the picture"),
        pytest.param([IN, IN, None], [], id="gone before it had entered"),
        pytest.param([OUT] * 9, [], id="never there"),
        pytest.param([EDGE] * 9, [], id="on the edge: neither in nor out"),
        pytest.param([IN, IN, IN, *[EDGE] * 9], ["zone_enter"], id="onto the edge is not out"),
    ],
)
def test_zones(places: list[Place], expected: list[str]) -> None:
    assert Watched(camera(zone=HALL)).walk(places) == expected


@pytest.mark.parametrize(
    ("inertia", "fps", "entered_after"),
    [
        pytest.param(1, 5, 1, id="inertia of one: at once"),
        pytest.param(3, 5, 3, id="the nominal rate: as many frames"),
        pytest.param(3, 10, 5, id="twice the rate: as much time"),
        pytest.param(3, 25, 10, id="five times the rate: as much time"),
        pytest.param(3, 1, 2, id="a fifth of the rate: two looks are enough"),
        pytest.param(3, 5.1, 3, id="frames a little early"),
    ],
)
def test_inertia_counts_frames_at_the_nominal_rate(inertia: int, fps: float, entered_after: int) -> None:
    watched = Watched(camera(zone={**HALL, "inertia": inertia}))
    types = [watched.frame(number / fps, person(IN)) for number in range(entered_after)]
    assert types == [[]] * (entered_after - 1) + [["zone_enter"]]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, ["zone_enter"], id="a person"),
        pytest.param({"label": "dog"}, [], id="a label that does not count"),
        pytest.param({"confirmed": False}, [], id="not believed yet"),
        pytest.param({"measured": False}, [], id="nobody saw it there"),
    ],
)
def test_who_enters_a_zone(facts: dict[str, Any], expected: list[str]) -> None:
    assert Watched(camera(zone={**HALL, "objects": ["person"]})).walk([IN] * 5, **facts) == expected


def test_an_object_enters_when_it_is_known_to_be_what_the_zone_wants() -> None:
    watched = Watched(camera(zone={**HALL, "attributes": {"colour": ["red", "blue"]}}))
    colours = [None] * 4 + ["red"] * 4 + ["blue"] * 3 + ["green"] * 3
    told = [
        watched.frame(n / 5, person(IN, attributes={"colour": colour} if colour else {}))
        for n, colour in enumerate(colours)
    ]
    assert told == [[]] * 6 + [["zone_enter"]] + [[]] * 6 + [["zone_leave"]]
    assert watched.events[0].attributes == {"colour": "red"}


@pytest.mark.parametrize(("colour", "expected"), [("red", ["line_cross"]), ("blue", [])])
def test_a_line_counts_whom_it_is_told_to(colour: str, expected: list[str]) -> None:
    watched = Watched(camera(line={**DOOR, "attributes": {"colour": "red"}}))
    assert watched.walk([ABOVE, BELOW], attributes={"colour": colour}) == expected


def test_an_object_that_is_believed_late_enters_then() -> None:
    watched = Watched(camera(zone=HALL))
    seen = [watched.frame(n / 5, person(IN, confirmed=n > 4)) for n in range(7)]
    assert seen == [[], [], [], [], [], ["zone_enter"], []]


def test_a_hidden_object_has_not_left() -> None:
    watched = Watched(camera(zone=HALL))
    watched.walk([IN, IN, IN])
    for n in range(3, 20):
        assert watched.frame(n / 5, person(OUT, measured=False, lost=True)) == []
    assert [watched.frame(seconds) for seconds in (4.0, 6.8, 7.2)] == [[], [], ["zone_leave"]]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"stationary": True}, ["zone_enter"], id="at rest: it is where it was"),
        pytest.param({"stationary": True, "lost": True}, [], id="lost: who knows"),
        pytest.param({}, [], id="on its way: who knows"),
    ],
)
def test_who_is_at_rest_enters_while_nobody_looks(facts: dict[str, Any], expected: list[str]) -> None:
    watched = Watched(camera(zone=HALL | {"inertia": 10}))
    watched.walk([IN, IN, IN])
    for n in range(3, 12):
        watched.frame(n / 5, person(IN, measured=False, **facts))
    assert [event.type for event in watched.events] == expected


def test_objects_know_their_zones() -> None:
    hall, porch = Zone.model_validate(HALL), Zone(coordinates=((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)))
    watched = Watched(Camera(name="lobby", zones={"hall": hall, "porch": porch}))
    thing = person((0.5, 0.6))
    for n in range(3):
        watched.frame(n / 5, thing := person((0.5, 0.6)))
    assert thing.zones == ["hall", "porch"]
    for n in range(3, 6):
        watched.frame(n / 5, thing := person((0.5, 0.95)))
    assert thing.zones == ["porch"]
    watched.frame(1.2, thing := person((0.5, 0.95), measured=False))
    assert thing.zones == ["porch"]


def test_feet_below_the_picture_stand_on_its_edge() -> None:
    watched = Watched(camera(zone={"coordinates": "0,0.5,1,0.5,1,1,0,1"}))
    assert watched.walk([(0.5, 1.0)] * 3, size=(0.3, 0.8)) == ["zone_enter"]


def test_what_a_zone_event_says() -> None:
    watched = Watched(camera(zone=HALL))
    watched.walk([IN, IN, IN, IN, OUT, OUT, OUT], attributes={"colour": "red"})
    entered, left = watched.events
    assert (entered.type, entered.camera, entered.zone, entered.zones) == ("zone_enter", "lobby", "hall", ["hall"])
    assert entered.started_at == entered.ended_at == pytest.approx(START + 0.4)
    assert (entered.state, entered.object_id, entered.label, entered.score) == ("end", "a-1", "person", 0.9)
    assert entered.box == person(IN).box
    assert entered.attributes == {"colour": "red"}
    assert (left.zone, left.zones, left.object_id) == ("hall", [], "a-1")
    assert left.data == {"stayed_s": pytest.approx(0.8)}


@pytest.mark.parametrize(
    ("places", "told_at"),
    [
        pytest.param([IN] * 40, [2.4], id="once a stay"),
        pytest.param([IN] * 12, [], id="not long enough"),
        pytest.param([IN] * 20 + [OUT] * 5 + [IN] * 20, [2.4, 7.4], id="once for each stay"),
        pytest.param([IN] * 8 + [OUT] * 5 + [IN] * 8, [], id="two short stays are no long one"),
    ],
)
def test_loitering(places: list[Place], told_at: list[float]) -> None:
    watched = Watched(camera(zone={**HALL, "loitering_time": 2}))
    watched.walk(places)
    told = [event.started_at - START for event in watched.events if event.type == "loitering"]
    assert told == pytest.approx(told_at, abs=0.01)


def test_a_lost_object_does_not_loiter_until_it_is_seen_again() -> None:
    watched = Watched(camera(zone={**HALL, "loitering_time": 2}))
    watched.walk([IN] * 5)
    for n in range(5, 20):
        assert watched.frame(n / 5, person(IN, measured=False, lost=True)) == []
    assert watched.frame(4.0, person(IN)) == ["loitering"]


def test_an_object_that_nobody_looks_at_goes_on_loitering() -> None:
    watched = Watched(camera(zone={**HALL, "loitering_time": 2}))
    watched.walk([IN] * 5)
    told = [event for n in range(5, 15) for event in watched.frame(n / 5, person(IN, measured=False))]
    assert told == ["loitering"]


DOOR: dict[str, Any] = {"from": [0.2, 0.5], "to": [0.8, 0.5]}


@pytest.mark.parametrize(
    ("line", "places", "expected"),
    [
        pytest.param(DOOR, [ABOVE, BELOW], ["right"], id="down over a line to the right"),
        pytest.param(DOOR, [BELOW, ABOVE], ["left"], id="up over a line to the right"),
        pytest.param({"from": [0.8, 0.5], "to": [0.2, 0.5]}, [ABOVE, BELOW], ["left"], id="the line turned round"),
        pytest.param(DOOR, [ABOVE, (0.5, 0.5), BELOW], ["right"], id="a stop on the line"),
        pytest.param(DOOR, [ABOVE, *[(0.5, 0.5)] * 9, BELOW], ["right"], id="a long stop on the line"),
        pytest.param(DOOR, [ABOVE, (0.5, 0.503), ABOVE, (0.5, 0.503)], [], id="over by a hair and back"),
        pytest.param(DOOR, [ABOVE, BELOW, ABOVE], ["right", "left"], id="there and back"),
        pytest.param(DOOR, [(0.1, 0.4), (0.1, 0.6)], [], id="past its end"),
        pytest.param(DOOR, [ABOVE, (0.1, 0.4), (0.1, 0.6), BELOW], [], id="round its end"),
        pytest.param(
            DOOR, [ABOVE, (0.1, 0.4), (0.1, 0.6), BELOW, ABOVE], ["left"], id="round its end and back over it"
        ),
        pytest.param(
            DOOR,
            [(0.7, 0.4), (0.7, 0.498), (0.7, 0.502), (0.85, 0.502), (0.85, 0.6)],
            ["right"],
            id="over it, then along it past the end",
        ),
        pytest.param(
            DOOR,
            [(0.7, 0.4), (0.7, 0.498), (0.85, 0.498), (0.85, 0.502), (0.7, 0.502), BELOW],
            [],
            id="along it past the end, round, and back",
        ),
        pytest.param(DOOR, [ABOVE, *[None] * 16, BELOW], [], id="gone in between: somebody else"),
        pytest.param(DOOR, [(0.5, 0.5), BELOW], [], id="first seen on the line"),
        pytest.param({**DOOR, "direction": "left"}, [ABOVE, BELOW, ABOVE], ["left"], id="only to the left"),
        pytest.param({**DOOR, "direction": "right"}, [ABOVE, BELOW, ABOVE], ["right"], id="only to the right"),
        pytest.param({**DOOR, "objects": ["car"]}, [ABOVE, BELOW], [], id="a label that does not count"),
    ],
)
def test_lines(line: dict[str, Any], places: list[Place], expected: list[str]) -> None:
    watched = Watched(camera(line=line))
    assert set(watched.walk(places)) <= {"line_cross"}
    assert [event.direction for event in watched.events] == expected
    assert {event.line for event in watched.events} <= {"door"}


def test_a_predicted_box_crosses_nothing() -> None:
    watched = Watched(camera(line=DOOR))
    watched.frame(0.0, person(ABOVE))
    assert watched.frame(0.2, person(BELOW, measured=False)) == []
    assert watched.frame(0.4, person(ABOVE)) == []
    assert watched.frame(0.6, person(BELOW, measured=False)) == []
    assert watched.frame(0.8, person(BELOW)) == ["line_cross"]


shares = st.floats(0.02, 0.98)
walks = st.lists(st.tuples(shares, shares), min_size=1, max_size=60)
pixels = st.tuples(st.floats(-2, 2), st.floats(-2, 2)).map(lambda xy: (xy[0] / 640, xy[1] / 360))


@settings(deadline=None)
@given(walks, st.booleans())
def test_whoever_entered_and_did_not_leave_is_inside(places: list[tuple[float, float]], goes: bool) -> None:
    watched = Watched(camera(zone=HALL))
    thing = person(IN)
    for n, place in enumerate(places):
        watched.frame(n / 5, thing := person(place))
    inside = "hall" in thing.zones
    if goes:
        for later_s in (0.0, 20.0):
            watched.frame(len(places) / 5 + later_s)
        inside = False
    types = [event.type for event in watched.events]
    assert types.count("zone_enter") - types.count("zone_leave") == inside
    assert types == ["zone_enter", "zone_leave"] * (len(types) // 2) + ["zone_enter"] * (len(types) % 2)


@settings(deadline=None)
@given(walks)
def test_crossings_of_a_line_through_the_whole_picture_take_turns(places: list[tuple[float, float]]) -> None:
    watched = Watched(camera(line={"from": [0.0, 0.5], "to": [1.0, 0.5]}))
    watched.walk(places)
    directions = [event.direction for event in watched.events]
    assert all(one != other for one, other in pairwise(directions))


@settings(deadline=None)
@given(
    st.lists(pixels, min_size=1, max_size=80), st.sampled_from([(0.25, 0.5), (0.5, 0.75), (0.25, 0.25), (0.75, 0.4)])
)
def test_a_box_that_trembles_by_two_pixels_on_an_edge_tells_nothing(
    trembling: list[tuple[float, float]], edge: tuple[float, float]
) -> None:
    watched = Watched(camera(zone=HALL, line={"from": [0.25, 0.25], "to": [0.25, 0.75]}))
    assert watched.walk([(edge[0] + dx, edge[1] + dy) for dx, dy in trembling]) == []


@settings(deadline=None)
@given(st.lists(pixels, min_size=1, max_size=80), st.sampled_from([ABOVE, BELOW]))
def test_who_comes_and_trembles_on_a_line_has_not_crossed_it(
    trembling: list[tuple[float, float]], came_from: tuple[float, float]
) -> None:
    watched = Watched(camera(line=DOOR))
    assert watched.walk([came_from, *((0.5 + dx, 0.5 + dy) for dx, dy in trembling), came_from]) == []


class Crowd:
    """The kind of rule that users write."""

    class Options(BaseOptions):
        limit: int = 5

    def __init__(self, options: Options, camera: Camera) -> None:
        self.limit = options.limit
        self.camera = camera

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event]:
        if len(objects) > self.limit:
            yield Event.instant("crowd", camera=self.camera.name, at=now, count=len(objects))


class Broken:
    class Options(BaseOptions):
        pass

    calls: ClassVar[int] = 0

    def __init__(self, options: Options, camera: Camera) -> None:
        Broken.calls = 0

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event]:
        Broken.calls += 1
        raise ZeroDivisionError("nobody there")


def plugin(kind: str, type: str) -> Any:
    assert kind == "rules"
    return {"crowd": Crowd, "broken": Broken}.get(type) or registry.load(kind, type)


def test_a_rule_of_ones_own() -> None:
    watched = Watched(camera(), plugin, extra={"full": {"type": "crowd", "limit": 1}})
    assert watched.frame(0.0, person(IN), person(OUT, id="a-2")) == ["crowd"]
    assert watched.frame(0.2, person(IN), person(OUT, id="a-2", confirmed=False)) == []


MY_RULE = """
from pipeline.core.event import Event
from pipeline.core.options import Options as BaseOptions


class Crowd:
    class Options(BaseOptions):
        limit: int = 5

    def __init__(self, options, camera):
        self.limit = options.limit
        self.camera = camera.name

    def update(self, objects, now):
        inside = [thing for thing in objects if "hall" in thing.zones]
        if len(inside) > self.limit:
            yield Event.instant("crowd", camera=self.camera, at=now, zone="hall", count=len(inside))
"""


def test_a_rule_from_a_file_knows_the_zones_of_objects(tmp_path: Path) -> None:
    file = tmp_path / "my_rule.py"
    file.write_text(MY_RULE)
    watched = Watched(camera(zone=HALL), registry.load, extra={"full": {"type": f"{file}:Crowd", "limit": 1}})
    for n in range(3):
        watched.frame(n / 5, person(IN), person(IN, id="a-2"))
    assert [(event.type, event.zone) for event in watched.events if event.type == "crowd"] == [("crowd", "hall")]
    assert watched.events[-1].data == {"count": 2}


def test_options_that_a_rule_does_not_have_are_named() -> None:
    with pytest.raises(PluginError, match=r"rules\.extra\.full: most: Extra inputs are not permitted"):
        Watched(camera(), plugin, extra={"full": {"type": "crowd", "most": 1}})


def test_a_rule_that_fails_hides_nothing_and_rests_after_three() -> None:
    watched = Watched(
        camera(zone=HALL), plugin, extra={"mine": {"type": "broken"}, "full": {"type": "crowd", "limit": 0}}
    )
    for n in range(3):
        with pytest.raises(PluginError, match="rule mine: ZeroDivisionError: nobody there"):
            watched.frame(n / 5, person(IN))
    assert [event.type for event in watched.events] == ["crowd", "crowd", "zone_enter", "crowd"]
    for n in range(3, 300):
        watched.frame(n / 5, person(IN))
    assert Broken.calls == 3
    with pytest.raises(PluginError):
        watched.frame(60.5, person(IN))
    watched.frame(60.7, person(IN))
    assert Broken.calls == 4


def test_built_in_rules_are_had_by_name_as_any_other() -> None:
    asked = list[str]()

    def noting(kind: str, type: str) -> Any:
        asked.append(f"{kind}/{type}")
        return registry.load(kind, type)

    Watched(camera(), noting, no_motion={"seconds": 5}, tamper={"enabled": True})
    assert asked == [f"rules/{name}" for name in (*OF_OBJECTS, "no_motion", "tamper")]
    assert {*registry.BUILT_IN["rules"]} == {*OF_OBJECTS, "no_motion", "tamper"}


def test_without_zones_and_lines_nothing_is_told() -> None:
    assert Watched(camera()).walk([ABOVE, BELOW, IN, OUT, None]) == []


def test_boxes_of_every_size_enter() -> None:
    sizes: list[Box] = [at(0.5, 0.5, width, height) for width, height in [(0.01, 0.02), (0.5, 0.45), (0.98, 0.5)]]
    for box in sizes:
        watched = Watched(camera(zone=HALL))
        for n in range(3):
            watched.frame(n / 5, person(IN, box=box))
        assert [event.type for event in watched.events] == ["zone_enter"]
