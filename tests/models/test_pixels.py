from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.core.frame import Image
from pipeline.models.backends.onnx_backend import OnnxNetwork
from pipeline.models.backends.openvino_backend import OpenVinoNetwork
from pipeline.models.letterbox import Letterbox
from pipeline.models.look import Look
from pipeline.models.pixels import Pixels, Triple
from tests.models.networks import mean_colour

IMAGENET = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
CASES = [
    pytest.param(Pixels(), id="as ultralytics does"),
    pytest.param(Pixels(*IMAGENET), id="as ImageNet's"),
    pytest.param(Pixels(*IMAGENET, order="bgr"), id="blue first"),
    pytest.param(Pixels((0, 0, 0), (1, 1, 1), "bgr"), id="as they are, blue first"),
    pytest.param(Pixels((10, 20, 30), (2, 2, 2)), id="one scale for all colours"),
]
PICTURE: Image = np.tile(np.array([200, 90, 10], np.uint8), (8, 16, 1))


def wanted(pixels: Pixels) -> Triple:
    """What a plain reading of the definition gives for each colour of the picture."""
    colours = PICTURE[0, 0] if pixels.order == "rgb" else PICTURE[0, 0, ::-1]
    first, second, third = (colours - np.array(pixels.mean)) / np.array(pixels.std)
    return float(first), float(second), float(third)


@pytest.mark.parametrize("pixels", CASES)
def test_a_blob_is_what_the_definition_says(pixels: Pixels) -> None:
    blob = pixels.blob([PICTURE, PICTURE])
    assert (blob.shape, str(blob.dtype)) == ((2, 3, 8, 16), "float32")
    assert blob[1, :, 3, 5] == pytest.approx(wanted(pixels), abs=1e-4)


@pytest.mark.parametrize("pixels", CASES)
@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_every_backend_reads_a_picture_alike(pixels: Pixels, backend: str, tmp_path: Path) -> None:
    path = mean_colour(tmp_path / "mean.onnx", (8, 16))
    network: Any
    if backend == "onnx":
        network = OnnxNetwork(path, device="cpu", half=False, max_batch=1, pixels=pixels)
    else:
        network = OpenVinoNetwork(path, half=False, pixels=pixels)
    network.load()
    assert network.fixed_hw == (8, 16)
    network.prepare((8, 16))
    started = network.start([Look(PICTURE, Letterbox.fixed((16, 8), (8, 16)), 0.0)])
    assert network.finished(started, 30)
    with network.outputs(started) as (raw,):
        assert np.asarray(raw)[0] == pytest.approx(wanted(pixels), abs=1e-3)
    network.close()
