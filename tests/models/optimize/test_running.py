"""What runs where an int8 model was installed, is broken, or is not there."""

import logging
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.detections import FEATURES
from pipeline.core.errors import ModelError
from pipeline.models import catalogue
from pipeline.models.export import Recipe
from pipeline.models.int8 import install
from pipeline.models.optimize.comparison import seen
from pipeline.models.optimize.optimizer import Optimizer, Outcome
from pipeline.models.optimize.pictures import Pictures
from pipeline.models.yolo import Yolo
from tests.models.optimize.conftest import SIZE, options, views

pytest.importorskip("nncf")


def running(weights: Path, **more: object) -> Yolo:
    model = Yolo(options(weights, **more))
    model.load()
    return model


@pytest.mark.parametrize(
    ("precision", "description"),
    [
        pytest.param("auto", "yolov8n openvino CPU int8 320x192", id="auto takes what was installed"),
        pytest.param("int8", "yolov8n openvino CPU int8 320x192", id="int8 too"),
        pytest.param("full", "yolov8n openvino CPU 320x192", id="full never"),
    ],
)
async def test_the_installed_model_runs(optimized: Path, yolov8n: Path, precision: str, description: str) -> None:
    model = running(yolov8n, precision=precision)
    assert model.description == description
    found = await model.detect(views(8)[7], min_score=0.4)
    assert [found.label(index) for index in range(len(found))].count("person") >= 2
    model.close()


async def test_other_sizes_run_in_full_precision(optimized: Path, yolov8n: Path) -> None:
    model = running(yolov8n, precision="int8")
    await model.detect(views(1)[0].crop(0, 0, 180, 180), min_score=0.5)
    assert model.description == "yolov8n openvino CPU int8 (full precision: 320x320) 320x192 320x320"
    model.close()


def test_nobody_gets_int8_without_having_asked_for_it(exported_only: Path, yolov8n: Path) -> None:
    model = running(yolov8n)
    assert model.description == "yolov8n openvino CPU 320x192"
    model.close()
    with pytest.raises(ModelError, match="precision: int8 wants a model that is not there: run framewatch models opt"):
        running(yolov8n, precision="int8")


@pytest.mark.parametrize("part", [".xml", ".bin"])
def test_a_part_that_was_cut_short_is_noticed(
    optimized: Path, yolov8n: Path, caplog: pytest.LogCaptureFixture, part: str
) -> None:
    os.truncate(next(optimized.glob(f"*{part}")), 20)
    model = running(yolov8n)
    assert model.description == "yolov8n openvino CPU 320x192"
    assert "the int8 model for 320x192 is broken or made by other versions, full precision runs" in caplog.text
    model.close()


def test_one_that_cannot_be_read_is_said_and_not_used(
    optimized: Path, yolov8n: Path, caplog: pytest.LogCaptureFixture
) -> None:
    graph = next(optimized.glob("*.xml"))
    graph.write_bytes(b"x" * graph.stat().st_size)
    model = running(yolov8n)
    assert model.description == "yolov8n openvino CPU 320x192"
    assert "cannot be read, full precision runs; models optimize makes it anew" in caplog.text
    model.close()


def test_other_versions_made_it(optimized: Path, yolov8n: Path, caplog: pytest.LogCaptureFixture) -> None:
    optimized.rename(optimized.with_name(optimized.name.replace("-openvino20", "-openvino19")))
    with caplog.at_level(logging.WARNING):
        model = running(yolov8n)
    assert model.description == "yolov8n openvino CPU 320x192"
    assert "made by other versions" in caplog.text
    model.close()


def test_a_new_one_takes_the_place_of_the_old(optimized: Path, yolov8n: Path) -> None:
    made = Path(shutil.copytree(optimized, optimized.with_name(".part-new")))
    folder = install(made, yolov8n, Recipe("openvino", SIZE), {"frames": "11"})
    assert [path.name for path in optimized.parent.glob("*int8*")] == [folder.name]
    assert folder.name != optimized.name


def test_the_list_says_what_it_is_worth(optimized: Path, kept: tuple[Path, Outcome]) -> None:
    (entry,) = (each for each in catalogue.listing() if each.kind == "int8")
    assert entry.path == optimized
    assert entry.about == kept[1].report.summary
    assert [each.about for each in catalogue.listing() if each.kind == "export"] == [""]


async def test_one_that_tells_no_looks_is_not_used_where_they_are_wanted(
    optimized: Path, yolov8n: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = running(yolov8n, features=True)
    assert model.description == "yolov8n openvino CPU 320x192"
    assert caplog.text.count("the int8 model for 320x192 does not tell how things look (features)") == 1
    found = await model.detect(views(8)[7], min_score=0.4)
    assert found.attributes[FEATURES].shape == (len(found), 64)
    model.close()


def test_one_that_was_made_to_tell_looks_tells_them(yolov8n: Path, pictures: Pictures, optimized: Path) -> None:
    optimizer = Optimizer(options(yolov8n, features=True), {"person": 0.4}, run_s=0.1)
    outcome = optimizer.optimize(pictures, {"from": "a street"}, threshold=0.3, keep=True, say=print)
    assert outcome.installed is not None and optimized.is_dir(), "the other one stays"
    models = [running(yolov8n, features=True, precision=precision) for precision in ("int8", "full")]
    assert [model.description for model in models] == [
        "yolov8n openvino CPU int8 320x192",
        "yolov8n openvino CPU 320x192",
    ]
    small, full = (seen(model, views(8)[7:], min_score=0.6)[0].attributes[FEATURES].astype(float) for model in models)
    assert len(small) and all(max(np.corrcoef(one, other)[0, 1] for other in full) > 0.95 for one in small)
    for model in models:
        model.close()
