import logging
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.errors import MissingExtraError, ModelError
from pipeline.models.backends.onnx_backend import OnnxNetwork
from pipeline.models.backends.openvino_backend import OpenVinoNetwork
from pipeline.models.export import Format, Recipe, exported, forget, is_whole
from pipeline.models.letterbox import Letterbox
from pipeline.models.look import Look
from pipeline.models.network import Network
from pipeline.models.ultra import ultralytics

SIZE = (32, 64)


FORMATS: tuple[Format, ...] = ("openvino", "onnx")
"""Those that need no device; TensorRT's goes the same way."""


def network(weights: Path, format: Format) -> Network:
    made: Network
    if format == "openvino":
        made = OpenVinoNetwork(weights, half=False)
    else:
        made = OnnxNetwork(weights, device="cpu", half=False, max_batch=1)
    made.load()
    made.prepare(SIZE)
    return made


@pytest.fixture(scope="module")
def pristine(yolov8n: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported models, made once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("pristine")
        patch.setenv("FRAMEWATCH_CACHE", str(folder))
        for format in FORMATS:
            exported(yolov8n, Recipe(format, SIZE))
        return folder / "exports"


@pytest.fixture
def kept(pristine: Path, cache: Path) -> Path:
    """They lie in this test's cache."""
    return Path(shutil.copytree(pristine, cache / "exports"))


def folder_of(kept: Path, weights: Path, format: Format) -> Path:
    return kept / Recipe(format, SIZE).name(weights)


def look() -> Look:
    return Look(np.zeros((32, 64, 3), np.uint8), Letterbox.fixed((64, 32), SIZE), 0.9)


@pytest.mark.parametrize(
    ("format", "title", "files"),
    [
        ("openvino", "OpenVINO", {"metadata.yaml", "yolov8n.bin", "yolov8n.xml", "parts.json"}),
        ("onnx", "ONNX", {"yolov8n.onnx", "parts.json"}),
    ],
)
def test_a_model_is_exported_once_and_kept(
    yolov8n: Path, cache: Path, caplog: pytest.LogCaptureFixture, format: Format, title: str, files: set[str]
) -> None:
    recipe = Recipe(format, SIZE)
    with caplog.at_level(logging.INFO, "pipeline.models.export"):
        first, second = exported(yolov8n, recipe), exported(yolov8n, recipe)
    assert first == second
    (folder,) = (cache / "exports").iterdir()
    assert first == (folder if format == "openvino" else folder / "yolov8n.onnx")
    assert {path.name for path in folder.iterdir()} == files
    assert folder.name.startswith("yolov8n-f59b3d833e2f-64x32-fp32-ultralytics") and f"-{format}" in folder.name
    said, done = (record.message for record in caplog.records if record.name == "pipeline.models.export")
    assert said == f"yolov8n.pt: exporting to {title} at 64x32, once; this takes some seconds"
    assert done.startswith(f"yolov8n.pt: exported to {title} in ")


@pytest.mark.parametrize("format", FORMATS)
def test_half_precision_is_another_model(yolov8n: Path, kept: Path, format: Format) -> None:
    def bulk(half: bool) -> int:
        path = exported(yolov8n, Recipe(format, SIZE, half=half))
        return max(file.stat().st_size for file in (path if path.is_dir() else path.parent).iterdir())

    assert bulk(half=True) < 0.6 * bulk(half=False)
    assert len(list(kept.glob("*-64x32-fp16-*"))) == 1


def test_whatever_it_depends_on_is_in_its_name(yolov8n: Path, tmp_path: Path) -> None:
    other = tmp_path / yolov8n.name
    other.write_bytes(b"trained longer")
    names = [
        Recipe("onnx", SIZE).name(yolov8n),
        Recipe("onnx", SIZE).name(other),
        Recipe("onnx", (64, 64)).name(yolov8n),
        Recipe("onnx", SIZE, half=True).name(yolov8n),
        Recipe("onnx", SIZE, most=4).name(yolov8n),
        Recipe("openvino", SIZE).name(yolov8n),
    ]
    assert len(set(names)) == len(names)


def test_exporting_leaves_no_trace_but_the_model(
    yolov8n: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ultralytics()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    environment, beside = dict(os.environ), sorted(yolov8n.parent.iterdir())
    for format in FORMATS:
        exported(yolov8n, Recipe(format, SIZE))
    assert dict(os.environ) == environment
    assert list(Path.cwd().iterdir()) == []
    assert sorted(yolov8n.parent.iterdir()) == beside


PARTS: list[tuple[Format, str]] = [("openvino", ".xml"), ("openvino", ".bin"), ("openvino", ".yaml"), ("onnx", ".onnx")]


@pytest.mark.parametrize(("format", "suffix"), [*PARTS, ("openvino", ".json"), ("onnx", ".json")])
def test_a_part_that_is_missing_is_noticed(yolov8n: Path, kept: Path, format: Format, suffix: str) -> None:
    folder = folder_of(kept, yolov8n, format)
    assert is_whole(folder)
    next(folder.glob(f"*{suffix}")).unlink()
    assert not is_whole(folder)


@pytest.mark.parametrize(("format", "suffix"), PARTS)
def test_a_truncated_export_is_made_again(yolov8n: Path, kept: Path, format: Format, suffix: str) -> None:
    part = next(folder_of(kept, yolov8n, format).glob(f"*{suffix}"))
    whole = part.stat().st_size
    os.truncate(part, whole // 2)
    network(yolov8n, format)
    assert abs(part.stat().st_size - whole) < 100  # the metadata holds a date


@pytest.mark.parametrize(("format", "suffix"), [("openvino", ".xml"), ("onnx", ".onnx")])
def test_an_export_that_cannot_be_read_is_made_again(
    yolov8n: Path, kept: Path, format: Format, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    part = next(folder_of(kept, yolov8n, format).glob(f"*{suffix}"))
    part.write_bytes(b"?" * part.stat().st_size)
    made = network(yolov8n, format)
    assert made.finished(made.start([look()]), 60)
    assert any("cannot be read and is made again" in line for line in caplog.messages)


@pytest.mark.parametrize("format", FORMATS)
def test_one_that_is_forgotten_is_gone(yolov8n: Path, kept: Path, format: Format) -> None:
    forget(exported(yolov8n, Recipe(format, SIZE)))
    assert not folder_of(kept, yolov8n, format).exists()


def test_weights_that_cannot_be_exported(tmp_path: Path, cache: Path) -> None:
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"broken.pt cannot be exported to OpenVINO"):
        exported(broken, Recipe("openvino", SIZE))
    assert list((cache / "exports").iterdir()) == []


@pytest.mark.skipif(find_spec("tensorrt") is not None, reason="TensorRT is here")
def test_a_library_that_is_missing_names_its_extra(yolov8n: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'framewatch\[tensorrt\]'"):
        exported(yolov8n, Recipe("tensorrt", SIZE))


@pytest.mark.parametrize("format", FORMATS)
def test_a_restarted_network_works_while_the_old_requests_are_still_out(
    yolov8n: Path, kept: Path, format: Format
) -> None:
    model = network(yolov8n, format)
    lost = model.start([look()])
    model.restart()
    both = [model.start([look()]), model.start([look()])]
    for request in both:
        assert request is not lost
        assert model.finished(request, 60)
        with model.outputs(request) as (raw,):
            assert raw.shape == (1, 84, 42)
    assert model.finished(lost, 60)


@pytest.mark.parametrize("format", FORMATS)
def test_a_failed_start_keeps_its_request(yolov8n: Path, kept: Path, format: Format) -> None:
    model = network(yolov8n, format)
    wrong = Look(np.zeros((1, 1, 3, 3), np.uint8), look().letterbox, 0.5)
    for _ in range(3):
        with pytest.raises(ValueError):
            model.start([wrong])
    assert model.finished(model.start([look()]), 60)
