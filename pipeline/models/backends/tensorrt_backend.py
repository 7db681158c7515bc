"""Inference with TensorRT on CUDA: engines of ultralytics' exporter, pictures and scheduling as for torch."""

from pathlib import Path
from typing import Any

from pipeline.core.errors import MissingExtraError, ModelError
from pipeline.models import export
from pipeline.models.backends.torch_backend import TorchNetwork
from pipeline.models.network import Size


def tensorrt() -> Any:
    """The module; raises MissingExtraError."""
    try:
        import tensorrt as module
    except ImportError:
        raise MissingExtraError("tensorrt", "tensorrt") from None
    return module


class TensorRtNetwork(TorchNetwork):
    """`weights` is a PyTorch file, of which an engine is made once for each size, or an `.engine` file."""

    def __init__(self, weights: Path, *, device: str, half: bool, max_batch: int, features: bool = False) -> None:
        super().__init__(weights, device=device, half=half, max_batch=max_batch, features=features)
        self._is_exported = weights.suffix == ".engine"
        self._engines: dict[Size, _Engine] = {}

    def load(self) -> None:
        tensorrt()
        self._begin_cuda()
        if self._is_exported:
            engine = self._opened(self._weights)
            self.fixed_hw, self.max_batch = engine.fixed_hw, min(self.max_batch, engine.most)
            self._engine = engine

    @property
    def description(self) -> str:
        return f"tensorrt {self._device.upper()}{' fp16' if self._half else ''}"

    def prepare(self, input_hw: Size) -> None:
        if self._is_exported:
            self._engines[input_hw] = self._engine
            return
        recipe = export.Recipe(
            "tensorrt",
            input_hw,
            half=self._half,
            most=self.max_batch,
            device=self._device,
            features=self._features,
        )
        self._engines[input_hw] = export.opened(self._weights, recipe, self._opened)

    def restart(self) -> None:
        self._canvases.clear()
        for input_hw in list(self._engines):
            self.load()
            self.prepare(input_hw)

    def _forward(self, pictures: Any) -> list[Any]:
        return self._engines[tuple(pictures.shape[2:])].run(pictures)

    def _opened(self, path: Path) -> "_Engine":
        return _Engine(path, self._device)


class _Engine:
    """A deserialised engine with its context; raises ModelError for a file that this TensorRT cannot read."""

    def __init__(self, path: Path, device: str) -> None:
        import torch

        trt = tensorrt()
        with torch.cuda.device(device):
            self._engine = trt.Runtime(trt.Logger(trt.Logger.WARNING)).deserialize_cuda_engine(_without_header(path))
            if self._engine is None:
                raise ModelError(f"{path}: TensorRT {trt.__version__} cannot read this engine")
            self._context = self._engine.create_execution_context()
        names = [self._engine.get_tensor_name(number) for number in range(self._engine.num_io_tensors)]
        inputs = [name for name in names if self._engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT]
        (self._input,) = inputs
        # an engine has them in any order; the exporter numbers the head's own and leaves ours its layer's name
        self._outputs = sorted(set(names) - {self._input}, key=lambda name: (not name.startswith("output"), name))
        self._dtypes = {name: _torch_type(trt, self._engine.get_tensor_dtype(name)) for name in names}
        batch, _, height, width = self._engine.get_tensor_shape(self._input)
        self._batch = batch if batch > 0 else None
        """The one size of batch that it takes; None where any up to `most` will do."""
        self.most: int = self._batch or self._engine.get_tensor_profile_shape(self._input, 0)[2][0]
        self.fixed_hw: Size | None = (height, width) if height > 0 and width > 0 else None

    def run(self, pictures: Any) -> list[Any]:
        """Queues one batch on the current stream; the outputs are new tensors, not the engine's own."""
        import torch

        given = pictures.to(self._dtypes[self._input])
        if self._batch is not None and len(given) < self._batch:
            given = torch.cat((given, given.new_zeros(self._batch - len(given), *given.shape[1:])))
        given = given.contiguous()
        if not self._context.set_input_shape(self._input, tuple(given.shape)):
            raise ModelError(f"TensorRT: the engine does not take an input of {tuple(given.shape)}")
        self._context.set_tensor_address(self._input, given.data_ptr())
        outputs = []
        for name in self._outputs:
            shape = tuple(self._context.get_tensor_shape(name))
            outputs.append(torch.empty(shape, dtype=self._dtypes[name], device=given.device))
            self._context.set_tensor_address(name, outputs[-1].data_ptr())
        if not self._context.execute_async_v3(torch.cuda.current_stream(given.device).cuda_stream):
            raise ModelError("TensorRT: the inference could not be queued")
        return outputs


def _without_header(path: Path) -> bytes:
    """ultralytics writes a JSON document and its length before the engine; engines of others have none."""
    content = path.read_bytes()
    length = int.from_bytes(content[:4], "little", signed=True)
    return content[4 + length :] if content[4:5] == b"{" and 0 < length < len(content) else content


def _torch_type(trt: Any, dtype: Any) -> Any:
    import torch

    known = {trt.float32: torch.float32, trt.float16: torch.float16, trt.int32: torch.int32, trt.int64: torch.int64}
    if dtype not in known:
        raise ModelError(f"TensorRT: the engine has a tensor of type {dtype}, which is not read here")
    return known[dtype]
