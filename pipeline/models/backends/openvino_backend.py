"""Inference with OpenVINO on the CPU: static shapes, two asynchronous requests.

Every model is compiled twice: one picture at a time on all cores, and two at a time on their share of them. The
first is half as slow for a camera that is alone, the second does a fifth more where work always waits.

The requests are our own and are waited for with a time limit: `AsyncInferQueue` is known to hang on some CPUs
(ultralytics issue 25923).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.core.errors import ModelError
from pipeline.core.frame import Image
from pipeline.models import export
from pipeline.models.intel import openvino
from pipeline.models.look import Look, Rows
from pipeline.models.suppression import Suppression
from pipeline.models.ultra import ultralytics

Size = tuple[int, int]


@dataclass(slots=True)
class _Request:
    """An OpenVINO request and the picture that it reads, which is kept."""

    infer: Any
    canvas: Image
    min_score: float = 0.0


@dataclass(slots=True)
class _Prepared:
    """The free requests for one size: one that takes all cores, and those that share them."""

    alone: list[_Request]
    shared: list[_Request]

    def take(self, *, alone: bool) -> tuple[_Request, list[_Request]]:
        """A request, and where it comes back to."""
        home = self.alone if alone else self.shared
        return home.pop(), home


class OpenVinoBackend:
    """`weights` is a PyTorch file, exported once for each size, or the folder of an exported model."""

    max_batch = 1
    in_flight = 2

    def __init__(self, weights: Path, suppression: Suppression, *, half: bool) -> None:
        self._weights = weights
        self._suppression = suppression
        self._half = half
        self._prepared: dict[Size, _Prepared] = {}
        self._running: dict[int, list[_Request]] = {}
        """Where each request that runs comes back to, by its identity."""
        self._was_alone = True
        self._abandoned: list[_Prepared] = []
        self.labels: dict[int, str] = {}
        self.stride = 32
        self.fixed_hw: Size | None = None
        self._end2end = False

    def load(self) -> None:
        self._core = openvino().Core()
        ultralytics()  # brings torch, for the suppression; with one thread, for the cores are OpenVINO's
        if self._weights.is_dir():
            self._read_metadata(self._weights)
            shape = self._read(self._weights).input().partial_shape
            if shape.is_static:
                self.fixed_hw = (int(shape[2].get_length()), int(shape[3].get_length()))

    @property
    def description(self) -> str:
        return f"openvino CPU{' fp16' if self._half else ''}"

    def prepare(self, input_hw: Size) -> None:
        model = self._shaped(self._weights, input_hw) if self._weights.is_dir() else self._exported(input_hw)
        alone, shared = self._compiled(model, requests=1), self._compiled(model, requests=self.in_flight)
        self._prepared[input_hw] = _Prepared(
            [self._request(alone, input_hw)], [self._request(shared, input_hw) for _ in range(self.in_flight)]
        )

    def start(self, looks: Sequence[Look]) -> _Request:
        (look,) = looks
        is_alone = not self._running
        request, home = self._prepared[look.letterbox.input_hw].take(alone=is_alone and self._was_alone)
        self._was_alone = is_alone
        try:
            look.letterbox.fill(request.canvas, look.content)
            request.min_score = look.min_score
            request.infer.start_async()
        except BaseException:
            home.append(request)
            raise
        self._running[id(request)] = home
        return request

    def finished(self, request: _Request, wait_s: float) -> bool:
        return bool(request.infer.wait_for(max(1, round(wait_s * 1000))))

    def results(self, request: _Request) -> list[Rows]:
        import torch

        try:
            request.infer.wait()  # it has ended: raises what went wrong in it
            raw = torch.from_numpy(request.infer.get_output_tensor(0).data)
            return self._suppression.rows(raw, [request.min_score], classes=len(self.labels), end2end=self._end2end)
        finally:
            self._running.pop(id(request)).append(request)

    def restart(self) -> None:
        self._running.clear()
        for input_hw, hanging in list(self._prepared.items()):
            self._abandoned.append(hanging)  # kept, for destroying a request waits for its end
            self.prepare(input_hw)

    def close(self) -> None:
        self._prepared.clear()

    def _exported(self, input_hw: Size) -> Any:
        """From the cache; what cannot be read there is made again, once."""
        folder = export.exported(self._weights, input_hw, half=self._half)
        try:
            return self._open_export(folder, input_hw)
        except (RuntimeError, ModelError):
            export.forget(folder)
        return self._open_export(export.exported(self._weights, input_hw, half=self._half), input_hw)

    def _open_export(self, folder: Path, input_hw: Size) -> Any:
        self._read_metadata(folder)
        return self._shaped(folder, input_hw)

    def _read_metadata(self, folder: Path) -> None:
        metadata = export.Metadata.of(folder)
        if metadata.task != "detect":
            raise ModelError(f"{folder.name} is a model for {metadata.task!r}, wanted one for 'detect'")
        self.labels, self.stride, self._end2end = metadata.names, metadata.stride, metadata.end2end

    def _read(self, folder: Path) -> Any:
        path = next(folder.glob("*.xml"), None)
        if path is None:
            raise ModelError(f"{folder}: no .xml; wanted an exported OpenVINO model")
        return self._core.read_model(path)

    def _shaped(self, folder: Path, input_hw: Size) -> Any:
        """Reads one picture, height x width x red-green-blue, 0..255."""
        from openvino import Layout, Type
        from openvino.preprocess import PrePostProcessor

        model = self._read(folder)
        model.reshape([1, 3, *input_hw])
        steps = PrePostProcessor(model)
        steps.input().tensor().set_element_type(Type.u8).set_layout(Layout("NHWC"))
        steps.input().model().set_layout(Layout("NCHW"))
        steps.input().preprocess().convert_element_type(Type.f32).scale(255.0)
        return steps.build()

    def _compiled(self, model: Any, *, requests: int) -> Any:
        hint = "THROUGHPUT" if requests > 1 else "LATENCY"
        hints = {"PERFORMANCE_HINT": hint, "PERFORMANCE_HINT_NUM_REQUESTS": requests}
        return self._core.compile_model(model, "CPU", hints)

    def _request(self, model: Any, input_hw: Size) -> _Request:
        from openvino import Tensor

        canvas = np.empty((*input_hw, 3), np.uint8)
        infer = model.create_infer_request()
        infer.set_input_tensor(Tensor(canvas[None], shared_memory=True))
        return _Request(infer, canvas)
