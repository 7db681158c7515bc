from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.analysis.paint import paint
from pipeline.core.colours import colour_of
from pipeline.core.context import Drawing
from pipeline.core.objects import Box, TrackedObject

GREY = 90


def picture(height: int = 360, width: int = 640) -> NDArray[np.uint8]:
    return np.full((height, width, 3), GREY, np.uint8)


def thing(box: Box = (0.25, 0.25, 0.5, 0.75), label: str = "person", **more: Any) -> TrackedObject:
    return TrackedObject("a-1", label, 0.87, box, 0.0, **more)


def is_colour(image: NDArray[np.uint8], label: str) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (image == np.array(colour_of(label)[::-1], np.uint8)).all(axis=-1)
    return same


def test_a_box_is_painted_where_the_object_is() -> None:
    image = picture()
    paint(image, [thing()], [])
    painted = is_colour(image, "person")
    for row, column in [(180, 160), (180, 320), (270, 240), (90, 300)]:
        assert painted[row, column], f"an edge passes {column}, {row}"
    assert not painted[180, 200:280].any(), "inside, the picture stays as it is"
    assert (image[:60] == GREY).all() and (image[300:] == GREY).all()


def test_a_box_that_was_not_measured_shows_its_corners() -> None:
    image = picture()
    paint(image, [thing(measured=False)], [])
    painted = is_colour(image, "person")
    assert painted[265, 160] and painted[270, 170]
    assert not painted[180, 160] and not painted[270, 240]


def test_a_box_at_rest_stays_closed_while_nobody_looks() -> None:
    image = picture()
    paint(image, [thing(measured=False, stationary=True)], [])
    painted = is_colour(image, "person")
    assert painted[180, 160] and painted[270, 240]


def test_what_is_known_of_an_object_stands_beside_its_label() -> None:
    plain, told = picture(), picture()
    paint(plain, [thing()], [])
    paint(told, [thing(attributes={"colour": "red"})], [])
    wider = [is_colour(image, "person")[:90].any(axis=0).sum() for image in (plain, told)]
    assert wider[1] > wider[0]


def test_a_lost_object_is_left_out() -> None:
    image = picture()
    paint(image, [thing(lost=True, measured=False)], [])
    assert (image == GREY).all()


@pytest.mark.parametrize(
    ("height", "width"),
    [
        pytest.param(120, 160, id="a thumbnail"),
        pytest.param(720, 1280, id="720p"),
        pytest.param(2160, 3840, id="4k"),
        pytest.param(640, 360, id="upright"),
    ],
)
def test_the_label_stays_in_the_picture_and_grows_with_it(height: int, width: int) -> None:
    for box in [(0.0, 0.0, 0.2, 0.2), (0.9, 0.0, 1.0, 1.0), (0.9, 0.95, 1.0, 1.0)]:
        image = picture(height, width)
        paint(image, [thing(box)], [])
        rows = np.flatnonzero(is_colour(image, "person").sum(axis=1) > 4 * height / 100)
        assert max(11, height // 45) <= len(rows)


def test_text_beyond_ascii_is_painted() -> None:
    proper, replaced = picture(), picture()
    paint(proper, [], drawn_text("Größe").marks)
    paint(replaced, [], drawn_text("Gr??e").marks)
    assert not np.array_equal(proper, replaced)


def drawn_text(text: str) -> Drawing:
    draw = Drawing()
    draw.text((0.5, 0.5), text)
    return draw


def test_marks_of_every_kind_are_painted_in_their_colour() -> None:
    red = (255, 0, 0)
    draws = [Drawing() for _ in range(5)]
    draws[0].box(0.2, 0.2, 0.4, 0.4, "box", red)
    draws[1].line((0.1, 0.5), (0.9, 0.5), red, text="line")
    draws[2].polygon([(0.2, 0.2), (0.8, 0.2), (0.5, 0.8)], red, text="polygon")
    draws[3].text((0.5, 0.5), "text", red)
    draws[4].path([(0.1, 0.1), (0.5, 0.5), (0.9, 0.1)], red)
    for draw in draws:
        image = picture()
        paint(image, [], draw.marks)
        reddish = image[..., 2].astype(int) - image[..., 0] > 100
        assert reddish.sum() > 100, draw.marks[0].kind


def test_a_path_is_open_and_a_polygon_closed() -> None:
    points = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8)]
    closed, path = Drawing(), Drawing()
    closed.polygon(points)
    path.path(points)
    middle = []
    for draw in (closed, path):
        image = picture()
        paint(image, [], draw.marks)
        middle.append(bool((image[170:190, 310:330] != GREY).any()))
    assert middle == [True, False]


edges = st.floats(0, 1)


@settings(deadline=None)
@given(edges, edges, edges, edges, st.text(max_size=40))
def test_no_box_and_no_label_breaks_the_painter(x1: float, y1: float, x2: float, y2: float, label: str) -> None:
    box = min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
    draw = drawn_text(label)
    draw.path([(x1, y1)])
    draw.path([])
    paint(picture(90, 160), [thing(box, label), thing(box, label, measured=False)], draw.marks)


def test_threads_paint_alike() -> None:
    def painted(_: int) -> bytes:
        image = picture()
        for size in range(20):
            paint(image, [thing((0.1, 0.1, 0.2 + size / 40, 0.9))], drawn_text(f"number {size}").marks)
        return image.tobytes()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(painted, range(8)))) == 1
