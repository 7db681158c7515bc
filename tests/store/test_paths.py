"""Where objects were, and when: few boxes, with the event, in the store."""

from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.event import Event
from pipeline.core.event_path import PathPoint, box_at
from pipeline.core.messages import FrameResult
from pipeline.core.objects import TrackedObject
from pipeline.store.paths import MOST_POINTS, REMEMBERED, STEP, ObjectPaths, thinned, write_paths
from pipeline.store.store import EventStore


def point(at: float, x: float, y: float) -> PathPoint:
    """Of a box whose middle is (x, y)."""
    return at, round(x - 0.1, 4), round(y - 0.2, 4), round(x + 0.1, 4), round(y + 0.2, 4)


def frame(at: float, x: float, y: float, name: str = "walker", *, measured: bool = True) -> FrameResult:
    _, *box = point(at, x, y)
    seen = TrackedObject(
        id=name, label="person", score=0.6, box=(box[0], box[1], box[2], box[3]), first_seen_at=0.0, measured=measured
    )
    return FrameResult("lobby", 0, 0, at, 0.1, [seen], [])


def followed(*points: tuple[float, float]) -> ObjectPaths:
    paths = ObjectPaths()
    for at, (x, y) in enumerate(points):
        paths.update(frame(float(at), x, y))
    return paths


@pytest.mark.parametrize(
    ("points", "kept"),
    [
        pytest.param([(0.5, 0.5)], [0], id="one that was seen once"),
        pytest.param([(0.5, 0.5)] * 9, [0, 8], id="one that stands still"),
        pytest.param([(0.5, 0.5), (0.502, 0.5), (0.5, 0.503)], [0, 2], id="a box that trembles"),
        pytest.param([(n / 10, 0.5) for n in range(9)], [0, 8], id="evenly on"),
        pytest.param([(0.1, 0.5), (0.2, 0.5), (0.3, 0.5), (0.5, 0.5), (0.7, 0.5)], [0, 2, 4], id="faster"),
        pytest.param([(0.1, 0.2), (0.2, 0.2), (0.3, 0.2), (0.3, 0.3), (0.3, 0.4)], [0, 2, 4], id="round a corner"),
        pytest.param([(0.1, 0.2), (0.2, 0.2), (0.3, 0.2), (0.2, 0.2), (0.1, 0.2)], [0, 2, 4], id="there and back"),
        pytest.param([(0.5, 0.5)] * 5 + [(0.6, 0.5), (0.7, 0.5)], [0, 4, 6], id="after a rest"),
    ],
)
def test_a_path_has_the_points_that_show_it(points: list[tuple[float, float]], kept: list[int]) -> None:
    assert followed(*points).take_all() == {"walker": [point(float(at), *points[at]) for at in kept]}


def test_only_what_was_measured_counts() -> None:
    paths = followed((0.1, 0.5))
    paths.update(frame(1.0, 0.9, 0.5, measured=False))
    assert paths.take_all() == {"walker": [point(0.0, 0.1, 0.5)]}


def test_what_did_not_change_is_not_taken_again_and_goes_on_when_it_does() -> None:
    paths = followed((0.1, 0.5))
    assert paths.take_all().keys() == {"walker"}
    assert paths.take_all() == {}
    paths.update(frame(9.0, 0.4, 0.5))
    assert paths.take_all() == {"walker": [point(0.0, 0.1, 0.5), point(9.0, 0.4, 0.5)]}


def test_a_long_walk_keeps_its_shape_in_few_points() -> None:
    circle = [(0.5 + 0.3 * cos(n * pi / 100), 0.5 + 0.3 * sin(n * pi / 100)) for n in range(2_000)]
    (path,) = followed(*circle).take_all().values()
    assert 10 < len(path) <= MOST_POINTS
    assert path[-1][0] == 1_999, "to the end"
    for _, x1, y1, x2, y2 in path:
        assert ((x1 + x2) / 2 - 0.5) ** 2 + ((y1 + y2) / 2 - 0.5) ** 2 == pytest.approx(0.09, abs=1e-3)


def test_a_rest_is_no_news() -> None:
    paths = followed(*[(0.5, 0.5)] * 3)
    paths.take_all()
    paths.update(frame(3.0, 0.5, 0.5))
    assert paths.take_all() == {}


def test_no_more_objects_are_remembered_than_there_is_room_for() -> None:
    paths = ObjectPaths()
    for n in range(REMEMBERED + 5):
        paths.update(frame(float(n), 0.5, 0.5, f"object-{n}"))
    assert len(paths.take_all()) == REMEMBERED


edges = st.floats(0, 1)


@given(st.lists(st.tuples(edges, edges, edges, edges), max_size=30))
def test_nothing_left_out_is_far_from_where_it_was(boxes: list[tuple[float, float, float, float]]) -> None:
    path = [(float(at), *box) for at, box in enumerate(boxes)]
    kept = thinned(path, STEP)
    assert kept[:1] == path[:1] and kept[-1:] == path[-1:]
    for at, *box in path:
        assert box_at(kept, at) == pytest.approx(tuple(box), abs=STEP + 1e-9)


def test_where_it_was_at_a_time() -> None:
    path = [point(10.0, 0.2, 0.5), point(12.0, 0.4, 0.5)]
    assert box_at(path, 9.9) is None
    assert box_at(path, 11.0) == pytest.approx(point(11.0, 0.3, 0.5)[1:])
    assert box_at(path, 50.0) == path[-1][1:]
    assert box_at([], 1.0) is None


def test_it_is_kept_with_its_event(store: EventStore) -> None:
    walker = Event(id="walker", type="object", camera="lobby", started_at=1.0, ended_at=9.0)
    store.save(walker).result(timeout=10)
    first, longer = [point(1.0, 0.5, 0.5)], [point(1.0, 0.5, 0.5), point(2.25, 0.6125, 0.5)]
    for path in (first, longer):
        both = {"walker": path, "nobody": path}
        store.edit(lambda connection, both=both: write_paths(connection, both)).result(timeout=10)  # type: ignore[misc]
        assert store.path("walker") == path
    assert store.path("nobody") == []
    store.remove(["walker"]).result(timeout=10)
    assert store.path("walker") == []
