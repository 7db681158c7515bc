import av
import numpy as np
import pytest
from numpy.typing import NDArray

from sources.panorama import Panorama, band

SIZE = (160, 90)
POST = 80
"""Brighter than any post; the photographs of these tests are brighter still."""


def photograph(luma: NDArray[np.float64]) -> av.VideoFrame:
    rows = np.concatenate([luma, np.full((luma.shape[0] // 2, luma.shape[1]), 128.0)])
    return av.VideoFrame.from_ndarray(rows.astype(np.uint8), format="yuv420p")


def brighter_to_the_right(width: int, darkest: int, brightest: int) -> av.VideoFrame:
    return photograph(np.tile(np.linspace(darkest, brightest, width), (90, 1)))


@pytest.fixture(scope="module")
def panorama() -> Panorama:
    shown = [brighter_to_the_right(100, 90, 150), brighter_to_the_right(180, 160, 230)]
    return Panorama([band(picture, 0.0, 1.0, SIZE[1]) for picture in shown], SIZE)


def middle_row(picture: av.VideoFrame) -> NDArray[np.int64]:
    return np.asarray(picture.to_ndarray()[45], np.int64)


@pytest.mark.parametrize("share", [step / 12 for step in range(12)])
def test_photographs_are_never_mirrored_and_meet_at_posts_only(panorama: Panorama, share: float) -> None:
    row = middle_row(panorama.view(share))
    darker = np.flatnonzero(np.diff(row) < -2)
    assert all(row[max(0, at - 6) : at + 8].min() < POST for at in darker)


def test_a_round_begins_at_the_middle_of_the_first_photograph_and_shows_all(panorama: Panorama) -> None:
    rows = [middle_row(panorama.view(step / 12)) for step in range(12)]
    assert rows[0][80] == pytest.approx(120, abs=3)
    middles = [int(row[80]) for row in rows]
    assert max(middles) > 210
    assert min(middles) < 120
    assert (rows[0] < POST).any()


def test_the_end_of_a_round_is_its_beginning(panorama: Panorama) -> None:
    assert np.array_equal(panorama.view(0.0).to_ndarray(), panorama.view(1.0).to_ndarray())


def test_a_view_wider_than_all_photographs_shows_them_again() -> None:
    wide = Panorama([band(brighter_to_the_right(40, 90, 150), 0.0, 1.0, 90)], (320, 90))
    assert wide.view(0.5).width == 320
    assert (middle_row(wide.view(0.5)) < POST).sum() > 20


@pytest.mark.parametrize(
    ("top", "bottom", "first", "last"),
    [(0.0, 1.0, 20, 220), (0.0, 0.5, 20, 120), (0.5, 1.0, 120, 220), (0.25, 0.75, 70, 170)],
    ids=["all of it", "the upper half", "the lower half", "the middle"],
)
def test_a_band_is_what_lies_between_two_shares_of_the_height(top: float, bottom: float, first: int, last: int) -> None:
    brighter_downwards = photograph(np.tile(np.linspace(20, 220, 200)[:, None], (1, 100)))
    luma, *colours = band(brighter_downwards, top, bottom, 90)
    assert luma.shape == (90, round(100 * 90 / 200 / (bottom - top) / 2) * 2)
    assert [plane.shape for plane in colours] == [(45, luma.shape[1] // 2)] * 2
    assert (luma[0].mean(), luma[-1].mean()) == (pytest.approx(first, abs=3), pytest.approx(last, abs=3))
