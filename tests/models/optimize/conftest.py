"""A street with people in it, in as many views as calibration takes, and the model that was made of them."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, ignore_patterns

import cv2
import pytest

from pipeline.core.frame import Frame
from pipeline.models.letterbox import Letterbox
from pipeline.models.optimize.optimizer import Optimizer, Outcome
from pipeline.models.optimize.pictures import Pictures
from pipeline.models.ultra import ultralytics
from pipeline.models.yolo import Yolo
from tests.models.conftest import cache, shared, yolov8n

__all__ = ["cache", "shared", "yolov8n"]

SIZE = (192, 320)


def views(count: int) -> list[Frame]:
    """320x180 pictures along a photograph of four people before a bus."""
    ultralytics()
    from ultralytics.utils import ASSETS

    street = cv2.imread(str(ASSETS / "bus.jpg"))
    assert street is not None
    windows = (street[at : at + 456] for at in range(280, 280 + 20 * count, 20))
    return [Frame.from_bgr(cv2.resize(window, (320, 180)), seq=seq) for seq, window in enumerate(windows)]


def options(weights: Path, **more: object) -> Yolo.Options:
    given = {"weights": str(weights), "imgsz": 320, "device": "cpu", "backend": "openvino", **more}
    return Yolo.Options.model_validate(given)


def fit(frame_wh: tuple[int, int]) -> Letterbox:
    return Letterbox.rectangular(frame_wh, 320)


@pytest.fixture(scope="session")
def pictures() -> Pictures:
    frames = views(15)
    return Pictures(SIZE, frames[::3] + frames[1::3], frames[2::3])


@pytest.fixture(scope="session")
def kept(yolov8n: Path, pictures: Pictures, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Outcome]]:
    """A cache with an int8 model in it, made once for all tests, and what was told of it."""
    folder = tmp_path_factory.mktemp("optimized")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAMEWATCH_CACHE", str(folder))
        optimizer = Optimizer(options(yolov8n), {"person": 0.4}, run_s=0.1)
        yield folder, optimizer.optimize(pictures, {"from": "a street"}, threshold=0.3, keep=True, say=print)


@pytest.fixture
def exported_only(kept: tuple[Path, Outcome], cache: Path) -> Path:
    """This test's own cache, with the model in full precision alone."""
    copytree(kept[0], cache, dirs_exist_ok=True, ignore=ignore_patterns("*-int8-*"))
    return cache


@pytest.fixture
def optimized(kept: tuple[Path, Outcome], cache: Path) -> Path:
    """This test's own copy of the int8 model."""
    copytree(kept[0], cache, dirs_exist_ok=True)
    return next((cache / "exports").glob("*-int8-*"))
