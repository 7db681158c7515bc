"""What is asked of torch to capture a network, and what a replay hands on. No GPU: CUDA's part is played here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.models.backends.capture import Capture, Replay, twin
from pipeline.models.backends.torch_backend import TorchNetwork, _flat
from pipeline.models.ultra import ultralytics

ultralytics()
import torch  # noqa: E402

HW = (64, 96)


@pytest.fixture(scope="module")
def network(yolov8n: Path) -> Any:
    loaded = TorchNetwork(yolov8n, device="cpu", half=False, max_batch=1)
    loaded.load()
    return loaded._network


class Cuda:
    """Stands for `torch.cuda`: its calls, in order."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.stream: list[Any] = []
        for name in ("Stream", "CUDAGraph", "Event"):
            patch.setattr(torch.cuda, name, lambda *_, name=name, **__: Thing(name, self.calls))
        patch.setattr(torch.cuda, "graph_pool_handle", lambda: "pool")
        patch.setattr(torch.cuda, "graph", self.graph)
        patch.setattr(torch.cuda, "stream", self._stream)
        patch.setattr(torch.cuda, "device", self._device)

    @contextmanager
    def graph(self, graph: Any, *, pool: str, stream: Any, capture_error_mode: str) -> Iterator[None]:
        assert stream is self.stream[-1] and (pool, capture_error_mode) == ("pool", "thread_local")
        self.calls.append("capture")
        yield
        self.calls.append("captured")

    @contextmanager
    def _stream(self, stream: Any) -> Iterator[None]:
        self.stream.append(stream)
        yield
        self.stream.pop()

    @contextmanager
    def _device(self, device: str) -> Iterator[None]:
        yield


class Thing:
    def __init__(self, name: str, calls: list[str]) -> None:
        self.name = name
        self.calls = calls

    def record(self) -> None:
        self.calls.append("record")

    def synchronize(self) -> None:
        self.calls.append("synchronize")

    def elapsed_time(self, later: "Thing") -> float:
        return 8.0

    def replay(self) -> None:
        self.calls.append("replay")


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Cuda:
    return Cuda(monkeypatch)


def test_a_twin_shares_the_weights_and_forgets_nothing_of_the_other(network: Any) -> None:
    other = twin(network)
    mine, theirs = (list(each.parameters()) for each in (network, other))
    assert all(one is same for one, same in zip(mine, theirs, strict=True))
    picture = torch.rand(1, 3, *HW)
    with torch.no_grad():
        before = _flat(network(picture))[0]
        anchors = network.model[-1].anchors
        _flat(other(torch.rand(2, 3, 32, 32)))
        assert network.model[-1].anchors is anchors
        assert torch.equal(before, _flat(network(picture))[0])


def test_warm_runs_come_before_the_capture(network: Any, cuda: Cuda, monkeypatch: pytest.MonkeyPatch) -> None:
    def forward(self: Any, pictures: Any) -> Any:
        assert cuda.stream and not torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
        cuda.calls.append(f"run {tuple(pictures.shape)}")
        return (pictures,)

    monkeypatch.setattr(type(network), "forward", forward)
    capture = Capture(network, "cpu", _flat, HW)
    replay = capture.captured(4)
    run = "run (4, 3, 64, 96)"
    assert cuda.calls == [run, run, run, "capture", run, "captured"]
    cuda.calls.clear()
    assert capture.ms(replay, 3) == 2
    assert cuda.calls == ["replay", *["record", *["replay"] * 4, "record", "synchronize"] * 3]
    cuda.calls.clear()
    assert capture.ms(capture.eager, 3) == 2
    assert cuda.calls[0] == "run (3, 3, 64, 96)"


def test_a_replay_reads_the_pictures_and_hands_on_copies() -> None:
    static_in, static_out = torch.zeros(4, 3, 2, 2), torch.zeros(4, 2)

    class Graph:
        def replay(self) -> None:
            static_out[:] = static_in.sum(dim=(1, 2, 3))[:, None]

    replay = Replay(Graph(), static_in, [static_out], reads=None)
    with torch.inference_mode():
        (first,) = replay(torch.ones(3, 3, 2, 2))
        (second,) = replay(torch.full((2, 3, 2, 2), 2.0))
    assert first.tolist() == [[12, 12]] * 3
    assert second.tolist() == [[24, 24]] * 2


def test_a_real_network_is_captured_whole(network: Any, cuda: Cuda) -> None:
    replay = Capture(network, "cpu", _flat, HW).captured(2)
    pictures = torch.zeros(2, 3, *HW)
    (boxes,) = replay(pictures)
    with torch.no_grad():
        assert torch.allclose(boxes, _flat(network(pictures))[0], atol=1e-3)


def test_on_a_cpu_there_are_none(yolov8n: Path) -> None:
    loaded = TorchNetwork(yolov8n, device="cpu", half=False, max_batch=16)
    loaded.load()
    loaded.prepare(HW)
    assert loaded._graphs is None and loaded.description == "torch CPU"
