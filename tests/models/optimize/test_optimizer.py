"""A real network is made smaller, and installed only where it is as good."""

import importlib.util
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from pipeline.core.errors import FramewatchError, MissingExtraError, ModelError
from pipeline.models.export import Recipe, is_whole
from pipeline.models.int8 import installed
from pipeline.models.optimize import tensorrt_int8
from pipeline.models.optimize.optimizer import Optimizer, Outcome
from pipeline.models.optimize.pictures import Pictures
from pipeline.models.optimize.report import Report
from pipeline.models.ultra import ultralytics
from pipeline.models.yolo import Yolo
from tests.models.optimize.conftest import SIZE, fit, options, views
from tests.models.test_families import RTDETR, enliven

pytest.importorskip("nncf")


@pytest.fixture
def rtdetr(tmp_path: Path) -> Path:
    """A small one with weights at random."""
    module = ultralytics()
    import torch

    (tmp_path / "rtdetr.yaml").write_text(RTDETR)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = module.RTDETR(str(tmp_path / "rtdetr.yaml"))
        enliven(model.model)
    model.save(tmp_path / "small.pt")
    return tmp_path / "small.pt"


def said(line: str) -> None:
    """Nobody listens."""


def test_what_is_good_enough_is_installed_with_its_report(kept: tuple[Path, Outcome], yolov8n: Path) -> None:
    cache, outcome = kept
    (folder,) = (cache / "exports").glob("*-int8-*")
    assert outcome.installed == folder
    assert is_whole(folder)
    assert folder.name.startswith("yolov8n-f59b3d833e2f-320x192-int8-ultralytics")
    assert Report.of(folder) == outcome.report
    assert installed(yolov8n, Recipe("openvino", SIZE)) == folder
    full = next((cache / "exports").glob("*320x192-fp32-*"))
    assert _weights(folder) < 0.4 * _weights(full)


def _weights(folder: Path) -> int:
    return next(folder.glob("*.bin")).stat().st_size


def test_the_report_says_how_far_it_agrees(kept: tuple[Path, Outcome]) -> None:
    report = kept[1].report
    told = report.agreement
    assert told.objects >= 10
    assert list(told.labels) == ["person"]
    assert 0.5 < told.least <= 1  # ten pictures of one photograph are few
    assert report.speed.full > 0 and report.speed.int8 > 0
    assert (report.weights, report.size) == ("yolov8n.pt", "320x192")
    assert report.settings["frames"] == "10" and report.settings["from"] == "a street"
    assert f"recall {told.recall:.0%}" in report.summary


def test_what_falls_under_the_threshold_leaves_nothing(yolov8n: Path, exported_only: Path, pictures: Pictures) -> None:
    optimizer = Optimizer(options(yolov8n), {"person": 0.4}, run_s=0.1)
    outcome = optimizer.optimize(pictures, {}, threshold=1.01, keep=True, say=said)
    assert outcome.installed is None
    assert outcome.refused.endswith("wanted 101.0% or more")
    assert not [path for path in (exported_only / "exports").iterdir() if "int8" in path.name or ".part" in path.name]


def test_a_few_objects_say_nothing(yolov8n: Path, kept: tuple[Path, Outcome]) -> None:
    told = kept[1].report
    few = msgspec.structs.replace(told, agreement=msgspec.structs.replace(told.agreement, objects=9, recall=1.0))
    refused = Optimizer(options(yolov8n), {"person": 0.4}).refusal(few, 0.0)
    assert refused.startswith("full precision sees 9 objects (person) in the frames to compare on: 10 are wanted")


def test_a_model_that_stretches_its_pictures(rtdetr: Path, cache: Path) -> None:
    given = options(rtdetr, imgsz=96)
    optimizer = Optimizer(given, {str(number): 0.1 for number in range(5)}, run_s=0.1)
    frames = views(15)
    size = optimizer.letterbox(frames[0].resolution_wh).input_hw
    assert size == (96, 96)
    outcome = optimizer.optimize(Pictures(size, frames[:10], frames[10:]), {}, threshold=0.0, keep=True, say=said)
    assert outcome.installed is not None and outcome.report.agreement.least > 0.3
    running = Yolo(given)
    running.load()
    assert "int8" in running.description and "full precision" not in running.description
    running.close()


def test_interrupted_it_leaves_nothing(yolov8n: Path, exported_only: Path, pictures: Pictures) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("comparing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Optimizer(options(yolov8n), {"person": 0.4}).optimize(pictures, {}, threshold=0, keep=True, say=interrupt)
    assert not [path for path in (exported_only / "exports").iterdir() if "int8" in path.name or ".part" in path.name]


def test_too_few_pictures(yolov8n: Path, cache: Path, pictures: Pictures) -> None:
    few = Pictures(SIZE, pictures.calibration[:9], pictures.held_out)
    with pytest.raises(ModelError, match="9 frames for 320x192 are too few to calibrate with: wanted 10 or more"):
        Optimizer(options(yolov8n), {"person": 0.4}).optimize(few, {}, threshold=0, keep=True, say=said)


def test_only_weights_can_be_made_smaller(tmp_path: Path, yolov8n: Path) -> None:
    with pytest.raises(ModelError, match=r"was exported already: int8 is made from weights \(\.pt\)"):
        Optimizer(options(tmp_path), {})
    with pytest.raises(ModelError, match="run on backend torch here: int8 is made for openvino, tensorrt"):
        Optimizer(options(yolov8n, backend="torch"), {})


def test_tensorrt_says_what_it_lacks(yolov8n: Path, cache: Path, pictures: Pictures) -> None:
    import torch

    if torch.cuda.is_available() and importlib.util.find_spec("tensorrt"):
        pytest.skip("this machine lacks nothing")
    recipe = Recipe("tensorrt", SIZE, most=4, device="cuda:0")
    with pytest.raises(FramewatchError) as raised:
        tensorrt_int8.build(yolov8n, recipe, pictures.inputs(fit), {0: "person"}, cache / "engine")
    if isinstance(raised.value, MissingExtraError):
        assert "framewatch[tensorrt]" in str(raised.value)
    else:
        assert "no CUDA device" in str(raised.value)
    assert not (cache / "engine").exists()


def test_pictures_for_tensorrt_are_a_data_set_that_ultralytics_reads(tmp_path: Path, pictures: Pictures) -> None:
    from ultralytics.data.utils import check_det_dataset

    inputs = pictures.inputs(fit)
    read = check_det_dataset(str(tensorrt_int8.data_set(tmp_path / "data", inputs, {0: "person", 1: "car"})))
    assert read["names"] == {0: "person", 1: "car"}
    images = sorted(Path(read["val"]).iterdir())
    assert len(images) == len(inputs)
    assert np.array_equal(np.asarray(cv2.imread(str(images[3]))), inputs[3][..., ::-1])
