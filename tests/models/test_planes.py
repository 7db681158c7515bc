"""What torch makes of planes, beside what swscale makes of them; on the CPU, the code is the same on CUDA."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from pipeline.analysis.device_scaler import fetched
from pipeline.core.frame import Frame, Image, Scaler
from pipeline.models.backends.torch_backend import TorchNetwork
from pipeline.models.letterbox import Letterbox
from pipeline.models.look import Look
from pipeline.models.planes import Planes
from pipeline.models.ultra import ultralytics
from tests.models.networks import photographs

ultralytics()
import torch  # noqa: E402

FORMATS = ["yuv420p", "yuvj420p", "nv12"]
MATRICES = {"unspecified": 2, "601": int(Colorspace.ITU601), "709": int(Colorspace.ITU709)}
RANGES = [ColorRange.MPEG, ColorRange.JPEG]


def decoded(image: Image, pixel_format: str, matrix: str = "unspecified", values: int = ColorRange.MPEG) -> Frame:
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24").reformat(format=pixel_format)
    picture.colorspace = MATRICES[matrix]
    picture.color_range = ColorRange.JPEG if pixel_format == "yuvj420p" else values
    return Frame(picture, camera="test", seq=0, pts_90k=0, captured_at=0.0)


def planes(frame: Frame) -> Planes:
    made = Planes.of(frame.picture)
    assert made is not None
    return made


def rgb(frame: Frame, width: int, height: int) -> Image:
    made = planes(frame)
    packed = torch.empty((1, made.layout.size), dtype=torch.uint8)
    made.put_onto(packed[0])
    (picture,) = made.layout.rgb(packed, (width, height))
    return np.asarray(picture.permute(1, 2, 0).numpy(), np.uint8)


def swscaled(frame: Frame, width: int, height: int) -> Image:
    """Scaled and turned into colours in one step, whatever `Frame` does to be quick."""
    scaled = frame.picture.reformat(width, height, "rgb24", interpolation=Interpolation.AREA)
    return np.asarray(scaled.to_ndarray(), np.uint8)


@pytest.mark.parametrize("values", RANGES, ids=["limited", "full"])
@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("color", [(30, 60, 200), (200, 60, 30), (40, 190, 40), (0, 0, 0), (255, 255, 255)], ids=str)
def test_colours_are_those_of_the_frames_own_matrix_and_range(
    pixel_format: str, matrix: str, values: int, color: tuple[int, int, int]
) -> None:
    frame = decoded(np.full((32, 64, 3), color, np.uint8), pixel_format, matrix, values)
    np.testing.assert_allclose(rgb(frame, 32, 16).astype(int), frame.rgb(32, 16).astype(int), atol=4)


@pytest.mark.parametrize("size", [(810, 1080), (405, 540), (333, 444), (120, 160)], ids=str)
@pytest.mark.parametrize("pixel_format", FORMATS)
def test_a_photograph_is_scaled_as_swscale_does(pixel_format: str, size: tuple[int, int]) -> None:
    """Chrominance lies half a pixel elsewhere there, so edges in colour differ by more than the mean says."""
    frame = decoded(next(photographs()), pixel_format)
    difference = np.abs(rgb(frame, *size).astype(int) - swscaled(frame, *size).astype(int))
    assert difference.mean() < 2.5
    assert np.percentile(difference, 99) < 18


def test_what_grows_is_as_near() -> None:
    frame = decoded(next(photographs())[:120, :160], "yuv420p")
    assert np.abs(rgb(frame, 640, 480).astype(int) - frame.rgb(640, 480).astype(int)).mean() < 3


def test_sizes_that_are_odd() -> None:
    frame = decoded(next(photographs())[:121, :161], "yuv420p")
    assert np.abs(rgb(frame, 80, 60).astype(int) - frame.rgb(80, 60).astype(int)).mean() < 4


@pytest.mark.parametrize("pixel_format", ["bgr24", "yuv444p", "gray"])
def test_other_layouts_are_left_to_swscale(pixel_format: str) -> None:
    assert Planes.of(decoded(np.zeros((32, 32, 3), np.uint8), pixel_format).picture) is None


def test_another_matrix_is_left_to_swscale() -> None:
    frame = decoded(np.zeros((32, 32, 3), np.uint8), "yuv420p")
    frame.picture.colorspace = int(Colorspace.BT2020)
    assert Planes.of(frame.picture) is None


def test_planes_are_read_where_they_lie() -> None:
    """As those on a device are; here that is the decoder's own memory."""
    frame = decoded(next(photographs())[:, :332], "nv12")
    copied = planes(frame)
    lying = Planes(copied.layout, picture=frame.picture)
    rooms = torch.zeros((2, copied.layout.size), dtype=torch.uint8)
    copied.put_onto(rooms[0])
    lying.put_onto(rooms[1])
    assert torch.equal(*rooms)


@pytest.mark.parametrize("pixel_format", ["rgb24", "bgr24", "gray"])
def test_what_is_fetched_of_them_is_what_a_scaler_makes(pixel_format: str) -> None:
    frame = decoded(next(photographs()), "nv12", values=ColorRange.JPEG)
    made = fetched(planes(frame), (160, 120), pixel_format, "cpu")
    scaled = Scaler().convert(frame.picture, 160, 120, pixel_format)
    assert made.shape == scaled.shape
    assert np.abs(made.astype(int) - scaled.astype(int)).mean() < 3


class _Seen(TorchNetwork):
    """Answers what a network would be shown."""

    def _forward(self, pictures: Any) -> list[Any]:
        return [pictures]


def test_a_batch_of_planes_and_scaled_frames_is_laid_out_alike() -> None:
    network = _Seen(Path("none.pt"), device="cpu", half=False, max_batch=1)
    network.max_batch = 3
    frame = decoded(np.full((36, 64, 3), (30, 60, 200), np.uint8), "yuv420p")
    letterbox = Letterbox.fixed((64, 36), (32, 32))
    contents: list[Image | Planes] = [frame.rgb(*letterbox.content_wh), planes(frame)]
    with network.outputs(network.start([Look(each, letterbox, 0.5) for each in contents])) as (mixed,):
        scaled, laid = mixed.numpy().copy()
    np.testing.assert_allclose(laid, scaled, atol=4 / 255)
    np.testing.assert_array_equal(laid[:, :7], np.full((3, 7, 32), np.float32(114) / np.float32(255)))
    with network.outputs(network.start([Look(planes(frame), letterbox, 0.5)])) as (alone,):
        np.testing.assert_array_equal(alone.numpy()[0], laid)


def test_a_network_that_reads_none_says_so() -> None:
    letterbox = Letterbox.fixed((64, 36), (32, 32))
    with pytest.raises(TypeError, match="reads no planes"):
        letterbox.fill(np.zeros((32, 32, 3), np.uint8), planes(decoded(np.zeros((36, 64, 3), np.uint8), "nv12")))
