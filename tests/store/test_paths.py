"""Where objects went: few points that show the way, with its event, in the store."""

from itertools import pairwise
from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.event import Event
from pipeline.core.messages import FrameResult
from pipeline.core.objects import TrackedObject
from pipeline.store.paths import MOST_POINTS, REMEMBERED, STEP, ObjectPaths, _distance, thinned, write_paths
from pipeline.store.store import EventStore


def frame(at: float, x: float, y: float, name: str = "walker", *, measured: bool = True) -> FrameResult:
    """An object that stands at (x, y)."""
    seen = TrackedObject(
        id=name, label="person", score=0.6, box=(x - 0.1, y - 0.3, x + 0.1, y), first_seen_at=0.0, measured=measured
    )
    return FrameResult("lobby", 0, 0, at, 0.1, [seen], [])


def followed(*points: tuple[float, float]) -> ObjectPaths:
    paths = ObjectPaths()
    for at, (x, y) in enumerate(points):
        paths.update(frame(float(at), x, y))
    return paths


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param([(0.5, 0.5)], [(0, 0.5, 0.5)], id="one that was seen once"),
        pytest.param([(0.5, 0.5)] * 9, [(0, 0.5, 0.5)], id="one that stands still"),
        pytest.param([(0.5, 0.5), (0.502, 0.5), (0.5, 0.503)], [(0, 0.5, 0.5)], id="a box that trembles"),
        pytest.param([(n / 10, 0.5) for n in range(9)], [(0, 0.0, 0.5), (8, 0.8, 0.5)], id="straight on"),
        pytest.param(
            [(0.1, 0.2), (0.2, 0.2), (0.3, 0.2), (0.3, 0.3), (0.3, 0.4)],
            [(0, 0.1, 0.2), (2, 0.3, 0.2), (4, 0.3, 0.4)],
            id="round a corner",
        ),
        pytest.param(
            [(0.1, 0.2), (0.2, 0.2), (0.3, 0.2), (0.2, 0.2), (0.1, 0.2)],
            [(0, 0.1, 0.2), (2, 0.3, 0.2), (4, 0.1, 0.2)],
            id="there and back",
        ),
    ],
)
def test_a_path_has_the_points_that_show_it(
    points: list[tuple[float, float]], expected: list[tuple[float, float, float]]
) -> None:
    assert followed(*points).take_all() == {"walker": expected}


def test_only_what_was_measured_counts() -> None:
    paths = followed((0.1, 0.5))
    paths.update(frame(1.0, 0.9, 0.5, measured=False))
    assert paths.take_all() == {"walker": [(0.0, 0.1, 0.5)]}


def test_what_did_not_change_is_not_taken_again_and_goes_on_when_it_does() -> None:
    paths = followed((0.1, 0.5))
    assert paths.take_all().keys() == {"walker"}
    assert paths.take_all() == {}
    paths.update(frame(9.0, 0.4, 0.5))
    assert paths.take_all() == {"walker": [(0.0, 0.1, 0.5), (9.0, 0.4, 0.5)]}


def test_a_long_walk_keeps_its_shape_in_few_points() -> None:
    circle = [(0.5 + 0.3 * cos(n * pi / 100), 0.5 + 0.3 * sin(n * pi / 100)) for n in range(2_000)]
    (path,) = followed(*circle).take_all().values()
    assert 10 < len(path) <= MOST_POINTS
    assert path[-1][0] > 1_900, "to the end"
    assert {round(((x - 0.5) ** 2 + (y - 0.5) ** 2) ** 0.5, 3) for _, x, y in path} == {0.3}


def test_no_more_objects_are_remembered_than_there_is_room_for() -> None:
    paths = ObjectPaths()
    for n in range(REMEMBERED + 5):
        paths.update(frame(float(n), 0.5, 0.5, f"object-{n}"))
    assert len(paths.take_all()) == REMEMBERED


@given(st.lists(st.tuples(st.just(0.0), st.floats(0, 1), st.floats(0, 1)), max_size=30))
def test_nothing_left_out_is_far_from_the_line(path: list[tuple[float, float, float]]) -> None:
    kept = thinned(path, STEP)
    assert thinned(path, 0.0)[:1] == kept[:1] == path[:1] and kept[-1:] == path[-1:]
    stretches = [*pairwise(kept)] or [(point, point) for point in kept]
    for point in path:
        assert min(_distance(point, start, end) for start, end in stretches) <= STEP + 1e-9


def test_it_is_kept_with_its_event(store: EventStore) -> None:
    walker = Event(id="walker", type="object", camera="lobby", started_at=1.0, ended_at=9.0)
    store.save(walker).result(timeout=10)
    first, longer = [(1.0, 0.5, 0.5)], [(1.0, 0.5, 0.5), (2.25, 0.6125, 0.5)]
    for path in (first, longer):
        both = {"walker": path, "nobody": path}
        store.edit(lambda connection, both=both: write_paths(connection, both)).result(timeout=10)  # type: ignore[misc]
        assert store.path("walker") == path
    assert store.path("nobody") == []
    store.remove(["walker"]).result(timeout=10)
    assert store.path("walker") == []
