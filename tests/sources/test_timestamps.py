from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.timestamps import Timestamps

Told = list[tuple[int | None, int | None]]
STEP = 3600

CASES: list[tuple[str, int, Told, Told]] = [
    ("a camera that began long ago", 0, [(900_000, 900_000), (903_600, 903_600)], [(0, 0), (3600, 3600)]),
    ("no times at all", 0, [(None, None), (None, None)], [(0, 0), (3600, 3600)]),
    ("the first without time", 0, [(None, None), (50_000, 50_000)], [(0, 0), (3600, 3600)]),
    ("only pts", 0, [(100, None), (3700, None)], [(0, 0), (3600, 3600)]),
    ("one without time in between", 0, [(0, 0), (None, None), (7200, 7200)], [(0, 0), (3600, 3600), (7200, 7200)]),
    ("the same time twice", 0, [(0, 0), (0, 0), (3600, 3600)], [(0, 0), (1, 1), (3600, 3600)]),
    ("a gap stays a gap", 0, [(0, 0), (90_000, 90_000)], [(0, 0), (90_000, 90_000)]),
    ("clock set back", 0, [(900_000, 900_000), (0, 0), (3600, 3600)], [(0, 0), (3600, 3600), (7200, 7200)]),
    ("B-frames", 2, [(0, -7200), (7200, -3600), (3600, 0)], [(7200, 0), (14_400, 3600), (10_800, 7200)]),
    ("B-frames, only pts", 2, [(0, None), (7200, None), (3600, None)], [(7200, 0), (14_400, 3600), (10_800, 7200)]),
]


@pytest.mark.parametrize(
    ("reorder_frames", "told", "placed"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_placed_in_time(reorder_frames: int, told: Told, placed: Told) -> None:
    times = Timestamps(STEP, reorder_frames=reorder_frames)
    assert [times.place(pts, dts) for pts, dts in told] == placed


def test_a_stream_goes_on_where_it_is_told_to() -> None:
    times = Timestamps(STEP, begin_90k=1000)
    assert times.place(77, 77) == (1000, 1000)
    assert times.next_90k == 1000 + STEP


ticks = st.none() | st.integers(-(2**40), 2**40)


@given(st.lists(st.tuples(ticks, ticks), max_size=50), st.integers(0, 4))
def test_decoding_never_goes_back_and_pictures_never_come_before_it(told: Told, reorder_frames: int) -> None:
    times = Timestamps(STEP, reorder_frames=reorder_frames)
    placed = [times.place(pts, dts) for pts, dts in told]
    assert all(before[1] < after[1] for before, after in pairwise(placed))
    assert all(pts >= dts >= 0 for pts, dts in placed)
