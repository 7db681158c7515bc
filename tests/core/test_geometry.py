from itertools import pairwise
from math import hypot, isclose

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.core.geometry import (
    XY,
    Anchor,
    Side,
    anchor,
    area,
    clip,
    contains,
    covered,
    crossing,
    depth,
    gap,
    iou,
    offset,
    overlap,
    side,
    thickness,
)
from pipeline.core.objects import Box

SQUARE: list[XY] = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]
HOOK: list[XY] = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.8, 1.0), (0.8, 0.2), (0.0, 0.2)]

# Sixty-fourths are exact in binary: "on the line" is then a fact, not a matter of rounding.
grid = st.integers(0, 64).map(lambda n: n / 64)
points = st.tuples(grid, grid)
boxes = st.tuples(grid, grid, grid, grid).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


@pytest.mark.parametrize(
    ("polygon", "point", "expected"),
    [
        pytest.param(SQUARE, (0.5, 0.5), True, id="in the middle"),
        pytest.param(SQUARE, (0.2, 0.5), True, id="on the left edge"),
        pytest.param(SQUARE, (0.5, 0.8), True, id="on the lower edge"),
        pytest.param(SQUARE, (0.8, 0.8), True, id="on a corner"),
        pytest.param(SQUARE, (0.81, 0.8), False, id="beside a corner, level with an edge"),
        pytest.param(SQUARE, (0.1, 0.2), False, id="level with an edge, before it"),
        pytest.param(HOOK, (0.5, 0.5), False, id="in the bay of a concave polygon"),
        pytest.param(HOOK, (0.9, 0.5), True, id="in the arm of a concave polygon"),
    ],
)
def test_contains(polygon: list[XY], point: XY, expected: bool) -> None:
    assert contains(polygon, point) is expected


@pytest.mark.parametrize(
    ("start", "end", "point", "expected"),
    [
        pytest.param((0.0, 0.5), (1.0, 0.5), (0.5, 0.2), "left", id="going right, left is up"),
        pytest.param((0.0, 0.5), (1.0, 0.5), (0.5, 0.8), "right", id="going right, right is down"),
        pytest.param((1.0, 0.5), (0.0, 0.5), (0.5, 0.2), "right", id="going left, right is up"),
        pytest.param((0.5, 0.0), (0.5, 1.0), (0.2, 0.5), "right", id="going down, right is the picture's left"),
        pytest.param((0.5, 1.0), (0.5, 0.0), (0.2, 0.5), "left", id="going up, left is the picture's left"),
        pytest.param((0.0, 0.5), (0.1, 0.5), (0.9, 0.2), "left", id="beyond the end the line goes on"),
        pytest.param((0.0, 0.5), (1.0, 0.5), (0.5, 0.5), None, id="exactly on it"),
    ],
)
def test_side(start: XY, end: XY, point: XY, expected: Side | None) -> None:
    assert side(start, end, point) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param((0.5, 0.4), (0.5, 0.6), "right", id="down through the middle"),
        pytest.param((0.5, 0.6), (0.5, 0.4), "left", id="up through the middle"),
        pytest.param((0.1, 0.4), (0.1, 0.6), None, id="past the end"),
        pytest.param((0.0, 0.4), (0.4, 0.6), "right", id="slanting through the very end"),
        pytest.param((0.3, 0.4), (0.7, 0.45), None, id="along it, on one side"),
        pytest.param((0.5, 0.4), (0.5, 0.5), "right", id="onto it from the left"),
        pytest.param((0.5, 0.6), (0.5, 0.5), None, id="onto it from the right"),
        pytest.param((0.5, 0.5), (0.5, 0.6), None, id="from it to the right: counted when it came onto it"),
    ],
)
def test_crossing_of_a_line_from_left_to_right(before: XY, after: XY, expected: Side | None) -> None:
    assert crossing(before, after, (0.2, 0.5), (0.8, 0.5)) == expected


@given(st.lists(points, min_size=2, max_size=20))
def test_a_path_crosses_a_long_line_as_often_one_way_as_its_ends_say(path: list[XY]) -> None:
    start, end = (-9.0, 0.5), (9.0, 0.5)
    crossings = [crossing(a, b, start, end) for a, b in pairwise(path)]
    assert crossings.count("right") - crossings.count("left") == (path[-1][1] >= 0.5) - (path[0][1] >= 0.5)


@given(points, points, points, points)
def test_the_way_back_comes_out_on_the_other_side(before: XY, after: XY, start: XY, end: XY) -> None:
    assume(start != end)
    there, back = crossing(before, after, start, end), crossing(after, before, start, end)
    assert (there, back) in {("left", "right"), ("right", "left"), (None, None)}


@given(points, points, points)
def test_turning_a_line_round_swaps_its_sides(start: XY, end: XY, point: XY) -> None:
    assume(start != end)
    assert isclose(offset(start, end, point), -offset(end, start, point), abs_tol=1e-12)


@given(points)
def test_depth_has_the_sign_of_contains_and_is_a_distance(point: XY) -> None:
    distance = depth(SQUARE, point)
    assert (distance >= 0) == contains(SQUARE, point)
    assert abs(distance) <= hypot(0.6, 0.6)


@given(boxes, boxes)
def test_iou_is_symmetric_and_between_0_and_1(one: Box, other: Box) -> None:
    assert iou(one, other) == iou(other, one)
    assert 0 <= iou(one, other) <= 1


@given(boxes)
def test_a_box_is_wholly_itself(box: Box) -> None:
    assume(area(box) > 0)
    assert iou(box, box) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param((0.0, 0.0, 1.0, 1.0), (0.5, 0.0, 1.5, 1.0), 1 / 3, id="half over"),
        pytest.param((0.0, 0.0, 1.0, 1.0), (2.0, 2.0, 3.0, 3.0), 0.0, id="apart"),
        pytest.param((0.0, 0.0, 1.0, 1.0), (1.0, 0.0, 2.0, 1.0), 0.0, id="touching"),
        pytest.param((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0), 0.0, id="both empty"),
    ],
)
def test_iou(one: Box, other: Box, expected: float) -> None:
    assert isclose(iou(one, other), expected)


def test_an_object_stands_where_its_box_ends() -> None:
    assert anchor((0.2, 0.1, 0.4, 0.9)) == pytest.approx((0.3, 0.9))


@pytest.mark.parametrize(
    ("which", "expected"),
    [("top_left", (0.1, 0.2)), ("center", (0.2, 0.5)), ("bottom_center", (0.2, 0.8)), ("center_right", (0.3, 0.5))],
)
def test_points_of_a_box(which: Anchor, expected: XY) -> None:
    assert anchor((0.1, 0.2, 0.3, 0.8), which) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("polygon", "box", "expected"),
    [
        pytest.param(SQUARE, (0.3, 0.3, 0.4, 0.4), 1.0, id="inside"),
        pytest.param(SQUARE, (0.9, 0.3, 1.0, 0.4), 0.0, id="outside"),
        pytest.param(SQUARE, (0.7, 0.3, 0.9, 0.5), 0.5, id="half of it over an edge"),
        pytest.param(SQUARE, (0.7, 0.7, 0.9, 0.9), 0.25, id="over a corner"),
        pytest.param(SQUARE, (0.0, 0.0, 1.0, 1.0), 0.36, id="around it"),
        pytest.param(SQUARE[::-1], (0.7, 0.3, 0.9, 0.5), 0.5, id="the other way round"),
        pytest.param(HOOK, (0.6, 0.0, 1.0, 0.4), 0.75, id="over the bend of a concave polygon"),
        pytest.param([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], (0.25, 0.25, 0.75, 0.75), 0.5, id="cut aslant"),
        pytest.param(SQUARE, (0.5, 0.5, 0.5, 0.5), 1.0, id="a point"),
    ],
)
def test_overlap(polygon: list[XY], box: Box, expected: float) -> None:
    assert overlap(polygon, box) == pytest.approx(expected)


@given(boxes, boxes)
def test_the_overlap_with_a_box_is_what_it_covers(box: Box, other: Box) -> None:
    assume(area(box) > 0)
    x1, y1, x2, y2 = other
    assert overlap([(x1, y1), (x2, y1), (x2, y2), (x1, y2)], box) == pytest.approx(covered(box, other))


@given(boxes, boxes)
def test_a_gap_is_where_boxes_do_not_meet(one: Box, other: Box) -> None:
    assert gap(one, other) == gap(other, one) >= 0
    assert not (gap(one, other) > 0 and covered(one, other) > 0)


def test_gap() -> None:
    assert gap((0.0, 0.0, 0.1, 0.1), (0.4, 0.5, 0.6, 0.6)) == pytest.approx(0.5)
    assert gap((0.0, 0.0, 0.1, 0.1), (0.4, 0.05, 0.6, 0.6)) == pytest.approx(0.3)


def test_clip_keeps_what_is_in_the_picture() -> None:
    assert clip((-0.5, 0.25, 0.5, 1.25)) == (0.0, 0.25, 0.5, 1.0)


@pytest.mark.parametrize(
    ("polygon", "expected"),
    [
        pytest.param([(0, 0), (1, 0), (1, 0.01), (0, 0.01)], 0.01, id="a strip is as thick as it is high"),
        pytest.param([(0.5, 0.5), (0.5, 0.5), (0.5, 0.5)], 0.0, id="a point has no thickness"),
    ],
)
def test_thickness(polygon: list[XY], expected: float) -> None:
    assert thickness(polygon) == pytest.approx(expected, rel=0.02)
