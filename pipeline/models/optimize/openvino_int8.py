"""Eight-bit weights and activations for an OpenVINO model, by NNCF."""

import logging
import shutil
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import ModelError
from pipeline.core.frame import Image
from pipeline.models.intel import nncf, openvino
from pipeline.models.metadata import Metadata

PRESET = "mixed"
"""Weights symmetric, activations not: what NNCF recommends for networks whose activations are."""


def quantize(full: Path, pictures: Sequence[Image], folder: Path) -> None:
    """Writes into `folder` what ultralytics would have, made from `full`, a folder with an exported model.

    `pictures` are inputs of the network, (height, width, 3), red first; some hundred of what it will see. About a
    quarter of a second each. Raises ModelError, MissingExtraError.
    """
    tools = nncf()
    tools.set_log_level(logging.WARNING)
    model = openvino().Core().read_model(next(full.glob("*.xml")))
    is_transformer = Metadata.of(full).is_rtdetr
    try:
        with redirect_stdout(sys.stderr):  # its progress bars
            made = tools.quantize(
                model,
                tools.Dataset(pictures, _input),
                preset=tools.QuantizationPreset(PRESET),
                subset_size=len(pictures),
                model_type=tools.ModelType.TRANSFORMER if is_transformer else None,
                ignored_scope=tools.IgnoredScope(names=_head(model)),
            )
    except Exception as error:  # NNCF raises what it likes
        raise ModelError(f"{full.name} cannot be quantized: {error}") from error
    folder.mkdir(parents=True)
    openvino().save_model(made, folder / f"{folder.name}.xml", compress_to_fp16=False)
    shutil.copyfile(full / "metadata.yaml", folder / "metadata.yaml")


def _input(picture: Image) -> NDArray[np.float32]:
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32) / np.float32(255)


def _head(model: Any) -> list[str]:
    """The last operations, from boxes and scores apart to the output: eight bits are too few for pixels.

    Those of the module that ends in the scores' sigmoid, as ultralytics leaves them out too.
    """
    names = [operation.get_friendly_name() for operation in model.get_ordered_ops()]
    sigmoids = [op.get_friendly_name() for op in model.get_ordered_ops() if op.get_type_name() == "Sigmoid"]
    if not sigmoids:
        return []
    module = sigmoids[-1].split("/", 1)[0]
    return [name for name in names if name in sigmoids or name.startswith((f"{module}/", f"{module}.dfl"))]
