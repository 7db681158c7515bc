import asyncio
import importlib.util
import platform
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from pipeline.core.errors import MissingExtraError, ModelError
from pipeline.core.frame import Frame
from pipeline.models.yolo import Yolo


@pytest.fixture(scope="module")
def model(yolov8n: Path) -> Iterator[Yolo]:
    loaded = Yolo(Yolo.Options(weights=str(yolov8n), device="cpu", backend="torch", imgsz=160))
    loaded.load()
    yield loaded
    loaded.close()


def frame(width: int, height: int, camera: str = "lobby") -> Frame:
    return Frame.from_bgr(np.zeros((height, width, 3), np.uint8), camera=camera)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"imgsz": 600}, "multiple of 32", id="a size that no network takes"),
        pytest.param({"device": "gpu"}, "should match pattern", id="an unknown device"),
        pytest.param({"backend": "tf"}, "'auto', 'torch', 'openvino', 'onnx' or 'tensorrt'", id="an unknown backend"),
        pytest.param(
            {"backend": "openvino", "device": "cuda:0"},
            "backend torch, onnx or tensorrt for a CUDA device",
            id="what does not go together",
        ),
        pytest.param(
            {"backend": "torch", "device": "intel:gpu"}, "backend openvino for a device intel:", id="another's device"
        ),
        pytest.param({"backend": "tensorrt", "device": "cpu"}, "a CUDA device for backend tensorrt", id="an engine"),
        pytest.param({"iou": 0}, "greater than 0", id="an overlap that nothing has"),
        pytest.param({"size": 640}, "Extra inputs are not permitted", id="an unknown key"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Yolo.Options.model_validate(options)


@pytest.mark.parametrize(
    "device", ["auto", "cpu", "cuda", "cuda:11", "intel:gpu", "intel:gpu.1", "intel:npu", "intel:auto"]
)
def test_devices(device: str) -> None:
    assert Yolo.Options(device=device).device == device


async def test_an_empty_picture_has_empty_detections(model: Yolo) -> None:
    found = await model.detect(frame(320, 180), min_score=0.25)
    assert (found.xyxy.shape, found.confidence.shape, found.class_id.shape) == ((0, 4), (0,), (0,))
    assert [str(each.dtype) for each in (found.xyxy, found.confidence, found.class_id)] == ["float32"] * 2 + ["int32"]
    assert found.labels[0] == "person" and len(found.labels) == 80


async def test_the_input_follows_the_cameras_shape(model: Yolo) -> None:
    assert model.description.startswith("yolov8n torch CPU 160x96")
    await asyncio.gather(
        *(model.detect(frame(*size, camera=str(size)), min_score=0.5) for size in [(64, 48), (48, 64)])
    )
    assert model.description == "yolov8n torch CPU 160x96 160x128 128x160"


async def test_a_size_that_cannot_be_prepared_is_tried_again(yolov8n: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.models.backends.torch_backend import TorchNetwork

    loaded = Yolo(Yolo.Options(weights=str(yolov8n), device="cpu", backend="torch", imgsz=64))
    loaded.load()
    with monkeypatch.context() as patch:

        def full(self: TorchNetwork, input_hw: tuple[int, int]) -> None:
            raise OSError("no space left on device")

        patch.setattr(TorchNetwork, "prepare", full)
        with pytest.raises(ModelError, match="cannot be made ready for 64x32: no space left on device"):
            await loaded.detect(frame(640, 100), min_score=0.5)
    assert len(await loaded.detect(frame(640, 100), min_score=0.5)) == 0
    loaded.close()


def test_weights_that_are_no_weights(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"broken.pt' cannot be loaded: "):
        Yolo(Yolo.Options(weights=str(broken), backend="torch", device="cpu")).load()


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no readable metadata\.yaml; wanted a folder from ultralytics"):
        Yolo(Yolo.Options(weights=str(tmp_path))).load()


def test_an_exported_model_does_not_run_on_torch(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="it runs on backend openvino, device cpu"):
        Yolo(Yolo.Options(weights=str(tmp_path), backend="torch")).load()


def test_cuda_where_there_is_none(yolov8n: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(ModelError, match="device cuda:0: this machine has no CUDA device that torch can use"):
        Yolo(Yolo.Options(weights=str(yolov8n), device="cuda:0")).load()


async def test_a_model_that_is_not_loaded_or_closed_says_so(yolov8n: Path) -> None:
    model = Yolo(Yolo.Options(weights=str(yolov8n), device="cpu", backend="torch", imgsz=32))
    with pytest.raises(ModelError, match="is not loaded"):
        await model.detect(frame(32, 32), min_score=0.5)
    model.load()
    model.load()
    model.close()
    model.close()
    with pytest.raises(ModelError, match="is not loaded"):
        await model.detect(frame(32, 32), min_score=0.5)


@pytest.mark.skipif(
    platform.machine().lower() not in {"x86_64", "amd64"} or importlib.util.find_spec("openvino") is None,
    reason="needs OpenVINO",
)
def test_a_cpu_gets_openvino(yolov8n: Path) -> None:
    model = Yolo(Yolo.Options(weights=str(yolov8n), device="cpu", imgsz=64))
    model.load()
    assert model.description == "yolov8n openvino CPU 64x64"
    model.close()


def test_a_device_that_openvino_does_not_see(yolov8n: Path) -> None:
    model = Yolo(Yolo.Options(weights=str(yolov8n), device="intel:npu"))
    with pytest.raises(ModelError, match=r"OpenVINO sees no device NPU here; it sees CPU"):
        model.load()
    model.close()


async def test_openvino_chooses_among_its_devices(yolov8n: Path) -> None:
    model = Yolo(Yolo.Options(weights=str(yolov8n), device="intel:auto", imgsz=64))
    model.load()
    assert model.description == "yolov8n openvino AUTO 64x64"
    assert len(await model.detect(frame(64, 64), min_score=0.5)) == 0
    model.close()


@pytest.mark.skipif(importlib.util.find_spec("tensorrt") is not None, reason="TensorRT is here")
@pytest.mark.parametrize("backend", ["auto", "tensorrt"])
def test_an_engine_without_a_device(tmp_path: Path, backend: str) -> None:
    (tmp_path / "made.engine").write_bytes(b"not an engine")
    with pytest.raises(ModelError, match=r"needs a CUDA device|no metadata in it"):
        Yolo(Yolo.Options.model_validate({"weights": str(tmp_path / "made.engine"), "backend": backend})).load()


def test_tensorrt_that_is_not_installed_names_its_extra(yolov8n: Path) -> None:
    from pipeline.models.backends.tensorrt_backend import TensorRtNetwork

    if importlib.util.find_spec("tensorrt") is not None:
        pytest.skip("TensorRT is here")
    with pytest.raises(MissingExtraError, match=r"framewatch\[tensorrt\]"):
        TensorRtNetwork(yolov8n, device="cuda:0", half=True, max_batch=4).load()
