"""What goes into an ONNX model and what comes out, and what its author wrote into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipeline.core.errors import MissingExtraError, ModelError
from pipeline.models.backends.onnx_backend import onnxruntime
from pipeline.models.intel import openvino

Shape = tuple[int | None, ...]
"""None where any size will do."""


@dataclass(frozen=True, slots=True)
class Signature:
    """In the model's own order."""

    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    properties: Mapping[str, str]
    """The file's `metadata_props`."""

    @classmethod
    def of(cls, path: Path) -> "Signature":
        """Read by OpenVINO where that is installed, else by ONNX Runtime. Raises ModelError, MissingExtraError."""
        read = _by_openvino if find_spec("openvino") is not None else _by_onnxruntime
        try:
            return read(path)
        except MissingExtraError:
            raise
        except Exception as error:  # ONNX Runtime's have no class of their own above Exception
            raise ModelError(f"{path}: not an ONNX model that can be read: {error}") from error

    def __str__(self) -> str:
        return " and ".join(f"{name} {_sizes(shape)}" for name, shape in self.outputs.items())


def _sizes(shape: Shape) -> str:
    return "x".join("?" if side is None else str(side) for side in shape)


def _by_openvino(path: Path) -> Signature:
    model = openvino().Core().read_model(path)

    def shape(port: object) -> Shape:
        sides = port.partial_shape  # type: ignore[attr-defined]
        return tuple(side.get_length() if side.is_static else None for side in sides)

    inputs, outputs = ({port.any_name: shape(port) for port in ports} for ports in (model.inputs, model.outputs))
    said = model.get_rt_info(["framework"]).value if model.has_rt_info(["framework"]) else {}
    return Signature(inputs, outputs, {name: str(value) for name, value in said.items()})


def _by_onnxruntime(path: Path) -> Signature:
    session = onnxruntime().InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs, outputs = (
        {port.name: tuple(side if isinstance(side, int) else None for side in port.shape) for port in ports}
        for ports in (session.get_inputs(), session.get_outputs())
    )
    return Signature(inputs, outputs, dict(session.get_modelmeta().custom_metadata_map))
