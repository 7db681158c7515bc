"""The model type `onnx-cls`: any classifier as an ONNX file, on OpenVINO or ONNX Runtime."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from pipeline.core.errors import ModelError
from pipeline.core.options import Options as BaseOptions
from pipeline.models import weights
from pipeline.models.backends.choice import NetworkOptions, choose
from pipeline.models.classification import Activation, Found, SharedClassifier
from pipeline.models.pixels import Mean, Pixels, Std, of_255


class OnnxCls(SharedClassifier):
    """The network takes one input (batch, 3, height, width) and gives one score for each label.

    How it wants colours is its trainer's choice: the defaults are torchvision's, as networks have them that were
    trained on ImageNet.
    """

    class Options(BaseOptions):
        weights: str
        """The `.onnx` file."""
        labels: tuple[str, ...] | Path
        """In the order of the outputs; or a text file with one on each line."""
        imgsz: Annotated[int, Field(ge=8, le=4096)] = 224
        """The side of its square, for a network that takes any size."""
        mean: Mean = (0.485, 0.456, 0.406)
        """Taken off the values, which are in 0..1, in the order of `colours`."""
        std: Std = (0.229, 0.224, 0.225)
        """What they are divided by then."""
        colours: Literal["rgb", "bgr"] = "rgb"
        """The order in which it reads them."""
        activation: Activation = "auto"
        """What makes scores of its outputs; `auto` is softmax where they do not sum up to one."""
        device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")] = "auto"
        backend: Literal["auto", "openvino", "onnx"] = "auto"
        """`auto` is OpenVINO on a CPU that it is made for, else ONNX Runtime."""
        max_batch: Annotated[int, Field(ge=1, le=128)] = 16
        """Pictures that CUDA takes at once, of a network that takes any number; a CPU takes one."""

    def __init__(self, options: Options) -> None:
        super().__init__(options.weights)
        self._options = options

    def _find(self) -> Found:
        options = self._options
        path = weights.resolve(options.weights)
        if path.suffix.lower() != ".onnx":
            raise ModelError(f"got {path.name}, wanted an .onnx file")
        run_by = NetworkOptions(
            weights=options.weights, device=options.device, backend=options.backend, max_batch=options.max_batch
        )
        pixels = Pixels(of_255(options.mean), of_255(options.std), options.colours)
        labels = dict(enumerate(_read(options.labels)))
        return Found(choose(run_by, path, pixels), labels, (options.imgsz, options.imgsz), options.activation)


def _read(labels: tuple[str, ...] | Path) -> tuple[str, ...]:
    if isinstance(labels, tuple):
        return labels
    try:
        lines = labels.expanduser().read_text().splitlines()
    except (OSError, ValueError) as error:
        raise ModelError(f"labels {str(labels)!r} cannot be read: {error}") from error
    return tuple(line.strip() for line in lines if line.strip())
