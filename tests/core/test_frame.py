from threading import Thread

import av
import numpy as np
import pytest

from pipeline.core.frame import Frame, Image, Scaler, cropped_xyxy


def halves(width: int = 64, height: int = 48) -> Image:
    """Left half pure blue, right half pure red."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2, 0] = 255
    image[:, width // 2 :, 2] = 255
    return image


class CountingScaler(Scaler):
    """A Scaler that notes what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, int, str]] = []

    def convert(self, picture: av.VideoFrame, width: int, height: int, pixel_format: str) -> Image:
        self.asked.append((width, height, pixel_format))
        return super().convert(picture, width, height, pixel_format)


def frame_of(picture: av.VideoFrame, scaler: Scaler | None = None) -> Frame:
    return Frame(picture, camera="lobby", seq=7, pts_90k=900, captured_at=12.5, scaler=scaler)


def test_it_knows_where_and_when_it_was_taken() -> None:
    frame = frame_of(av.VideoFrame(64, 48, "yuv420p"))
    assert (frame.camera, frame.seq, frame.pts_90k, frame.captured_at) == ("lobby", 7, 900, 12.5)
    assert frame.resolution_wh == (64, 48)


def test_an_array_comes_back_as_it_went_in() -> None:
    assert np.array_equal(Frame.from_bgr(halves()).bgr(), halves())


def test_an_array_that_is_not_contiguous_is_taken_too() -> None:
    flipped = halves()[:, ::-1]
    assert np.array_equal(Frame.from_bgr(flipped).bgr(), flipped)


def test_rgb_is_the_other_way_round() -> None:
    assert np.array_equal(Frame.from_bgr(halves()).rgb(), halves()[..., ::-1])


def test_gray_has_one_plane() -> None:
    gray = Frame.from_bgr(np.full((48, 64, 3), 255, np.uint8)).gray()
    assert gray.shape == (48, 64)
    assert gray.min() > 230


def test_a_frame_that_stays_does_not_grow_with_what_is_asked_of_it() -> None:
    scaler = CountingScaler()
    frame = frame_of(av.VideoFrame(64, 48, "yuv420p"), scaler)
    for _ in range(2):
        for height in range(2, 42, 2):
            assert frame.gray(64, height).shape == (height, 64)
    assert len(scaler.asked) == 20 + 12


def test_nothing_is_converted_until_somebody_asks_and_then_once() -> None:
    scaler = CountingScaler()
    frame = frame_of(av.VideoFrame.from_ndarray(halves(), format="bgr24"), scaler)
    assert scaler.asked == []
    assert frame.bgr() is frame.bgr(64, 48)
    assert frame.bgr(32, 24) is frame.bgr(32, 24)
    frame.gray(32, 24)
    assert scaler.asked == [(64, 48, "bgr24"), (32, 24, "bgr24"), (32, 24, "gray")]


def test_what_is_shared_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Frame.from_bgr(halves()).bgr()[0, 0] = 1


@pytest.mark.parametrize("pixel_format", ["yuv420p", "bgr24"])
@pytest.mark.parametrize("size", [(64, 48), (32, 24)], ids=str)
@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "not kept"])
def test_a_canvas_is_the_callers_own(pixel_format: str, size: tuple[int, int], is_kept: bool) -> None:
    frame = frame_of(av.VideoFrame.from_ndarray(halves(), format="bgr24").reformat(format=pixel_format))
    expected = frame_of(frame.picture).bgr(*size).copy()
    if is_kept:
        frame.bgr(*size)
    canvas = frame.canvas(*size)
    assert np.array_equal(canvas, expected)
    canvas[:] = 7
    assert np.array_equal(frame.canvas(*size), expected)
    assert np.array_equal(frame.bgr(*size), expected)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "nv12", "yuv422p", "gray", "bgr24"])
@pytest.mark.parametrize(
    ("size_wh", "wanted_wh"),
    [
        pytest.param((64, 48), (32, 24), id="halved"),
        pytest.param((64, 48), (65, 49), id="to odd sizes"),
        pytest.param((63, 47), (63, 47), id="from odd sizes"),
        pytest.param((63, 47), (31, 17), id="from odd to odd"),
        pytest.param((64, 48), (2, 2), id="to almost nothing"),
        pytest.param((176, 144), (640, 384), id="enlarged"),
    ],
)
def test_sizes(pixel_format: str, size_wh: tuple[int, int], wanted_wh: tuple[int, int]) -> None:
    picture = av.VideoFrame.from_ndarray(halves(*size_wh), format="bgr24").reformat(format=pixel_format)
    frame = frame_of(picture)
    width, height = wanted_wh
    assert frame.bgr(width, height).shape == frame.rgb(width, height).shape == (height, width, 3)
    assert frame.gray(width, height).shape == (height, width)
    assert frame.bgr(width, height).dtype == np.uint8


def test_a_scaled_picture_keeps_its_colours_in_their_places() -> None:
    small = Frame.from_bgr(halves()).bgr(31, 23)
    assert tuple(small[11, 4]) == (255, 0, 0)
    assert tuple(small[11, 26]) == (0, 0, 255)


def test_one_scaler_serves_several_threads() -> None:
    def convert(image: Image) -> None:
        for _ in range(20):
            frame = frame_of(av.VideoFrame.from_ndarray(image, format="bgr24"), scaler)
            results.append(np.array_equal(frame.rgb(), image[..., ::-1]))

    scaler, results = Scaler(), list[bool]()
    threads = [Thread(target=convert, args=(np.full((48, 64, 3), shade, np.uint8),)) for shade in (10, 120, 250)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 60


def test_what_it_keeps_for_sizes_that_were_asked_for_is_bounded() -> None:
    scaler = Scaler()
    picture = av.VideoFrame.from_ndarray(halves(), format="bgr24")
    for height in range(2, 100):
        assert scaler.convert(picture, 16, height, "gray").shape == (height, 16)
    assert len(scaler._reformatters) <= 12


@pytest.mark.parametrize("matrix", [1, 6], ids=["BT.709", "BT.601"])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p"])
def test_a_picture_shrinks_to_the_colours_that_it_has(pixel_format: str, matrix: int) -> None:
    picture = av.VideoFrame.from_ndarray(halves(640, 360), format="bgr24").reformat(format=pixel_format)
    picture.colorspace = matrix
    whole, small = frame_of(picture).rgb().astype(int), frame_of(picture).rgb(320, 180).astype(int)
    assert np.abs(small[:, [10, -10]] - whole[::2, [20, -20]]).max() <= 2


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv420p10le", "gray", "nv12"])
def test_pictures_of_any_format_and_odd_size(pixel_format: str) -> None:
    frame = frame_of(av.VideoFrame.from_ndarray(halves(641, 361), format="bgr24").reformat(format=pixel_format))
    assert frame.bgr().shape == (361, 641, 3)
    assert frame.gray(33, 17).shape == (17, 33)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "nv12", "bgr24"])
def test_a_crop_is_that_part_of_the_picture(pixel_format: str) -> None:
    rng = np.random.default_rng(1)
    image = np.repeat(np.repeat(rng.integers(0, 255, (24, 32, 3), dtype=np.uint8), 4, axis=0), 4, axis=1)
    whole = frame_of(av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format=pixel_format))
    part = whole.crop(9, 21, 80, 60)
    assert (part.resolution_wh, part.camera, part.seq, part.pts_90k) == ((72, 40), "lobby", 7, 900)
    expected, got = whole.bgr()[20:60, 8:80].astype(int), part.bgr().astype(int)
    assert np.abs(expected - got)[2:-2, 2:-2].max() <= 2, "colours are the same as in the whole picture"


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        pytest.param((-5, -5, 500, 500), (0, 0, 63, 47), id="clipped to an odd picture"),
        pytest.param((10, 10, 10, 10), (10, 10, 12, 12), id="never empty"),
        pytest.param((62, 46, 63, 47), (60, 44, 63, 47), id="at the far edge"),
        pytest.param((3, 5, 9, 11), (2, 4, 10, 12), id="moved out to even pixels"),
    ],
)
def test_what_a_crop_takes(asked: tuple[int, int, int, int], got: tuple[int, int, int, int]) -> None:
    assert cropped_xyxy((63, 47), asked) == got
    assert frame_of(av.VideoFrame(63, 47, "yuv420p")).crop(*asked).resolution_wh == (got[2] - got[0], got[3] - got[1])
