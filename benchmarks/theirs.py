"""Ultralytics' `track` as a contestant: `benchmarks.track`, once for all cameras or once for each."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from pipeline.models.ultra import ultralytics
from tests.system.framewatch import ROOT, environment, wait_for

_LOADING_S = 180.0


@dataclass(frozen=True, slots=True)
class Way:
    """How a user may run it on several cameras."""

    one_process: bool
    vid_stride: int

    def __str__(self) -> str:
        return f"{'one process' if self.one_process else 'a process for each camera'}, vid_stride={self.vid_stride}"


class Process:
    """One `benchmarks.track`."""

    def __init__(self, model: Path, source: str, imgsz: str, vid_stride: int) -> None:
        command = [sys.executable, "-m", "benchmarks.track", str(model), source]
        self._process = subprocess.Popen(
            [*command, "--imgsz", imgsz, "--vid-stride", str(vid_stride)],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self.count = 0
        self._said: list[str] = []
        self._readers = [
            Thread(target=self._read, args=(stream,), daemon=True)
            for stream in (self._process.stdout, self._process.stderr)
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def works(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError("ultralytics ended: " + "\n".join(self._said[-10:]))
        return self.count > 0

    def _read(self, stream: Any) -> None:
        for line in stream:
            if line.strip().isdigit():
                self.count = int(line)
            else:
                self._said = [*self._said[-50:], line.rstrip()]


class Theirs:
    def __init__(self, processes: Sequence[Process]) -> None:
        self._processes = processes

    def frames(self) -> float:
        return sum(process.count for process in self._processes)

    def pids(self) -> Sequence[int]:
        return [process.pid for process in self._processes]


@contextmanager
def track(folder: Path, urls: Sequence[str], model: Path, *, imgsz: str, way: Way) -> Iterator[Theirs]:
    """At work on all cameras once entered."""
    streams = folder / "cameras.streams"
    streams.write_text("\n".join(urls) + "\n")
    sources = [str(streams)] if way.one_process else urls
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(model, source, imgsz, way.vid_stride)) for source in sources]
        for process in processes:
            wait_for(process.works, _LOADING_S)
        yield Theirs(processes)


def exported(weights: Path, folder: Path, *, imgsz: tuple[int, int], batch: int) -> Path:
    """`weights` as ultralytics exports them to OpenVINO: static, full precision; kept in `folder`."""
    height, width = imgsz
    named = folder / f"{weights.stem}-{height}x{width}-{batch}_openvino_model"
    if not named.exists():
        copy = folder / f"{weights.stem}-{height}x{width}-{batch}.pt"  # the exporter writes beside the weights
        copy.write_bytes(weights.read_bytes())
        made = ultralytics().YOLO(copy).export(format="openvino", imgsz=imgsz, batch=batch, verbose=False)
        if Path(made) != named:
            Path(made).rename(named)
    return named
