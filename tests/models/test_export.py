import logging
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.errors import ModelError
from pipeline.models.backends.openvino_backend import OpenVinoBackend
from pipeline.models.export import exported, is_whole
from pipeline.models.letterbox import Letterbox
from pipeline.models.look import Look
from pipeline.models.suppression import Suppression
from pipeline.models.ultra import ultralytics

SIZE = (32, 64)


def backend(weights: Path) -> OpenVinoBackend:
    made = OpenVinoBackend(weights, Suppression(iou=0.7, max_det=10), half=False)
    made.load()
    made.prepare(SIZE)
    return made


@pytest.fixture(scope="module")
def pristine(yolov8n: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported model, made once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAMEWATCH_CACHE", str(tmp_path_factory.mktemp("pristine")))
        return exported(yolov8n, SIZE, half=False)


@pytest.fixture
def kept(pristine: Path, cache: Path) -> Path:
    """It lies in this test's cache."""
    return Path(shutil.copytree(pristine, cache / "exports" / pristine.name))


def look() -> Look:
    return Look(np.zeros((32, 64, 3), np.uint8), Letterbox.fixed((64, 32), SIZE), 0.9)


def test_a_model_is_exported_once_and_kept(yolov8n: Path, cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "pipeline.models.export"):
        first, second = exported(yolov8n, SIZE, half=False), exported(yolov8n, SIZE, half=False)
    assert first == second
    assert {path.suffix for path in first.iterdir()} == {".xml", ".bin", ".yaml"}
    assert first.name.startswith("yolov8n-f59b3d833e2f-64x32-fp32-")
    assert [path.name for path in (cache / "exports").iterdir()] == [first.name]
    assert caplog.messages == ["yolov8n.pt: exporting to OpenVINO at 64x32, once; this takes some seconds"]


def test_half_precision_is_another_model(yolov8n: Path, kept: Path) -> None:
    full, half = (exported(yolov8n, SIZE, half=half) for half in (False, True))
    assert full == kept
    assert "-fp16-" in half.name
    sizes = [next(folder.glob("*.bin")).stat().st_size for folder in (full, half)]
    assert sizes[1] < 0.6 * sizes[0]


def test_exporting_leaves_no_trace_but_the_model(
    yolov8n: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ultralytics()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    environment, beside = dict(os.environ), sorted(yolov8n.parent.iterdir())
    exported(yolov8n, SIZE, half=False)
    assert dict(os.environ) == environment
    assert list(Path.cwd().iterdir()) == []
    assert sorted(yolov8n.parent.iterdir()) == beside


@pytest.mark.parametrize("suffix", [".xml", ".bin", ".yaml"])
def test_a_part_that_is_missing_is_noticed(kept: Path, suffix: str) -> None:
    assert is_whole(kept)
    next(kept.glob(f"*{suffix}")).unlink()
    assert not is_whole(kept)


@pytest.mark.parametrize("suffix", [".xml", ".bin", ".yaml"])
def test_a_broken_export_is_made_again(yolov8n: Path, kept: Path, suffix: str) -> None:
    part = next(kept.glob(f"*{suffix}"))
    whole = part.stat().st_size
    os.truncate(part, 20)
    assert backend(yolov8n).labels[0] == "person"
    assert abs(part.stat().st_size - whole) < 100  # the metadata holds a date


def test_weights_that_cannot_be_exported(tmp_path: Path, cache: Path) -> None:
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"broken.pt cannot be exported to OpenVINO"):
        exported(broken, SIZE, half=False)
    assert list((cache / "exports").iterdir()) == []


def test_a_restarted_backend_works_while_the_old_requests_are_still_out(yolov8n: Path, kept: Path) -> None:
    model = backend(yolov8n)
    lost = model.start([look()])
    model.restart()
    both = [model.start([look()]), model.start([look()])]
    for request in both:
        assert request is not lost
        assert model.finished(request, 60)
        (rows,) = model.results(request)
        assert rows.shape == (0, 6)
    assert model.finished(lost, 60)


def test_a_failed_start_keeps_its_request(yolov8n: Path, kept: Path) -> None:
    model = backend(yolov8n)
    wrong = Look(np.zeros((1, 1, 3, 3), np.uint8), look().letterbox, 0.5)
    for _ in range(3):
        with pytest.raises(ValueError):
            model.start([wrong])
    assert model.finished(model.start([look()]), 60)
