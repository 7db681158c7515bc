from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.camera import Camera
from pipeline.core.context import Context
from pipeline.core.frame import Frame
from pipeline.core.objects import Box, TrackedObject
from pipeline.stages.background import WHOLE
from pipeline.stages.regions import Region, Regions

WH = (1920, 1080)
SIZE = 640


def context(motion: tuple[Box, ...] | None, *held: Box, wh: tuple[int, int] = WH) -> Context:
    picture = av.VideoFrame(*wh, "yuv420p")
    frame = Frame(picture, camera="lobby", seq=0, pts_90k=0, captured_at=0.0)
    before = tuple(TrackedObject(str(n), "person", 0.9, box, first_seen_at=0.0) for n, box in enumerate(held))
    return Context(frame, Camera(name="lobby"), emit=lambda event: None, motion=motion, before=before)


def around(x: float, y: float, px: float = 50) -> Box:
    """A square box of so many pixels in the middle of which is (x, y)."""
    return x - px / 2 / WH[0], y - px / 2 / WH[1], x + px / 2 / WH[0], y + px / 2 / WH[1]


def middle(region: Region) -> tuple[float, float]:
    return (region[0] + region[2]) / 2 / WH[0], (region[1] + region[3]) / 2 / WH[1]


@pytest.mark.parametrize(
    ("motion", "held", "expected"),
    [
        pytest.param((), [], [], id="nothing"),
        pytest.param((around(0.5, 0.5),), [], [(0.5, 0.5)], id="around what moves"),
        pytest.param((), [around(0.5, 0.5)], [(0.5, 0.5)], id="around a small object"),
        pytest.param((), [around(0.5, 0.5, 300)], [], id="a large object is seen as it is"),
        pytest.param((around(0.45, 0.5), around(0.55, 0.5)), [], [(0.5, 0.5)], id="what is near shares a region"),
        pytest.param((around(0.3, 0.5), around(0.7, 0.5)), [], [(0.3, 0.5), (0.7, 0.5)], id="what is not does not"),
        pytest.param((around(0.5, 0.5),), [around(0.5, 0.5)], [(0.5, 0.5)], id="the same by both"),
    ],
)
def test_where_one_looks_closely(motion: tuple[Box, ...], held: list[Box], expected: list[tuple[float, float]]) -> None:
    regions = Regions(SIZE, 4).of(context(motion, *held))
    assert [middle(region) for region in regions] == [pytest.approx(at, abs=0.002) for at in expected]
    assert all(region[2] - region[0] == region[3] - region[1] == SIZE for region in regions)


@pytest.mark.parametrize("motion", [(WHOLE,), None])
def test_a_picture_that_is_new_as_a_whole_is_seen_all_over_in_turns(motion: Any) -> None:
    regions, seen = Regions(SIZE, 2), np.zeros(WH[::-1], bool)
    for _ in range(4):
        chosen = regions.of(context(motion))
        assert len(chosen) == 2
        for x1, y1, x2, y2 in chosen:
            seen[y1:y2, x1:x2] = True
    assert seen.all()


def test_where_too_much_moves_it_takes_turns() -> None:
    motion = tuple(around(x, y) for x in (0.1, 0.5, 0.9) for y in (0.2, 0.8))
    regions = Regions(SIZE, 4)
    chosen = [region for _ in range(3) for region in regions.of(context(motion))]
    assert len(chosen) == 12
    assert {chosen.count(region) for region in chosen} == {2}


@pytest.mark.parametrize("wh", [(640, 360), (640, 480), (320, 240), (1280, 480)])
def test_a_picture_that_is_hardly_larger_has_no_regions(wh: tuple[int, int]) -> None:
    assert Regions(SIZE, 4).of(context(None, wh=wh)) == []


@given(
    st.lists(st.tuples(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.01, 0.3), st.floats(0.01, 0.3)), max_size=12),
    st.integers(64, 900),
    st.integers(1, 12),
)
def test_regions_lie_in_the_picture_and_what_they_are_for_lies_in_them(boxes: list[Box], size: int, most: int) -> None:
    motion = tuple((x, y, min(1.0, x + w), min(1.0, y + h)) for x, y, w, h in boxes)
    chosen = Regions(size, most).of(context(motion))
    assert len(chosen) <= most
    for x1, y1, x2, y2 in chosen:
        assert 0 <= x1 < x2 <= WH[0] and 0 <= y1 < y2 <= WH[1]
        assert x2 - x1 <= size + 2 and y2 - y1 <= size + 2
    everything = Regions(size, 10_000).of(context(motion)) if min(WH) > 0.8 * size else []
    for box in motion if everything else ():
        in_pixels = [edge * side for edge, side in zip(box, WH * 2, strict=True)]
        if max(in_pixels[2] - in_pixels[0], in_pixels[3] - in_pixels[1]) <= 0.8 * size:
            assert any(
                r[0] - 2 <= in_pixels[0]
                and r[1] - 2 <= in_pixels[1]
                and r[2] + 2 >= in_pixels[2]
                and r[3] + 2 >= in_pixels[3]
                for r in everything
            )
