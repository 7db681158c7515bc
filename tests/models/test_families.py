"""Every family that ultralytics loads, each with random weights: does our path see what ultralytics' own sees?

What random weights see is noise: many boxes with scores near one another. All the more they must agree.
"""

import re
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.core.detections import FEATURES, Detections
from pipeline.core.errors import ModelError
from pipeline.core.frame import Frame, Image
from pipeline.models.metadata import Metadata
from pipeline.models.ultra import ultralytics
from pipeline.models.yolo import Yolo

IMGSZ = 96
MOST = 300

RTDETR = """
nc: 5
backbone:
  - [-1, 1, Conv, [16, 3, 4]]
  - [-1, 1, Conv, [32, 3, 2]]
  - [-1, 1, Conv, [32, 3, 2]]
  - [-1, 1, Conv, [32, 3, 2]]
head:
  - [[1, 2, 3], 1, RTDETRDecoder, [nc, 32, 30, 4, 4, 1, 64]]
"""
"""The real ones have 30 million parameters and more."""

FAMILIES = {
    "yolov5": "yolov5n.yaml",
    "yolov8": "yolov8n.yaml",
    "yolo11": "yolo11n.yaml",
    "yolo12": "yolo12n.yaml",
    "yolo26": "yolo26n.yaml",
    "rtdetr": "rtdetr.yaml",
    "yolov8 segments": "yolov8n-seg.yaml",
    "yolo11 poses": "yolo11n-pose.yaml",
    "yolo26 segments": "yolo26n-seg.yaml",
    "yolo26 poses": "yolo26n-pose.yaml",
}
EXPORTED = ("rtdetr", "yolov8 segments", "yolo26 poses")
"""Of each kind of head one, to OpenVINO."""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a family's weights, once."""
    folder = tmp_path_factory.mktemp("families")
    (folder / "rtdetr.yaml").write_text(RTDETR)

    def made(family: str) -> Path:
        path = folder / f"{family.replace(' ', '_')}.pt"
        if not path.exists():
            ultralytics()
            import torch

            torch.manual_seed(0)
            given = FAMILIES.get(family, family)
            architecture = str(folder / given) if family == "rtdetr" else given
            module = ultralytics()
            model = module.RTDETR(architecture) if family == "rtdetr" else module.YOLO(architecture)
            enliven(model.model)
            model.save(path)
        return path

    return made


def enliven(network: Any) -> None:
    """Fresh weights see the same everywhere, and are sure that it is nothing: here they know the test's picture."""
    import torch

    network.eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.training, module.momentum = True, 1.0
    pixels = torch.from_numpy(noise()[..., ::-1].transpose(2, 0, 1).copy())[None] / 255
    with torch.no_grad():
        network(pixels)
        network.eval()
        for name, last in network.model[-1].named_modules():
            if re.fullmatch(r"(one2one_)?cv[23]\.\d\.2", name):
                mean, deviation = (-4, 2) if "cv3" in name else (3, 1)
                last.register_forward_hook(partial(normalise, mean=mean, deviation=deviation))
        network(pixels)
    for module in network.modules():
        module._forward_hooks.clear()


def normalise(last: Any, inputs: Any, output: Any, *, mean: float, deviation: float) -> None:
    """Makes a layer give numbers of this mean and deviation, for the picture that it just saw."""
    factor = deviation / output.std()
    last.weight.mul_(factor)
    last.bias.sub_(output.mean()).mul_(factor).add_(mean)


@pytest.fixture(scope="module")
def picture() -> Image:
    return noise()


def noise() -> Image:
    """Exactly an input's size, so that both see the same tensor."""
    return np.random.default_rng(3).integers(0, 255, (96, 96, 3), np.uint8)


async def ours(path: Path, picture: Image, backend: str, min_score: float, **more: object) -> Detections:
    options = {
        "weights": str(path),
        "imgsz": IMGSZ,
        "backend": backend,
        "device": "cpu",
        "half": False,
        "max_det": MOST,
        **more,
    }
    model = Yolo(Yolo.Options.model_validate(options))
    model.load()
    try:
        return await model.detect(Frame.from_bgr(picture), min_score=min_score)
    finally:
        model.close()


def theirs(path: Path, picture: Image, min_score: float, **more: Any) -> Any:
    options = {"imgsz": IMGSZ, "conf": min_score, "iou": 0.7, "max_det": MOST, "verbose": False, "device": "cpu"}
    return ultralytics().YOLO(path, task=more.pop("task", None)).predict(picture, **options, **more)[0]


def floor(scores: Any) -> float:
    """A score that some boxes pass and some do not, as far as can be from any of them."""
    best = np.sort(scores.numpy())[::-1][4:40]
    gap = int(np.argmax(best[:-1] - best[1:]))
    return float(best[gap] + best[gap + 1]) / 2


@pytest.mark.parametrize(
    ("family", "backend"),
    [
        *((family, "torch") for family in FAMILIES),
        *((family, "openvino") for family in EXPORTED),
    ],
)
async def test_a_family_sees_what_ultralytics_sees(
    family: str, backend: str, weights: Callable[[str], Path], picture: Image, cache: Path
) -> None:
    path = weights(family)
    min_score = floor(theirs(path, picture, 0.001).boxes.conf)
    wanted, found = theirs(path, picture, min_score), await ours(path, picture, backend, min_score)
    if found.masks is not None:
        found = found[np.flatnonzero(found.masks.any(axis=(1, 2)))]  # ultralytics drops what has no pixel
    order = agree(wanted.boxes, found)
    if wanted.masks is None:
        assert found.masks is None
    else:
        assert found.masks is not None and found.masks.shape[1:] == (24, 24)
        large = wanted.masks.data.numpy()[order][:, 2::4, 2::4] > 0.5
        assert (large == found.masks).mean() > 0.9
    if wanted.keypoints is None:
        assert found.keypoints is None
    else:
        assert found.keypoints is not None and found.keypoints.shape[1:] == (17, 3)
        points = wanted.keypoints.data.numpy()[order]
        np.testing.assert_allclose(found.keypoints[..., :2], np.clip(points[..., :2], 0, 96), atol=0.2)
        np.testing.assert_allclose(found.keypoints[..., 2], points[..., 2], atol=0.01)


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_family_tells_how_things_look(
    family: str, weights: Callable[[str], Path], picture: Image, cache: Path
) -> None:
    """What its head gives besides stays what it is."""
    path = weights(family)
    min_score = floor(theirs(path, picture, 0.001).boxes.conf)
    plain, told = [await ours(path, picture, "torch", min_score, features=asked) for asked in (False, True)]
    assert len(told) and np.array_equal(plain.xyxy, told.xyxy)
    for before, now in ((plain.masks, told.masks), (plain.keypoints, told.keypoints)):
        np.testing.assert_array_equal(np.array(before), np.array(now))
    looks = np.asarray(told.attributes[FEATURES], np.float32)
    assert looks.shape[0] == len(told) and looks.shape[1] >= 32 and np.isfinite(looks).all()
    assert looks.std(axis=0).min() > 0, "no two boxes are the same"
    if family in EXPORTED:
        exported = await ours(path, picture, "openvino", min_score, features=True)
        apart = np.abs(told.xyxy[None] - exported.xyxy[:, None]).sum(axis=2)
        same = apart.min(axis=1) < 0.1  # of two boxes with nearly one score either may be kept
        by_openvino = np.asarray(exported.attributes[FEATURES], np.float32)
        off = np.abs(by_openvino[same] - looks[apart.argmin(axis=1)][same]).max(axis=1)
        # some boxes are one only where the picture's edge cuts them off
        assert same.mean() > 0.9 and np.median(off) < 1e-3 and (off < 0.05).mean() > 0.75


def agree(wanted: Any, found: Detections) -> list[int]:
    """Returns which of theirs each of ours is: neighbours' scores may differ by less than they are exact."""
    assert len(found) == len(wanted) > 0
    ours, theirs = (
        np.column_stack((boxes, 100 * scores, 100 * classes))
        for boxes, scores, classes in (
            (found.xyxy, found.confidence, found.class_id),
            (wanted.xyxy.numpy(), wanted.conf.numpy(), wanted.cls.numpy()),
        )
    )
    order = [int(np.abs(theirs - row).sum(axis=1).argmin()) for row in ours]
    np.testing.assert_allclose(ours, theirs[order], atol=0.3)
    assert len(set(order)) == len(order)
    return order


@pytest.mark.parametrize(
    ("family", "backend"),
    [
        ("yolo26", "openvino"),
        ("yolo26", "onnx"),
        ("yolo26 segments", "onnx"),  # OpenVINO 2026.4 cannot compile the exporter's three slices
        ("yolo26 poses", "onnx"),
    ],
)
async def test_a_model_that_was_exported_end_to_end(
    family: str, backend: str, weights: Callable[[str], Path], picture: Image, cache: Path
) -> None:
    """It suppresses by itself, and its boxes are corners already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's deprecation of the tracing that the exporter uses
        options = {"nms": False, "imgsz": IMGSZ, "simplify": False, "device": "cpu", "verbose": False}
        path = Path(ultralytics().YOLO(weights(family)).export(format="onnx", **options))
    metadata = Metadata.of(path)
    assert metadata.end2end
    min_score = floor(theirs(path, picture, 0.001, task=metadata.task).boxes.conf)
    wanted = theirs(path, picture, min_score, task=metadata.task)
    found = await ours(path, picture, backend, min_score)
    if found.masks is not None:
        found = found[np.flatnonzero(found.masks.any(axis=(1, 2)))]
    agree(wanted.boxes, found)


@pytest.mark.parametrize(("architecture", "task"), [("yolo11n-cls.yaml", "classify"), ("yolo11n-obb.yaml", "obb")])
def test_what_is_no_detector_says_so(architecture: str, task: str, weights: Callable[[str], Path], cache: Path) -> None:
    path = weights(architecture)
    with pytest.raises(ModelError, match=f"is a model for '{task}', wanted one for detect, segment, pose"):
        Yolo(Yolo.Options(weights=str(path), device="cpu")).load()
    assert [path for path in (cache / "exports").glob("*") if not path.name.startswith(".")] == []
