import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.models.letterbox import GREY, Letterbox
from pipeline.models.ultra import ultralytics

sides = st.integers(16, 4000)


@pytest.mark.parametrize(
    ("frame_wh", "content_wh", "offset_xy", "input_hw"),
    [
        pytest.param((1280, 720), (640, 360), (0, 12), (384, 640), id="16:9"),
        pytest.param((1920, 1080), (640, 360), (0, 12), (384, 640), id="16:9 of any size"),
        pytest.param((640, 480), (640, 480), (0, 0), (480, 640), id="4:3 needs no border"),
        pytest.param((720, 1280), (360, 640), (12, 0), (640, 384), id="upright"),
        pytest.param((320, 180), (640, 360), (0, 12), (384, 640), id="small is scaled up"),
        pytest.param((640, 635), (640, 635), (0, 2), (640, 640), id="an odd border is smaller on top"),
        pytest.param((4000, 10), (640, 2), (0, 15), (32, 640), id="a slit"),
    ],
)
def test_no_more_input_than_the_shape_needs(
    frame_wh: tuple[int, int], content_wh: tuple[int, int], offset_xy: tuple[int, int], input_hw: tuple[int, int]
) -> None:
    assert Letterbox.rectangular(frame_wh, 640) == Letterbox(frame_wh, content_wh, offset_xy, input_hw)


@settings(deadline=None, max_examples=40)
@given(sides, sides)
def test_the_picture_lies_where_ultralytics_puts_it(width: int, height: int) -> None:
    ultralytics()
    from ultralytics.data.augment import LetterBox as Theirs

    ours = Letterbox.rectangular((width, height), 640)
    white = np.full((height, width, 3), 255, np.uint8)
    theirs = Theirs((640, 640), auto=True, stride=32)(image=white)
    canvas = np.zeros((*ours.input_hw, 3), np.uint8)
    ours.fill(canvas, np.full((ours.content_wh[1], ours.content_wh[0], 3), 255, np.uint8))
    np.testing.assert_array_equal(canvas, theirs)


@given(sides, sides, st.sampled_from([(640, 640), (320, 640), (384, 224)]))
def test_a_box_finds_its_way_back(width: int, height: int, input_hw: tuple[int, int]) -> None:
    letterbox = Letterbox.fixed((width, height), input_hw)
    (left, top), (wide, high) = letterbox.offset_xy, letterbox.content_wh
    whole = np.array([[left, top, left + wide, top + high]], np.float32)
    np.testing.assert_allclose(letterbox.to_frame(whole), [[0, 0, width, height]], rtol=1e-5, atol=1e-2)


def test_boxes_end_at_the_frame() -> None:
    boxes = Letterbox.rectangular((1280, 720), 640).to_frame(np.array([[-5, 0, 700, 384]], np.float32))
    np.testing.assert_array_equal(boxes, [[0, 0, 1280, 720]])
    assert boxes.dtype == np.float32


def test_no_boxes_stay_no_boxes() -> None:
    assert Letterbox.rectangular((1280, 720), 640).to_frame(np.zeros((0, 4), np.float32)).shape == (0, 4)


def test_a_used_canvas_is_greyed_again() -> None:
    canvas = np.full((384, 640, 3), 255, np.uint8)
    Letterbox.rectangular((1280, 720), 640).fill(canvas, np.zeros((360, 640, 3), np.uint8))
    assert (canvas[:12] == GREY).all() and (canvas[-12:] == GREY).all() and (canvas[12:-12] == 0).all()


def test_into_the_corner() -> None:
    box = Letterbox.corner((1280, 721), (416, 416))
    assert (box.content_wh, box.offset_xy) == ((416, 234), (0, 0))
    np.testing.assert_allclose(box.to_frame(np.array([[0, 0, 416, 234]], np.float32)), [[0, 0, 1280, 721]])


def test_stretched() -> None:
    box = Letterbox.stretched((1280, 720), (640, 320))
    assert (box.content_wh, box.offset_xy) == ((320, 640), (0, 0))
    np.testing.assert_allclose(box.to_frame(np.array([[160, 320, 320, 640]], np.float32)), [[640, 360, 1280, 720]])
