"""What a trained model says of itself: its task, its labels, its head."""

import ast
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.core.errors import FramewatchError, ModelError
from pipeline.models.cache import exports_dir, sha256_of, workspace
from pipeline.models.signature import Signature
from pipeline.models.ultra import ultralytics

Form = Literal["torch", "openvino", "onnx", "tensorrt"]
_SUFFIXES: Mapping[str, Form] = {".onnx": "onnx", ".engine": "tensorrt"}


class Metadata(BaseModel):
    """As far as it matters here, under the names that ultralytics writes it with."""

    task: str
    stride: int
    names: dict[int, str]
    end2end: bool = False
    imgsz: int | tuple[int, int] | None = None
    """What it was trained or exported with, (height, width) where that is no square."""
    head: str = ""
    """The class of the network's last layer; older exports do not say."""
    kpt_shape: tuple[int, int] | None = None
    """How many points a pose has, and how many numbers (2 or 3) a point."""

    @property
    def is_rtdetr(self) -> bool:
        return self.head == "RTDETRDecoder"

    @classmethod
    def of(cls, path: Path) -> "Metadata":
        """Reads weights of any form; seconds for a `.pt` seen for the first time. Raises ModelError."""
        form = form_of(path)
        try:
            return cls.model_validate(_READERS[form](path))
        except FramewatchError:
            raise
        except (OSError, YAMLError, ValidationError, ValueError, SyntaxError) as error:
            raise ModelError(f"{path}: {_WANTED[form]}") from error


def form_of(path: Path) -> Form:
    """Weights that are exported files can only run on the backend that they were exported for."""
    return "openvino" if path.is_dir() else _SUFFIXES.get(path.suffix.lower(), "torch")


def _of_folder(folder: Path) -> Any:
    return YAML(typ="safe").load(folder / "metadata.yaml")


def _of_engine(path: Path) -> Any:
    """ultralytics writes four bytes with the length of a JSON document, the document, then the engine."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(4), "little", signed=True)
        if not 0 < length < 1 << 20:
            raise ValueError("no metadata before the engine")
        return json.loads(file.read(length))


def _of_onnx(path: Path) -> Any:
    """The file's own properties, each the text of a Python literal or of itself."""
    return {key: _literal(value) for key, value in Signature.of(path).properties.items()}


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _of_torch(weights: Path) -> Any:
    """Read once with ultralytics, kept in the cache: loading a network only to ask it is slow."""
    kept = exports_dir() / f".about-{weights.stem}-{sha256_of(weights)[:12]}-ultralytics{version('ultralytics')}.json"
    if (said := _json(kept)) is None:
        said = _asked(weights)
        with workspace(kept.parent) as room:
            (room / kept.name).write_text(json.dumps(said))
            (room / kept.name).replace(kept)
    return said


def _json(path: Path) -> Any:
    """None where it is not there, or broken."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def _asked(weights: Path) -> dict[str, Any]:
    try:
        model = ultralytics().YOLO(weights)
        network = one_to_many(model.model)
    except Exception as error:  # whatever torch finds in a file that is no model
        raise ModelError(f"weights {str(weights)!r} cannot be loaded: {error}") from error
    head = network.model[-1]
    said = {
        "task": network.task,
        "stride": int(network.stride.max()),
        "names": dict(network.names),
        "end2end": bool(getattr(network, "end2end", False)),
        "imgsz": model.overrides.get("imgsz"),
        "head": type(head).__name__,
    }
    return said | ({"kpt_shape": list(head.kpt_shape)} if hasattr(head, "kpt_shape") else {})


def one_to_many(network: Any) -> Any:
    """As ultralytics predicts and exports unless told otherwise: a head that has both ways leaves the choice to us."""
    if getattr(network, "end2end", False):
        network.end2end = False
    return network


_READERS = {"openvino": _of_folder, "tensorrt": _of_engine, "onnx": _of_onnx, "torch": _of_torch}
_WANTED: Mapping[Form, str] = {
    "openvino": "no readable metadata.yaml; wanted a folder from ultralytics",
    "tensorrt": "no metadata in it; wanted an engine from ultralytics",
    "onnx": "no metadata in it; wanted a model from ultralytics (type: onnx takes those of others)",
    "torch": "wanted weights that ultralytics can load",
}
