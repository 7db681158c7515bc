"""The model type `yolo-cls`: ultralytics' classifiers, on any backend."""

from typing import Annotated

from pydantic import Field

from pipeline.core.errors import ModelError
from pipeline.models import weights
from pipeline.models.backends.choice import NetworkOptions, choose
from pipeline.models.classification import Found, SharedClassifier
from pipeline.models.metadata import Metadata

_USUAL = 224


class YoloCls(SharedClassifier):
    """Their own preprocessing, their own labels; what it gives are probabilities."""

    class Options(NetworkOptions):
        weights: str = "yolov8n-cls.pt"
        """A name, a path, or what was exported: an OpenVINO folder, an `.onnx` or `.engine` file."""
        imgsz: Annotated[int, Field(ge=0, le=4096, multiple_of=32)] = 0
        """The side of the square that the network looks at; 0 is what it was trained with."""

    def __init__(self, options: Options) -> None:
        super().__init__(options.weights)
        self._options = options

    def _find(self) -> Found:
        path = weights.resolve(self._options.weights)
        network, about = choose(self._options, path), Metadata.of(path)
        if about.task != "classify":
            raise ModelError(f"{path.name} is a model for {about.task!r}, wanted one for 'classify'")
        size = self._options.imgsz or about.imgsz or _USUAL
        return Found(network, about.names, size if isinstance(size, tuple) else (size, size), "none")
