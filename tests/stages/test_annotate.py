import pytest

from pipeline.core.camera import Camera, Line, Zone
from pipeline.core.colours import colour_of
from pipeline.core.context import Mark
from pipeline.core.objects import TrackedObject
from pipeline.stages.annotate import EMPTY, OCCUPIED, Annotate
from tests.stages.scene import START, at, context, setup

HALL = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
LINE = {"from": (0.2, 0.5), "to": (0.8, 0.5)}


def person(x: float, y: float, id: str = "a-1", **more: bool | list[str]) -> TrackedObject:
    return TrackedObject(id, "person", 0.9, at(x, y), START, **more)  # type: ignore[arg-type]


class Watched:
    """An annotate stage, fed by hand."""

    def __init__(self, camera: Camera, **options: bool | float) -> None:
        self.camera = camera
        self.stage = Annotate(Annotate.Options(**options), setup(camera))  # type: ignore[arg-type]

    def frame(self, seconds: float, *objects: TrackedObject) -> list[Mark]:
        ctx = context(self.camera, seconds, objects=objects)
        self.stage.process(ctx)
        return ctx.draw.marks


def test_a_zone_is_highlighted_while_somebody_is_inside() -> None:
    watched = Watched(Camera(name="lobby", zones={"hall": Zone(coordinates=HALL)}))
    (empty,) = watched.frame(0.0)
    assert (empty.kind, empty.points, empty.text, empty.colour) == ("polygon", list(HALL), "hall", EMPTY)
    inside = [person(0.5, 0.5, zones=["hall"]), person(0.4, 0.5, "a-2", zones=["hall"]), person(0.9, 0.9, "a-3")]
    (occupied,) = watched.frame(0.2, *inside)
    assert (occupied.text, occupied.colour) == ("hall: 2", OCCUPIED)
    assert watched.frame(0.4, person(0.5, 0.5, zones=["hall"], confirmed=False))[0].colour == EMPTY
    assert watched.frame(0.6, person(0.5, 0.5, zones=["hall"], measured=False, lost=True))[0].colour == EMPTY


def test_a_line_counts_who_came_out_where() -> None:
    watched = Watched(Camera(name="lobby", lines={"door": Line.model_validate(LINE)}), trails=0)
    texts = [watched.frame(n / 5, person(0.5, y))[0].text for n, y in enumerate([0.4, 0.6, 0.4, 0.6, 0.9])]
    assert texts == [
        "door: 0 left, 0 right",
        "door: 0 left, 1 right",
        "door: 1 left, 1 right",
        "door: 1 left, 2 right",
        "door: 1 left, 2 right",
    ]


def test_a_line_with_a_direction_counts_only_that() -> None:
    watched = Watched(
        Camera(name="lobby", lines={"door": Line.model_validate({**LINE, "direction": "left"})}), trails=0
    )
    watched.frame(0.0, person(0.5, 0.4))
    assert watched.frame(0.2, person(0.5, 0.6))[0].text == "door: 0 left"


def test_zones_and_lines_are_in_layers_that_a_viewer_may_switch_off() -> None:
    zone = Zone(coordinates=((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)))
    watched = Watched(Camera(name="lobby", zones={"hall": zone}, lines={"door": Line.model_validate(LINE)}))
    assert [mark.layer for mark in watched.frame(0.0)] == ["zones", "lines"]


def test_a_trail_follows_an_object_for_its_seconds() -> None:
    watched = Watched(Camera(name="lobby"), trails=1.0)
    for n in range(10):
        marks = watched.frame(n / 5, person(0.1 + n * 0.05, 0.5))
    (trail,) = marks
    assert (trail.kind, trail.colour, trail.layer) == ("line", colour_of("person"), "trails")
    assert [x for x, _ in trail.points] == pytest.approx([0.3, 0.35, 0.4, 0.45, 0.5, 0.55])


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(person(0.5, 0.5, confirmed=False), id="not believed"),
        pytest.param(person(0.5, 0.5, lost=True, measured=False), id="lost"),
        pytest.param(person(0.5, 0.5, "a-2"), id="somebody else"),
    ],
)
def test_no_trail_is_drawn_for(last: TrackedObject) -> None:
    watched = Watched(Camera(name="lobby"))
    for n in range(5):
        watched.frame(n / 5, person(0.1 + n * 0.05, 0.5))
    assert watched.frame(1.0, last) == []


def test_what_stands_still_has_no_trail() -> None:
    watched = Watched(Camera(name="lobby"))
    assert all(watched.frame(n / 5, person(0.5 + n % 2 * 0.001, 0.5)) == [] for n in range(20))


def test_nothing_is_drawn_that_was_not_asked_for() -> None:
    camera = Camera(name="lobby", zones={"hall": Zone(coordinates=HALL)}, lines={"door": Line.model_validate(LINE)})
    watched = Watched(camera, zones=False, lines=False, trails=0)
    assert [watched.frame(n / 5, person(0.1 + n * 0.05, 0.5)) for n in range(3)] == [[], [], []]
