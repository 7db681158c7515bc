"""Ultralytics' `track` as a contestant: `benchmarks.track`, once for all cameras or once for each."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.counting import Counting
from pipeline.models.ultra import ultralytics


@dataclass(frozen=True, slots=True)
class Way:
    """How a user may run it on several cameras."""

    one_process: bool
    vid_stride: int

    def __str__(self) -> str:
        return f"{'one process' if self.one_process else 'a process for each camera'}, vid_stride={self.vid_stride}"


class Theirs:
    def __init__(self, processes: Sequence[Counting]) -> None:
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
        options = ("--imgsz", imgsz, "--vid-stride", str(way.vid_stride))
        processes = [stack.enter_context(Counting("track", str(model), source, *options)) for source in sources]
        for process in processes:
            process.until_it_counts()
        yield Theirs(processes)


def exported(weights: Path, folder: Path, *, imgsz: tuple[int, int], batch: int, dynamic: bool = False) -> Path:
    """`weights` as ultralytics exports them to OpenVINO: full precision, static unless `dynamic`; kept in `folder`."""
    height, width = imgsz
    size = f"{height}x{width}-{batch}{'-dynamic' if dynamic else ''}"
    named = folder / f"{weights.stem}-{size}_openvino_model"
    if not named.exists():
        copy = folder / f"{weights.stem}-{size}.pt"  # the exporter writes beside the weights
        copy.write_bytes(weights.read_bytes())
        model = ultralytics().YOLO(copy)
        made = model.export(format="openvino", imgsz=imgsz, batch=batch, dynamic=dynamic, verbose=False)
        if Path(made) != named:
            Path(made).rename(named)
    return named
