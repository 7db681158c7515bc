"""Whether our path from a frame to detections sees what ultralytics sees."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.analysis.decode import Decoder
from pipeline.core.detections import Detections
from pipeline.core.frame import Frame, Image
from pipeline.models.letterbox import Letterbox
from pipeline.models.ultra import ultralytics
from pipeline.models.yolo import Yolo
from sources.demo import Demo

MIN_SCORE = 0.25


@pytest.fixture(scope="module")
def reference(yolov8n: Path) -> Any:
    return ultralytics().YOLO(yolov8n)


@pytest.fixture(scope="module", params=["torch", "openvino", "onnx"])
def ours(request: pytest.FixtureRequest, yolov8n: Path) -> Iterator[Yolo]:
    model = Yolo(Yolo.Options(weights=str(yolov8n), backend=request.param, device="cpu", half=False))
    model.load()
    yield model
    model.close()


@dataclass(frozen=True)
class Compared:
    """Boxes of the reference, each with the best box of ours of the same class."""

    iou: NDArray[np.float64]
    score_difference: NDArray[np.float64]

    @property
    def matched(self) -> NDArray[np.bool_]:
        return self.iou >= 0.5


def compare(theirs: Any, ours: Detections) -> Compared:
    wanted, scores = theirs.xyxy.numpy().astype(float), theirs.conf.numpy().astype(float)
    if not len(wanted) or not len(ours):
        return Compared(np.zeros(len(wanted)), np.zeros(len(wanted)))
    same_class = theirs.cls.numpy().astype(int)[:, None] == ours.class_id[None]
    overlap = iou(wanted, ours.xyxy.astype(float)) * same_class
    best = overlap.argmax(axis=1)
    return Compared(overlap.max(axis=1), np.abs(scores - ours.confidence[best]))


def iou(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, M) intersection over union of every pair."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    result: NDArray[np.float64] = shared / (areas[0][:, None] + areas[1][None] - shared)
    return result


def photographs() -> Iterator[Image]:
    """The two that ultralytics ships, whole, mirrored and in parts: sizes and shapes as cameras have them."""
    assets = Path(ultralytics().__file__).parent / "assets"
    for name in ("bus.jpg", "zidane.jpg"):
        image = np.asarray(cv2.imread(str(assets / name)), np.uint8)
        height, width = image.shape[:2]
        yield image
        yield np.ascontiguousarray(image[:, ::-1])
        for share in (0.6, 0.8):
            down, right = int(height * share), int(width * share)
            yield np.ascontiguousarray(image[:down, :right])
            yield np.ascontiguousarray(image[-down:, -right:])


def demo_frames() -> Iterator[Frame]:
    """One round of the demo camera, a picture each second: the same photographs at many sizes and places."""
    source = Demo(Demo.Options(fps=1, pace="max"))
    decoder = Decoder("demo")
    decoder.open(source.open())
    for packet in islice(source.packets(), 36):
        yield from decoder.decode(packet)
    source.close()


def clip_frames(shared: Path) -> Iterator[Frame]:
    for clip in sorted((shared / "clips").glob("*.mp4")):
        with av.open(str(clip)) as container:
            for number, picture in enumerate(container.decode(video=0)):
                if number % 100 == 0:
                    yield Frame(picture, camera=clip.stem, seq=number, pts_90k=0, captured_at=0.0)


async def test_the_same_input_gives_the_same_boxes(ours: Yolo, reference: Any) -> None:
    """A frame that has the input's size already is not scaled: both see the same tensor."""
    ultralytics()
    import torch
    from ultralytics.data.augment import LetterBox

    seen = 0
    for image in photographs():
        height, width = Letterbox.rectangular((image.shape[1], image.shape[0]), 640).input_hw
        pixels = LetterBox((height, width), auto=False)(image=image)
        tensor = torch.from_numpy(np.ascontiguousarray(pixels[..., ::-1].transpose(2, 0, 1))[None]).float() / 255
        theirs = reference.predict(tensor, conf=MIN_SCORE, iou=0.7, verbose=False)[0].boxes
        found = await ours.detect(Frame.from_bgr(pixels), min_score=MIN_SCORE)
        compared = compare(theirs, found)
        assert len(found) == len(theirs)
        assert (compared.iou >= 0.99).all(), compared.iou
        assert (compared.score_difference <= 0.01).all(), compared.score_difference
        seen += len(found)
    assert seen > 20


async def test_the_precision_that_a_cpu_likes_changes_little(yolov8n: Path, reference: Any) -> None:
    model = Yolo(Yolo.Options(weights=str(yolov8n), backend="openvino"))
    model.load()
    compared = []
    for image in photographs():
        theirs = reference.predict(image, conf=MIN_SCORE + 0.1, iou=0.7, verbose=False)[0].boxes
        compared.append(compare(theirs, await model.detect(Frame.from_bgr(image), min_score=MIN_SCORE)))
    assert np.concatenate([one.matched for one in compared]).mean() >= 0.98
    model.close()


async def test_our_own_scaling_sees_what_theirs_sees(ours: Yolo, reference: Any, shared: Path) -> None:
    frames = [*map(Frame.from_bgr, photographs()), *demo_frames(), *clip_frames(shared)]
    compared = []
    for frame in frames:
        theirs = reference.predict(frame.bgr(), conf=MIN_SCORE, iou=0.7, imgsz=640, rect=True, verbose=False)[0].boxes
        compared.append(compare(theirs, await ours.detect(frame, min_score=MIN_SCORE)))
    matched = np.concatenate([one.matched for one in compared])
    difference = np.concatenate([one.score_difference for one in compared])[matched]
    print(f"{matched.sum()} of {len(matched)} boxes, mean difference {difference.mean():.4f}")
    assert len(matched) > 100
    assert matched.mean() >= 0.98
    assert difference.mean() <= 0.03


async def test_an_exported_model_keeps_its_own_size_and_sees_the_same(shared: Path) -> None:
    folder = shared / "models" / "yolo11n_int8_openvino_model"
    if not folder.exists():
        pytest.skip(f"needs {folder}")
    model = Yolo(Yolo.Options(weights=str(folder)))
    model.load()
    assert model.description == "yolo11n_int8_openvino_model openvino CPU 640x640"
    reference = ultralytics().YOLO(folder, task="detect")
    for image in photographs():
        theirs = reference.predict(image, conf=0.5, iou=0.7, imgsz=640, verbose=False)[0].boxes
        assert compare(theirs, await model.detect(Frame.from_bgr(image), min_score=MIN_SCORE)).matched.all()
    model.close()
