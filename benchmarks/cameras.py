"""The cameras of a contest, the same for all who take part, and what a contest may be told."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.clip import demo_clip
from tests.system.rtsp import RtspServer

Cameras = Annotated[int, typer.Option(min=1)]
Rounds = Annotated[int, typer.Option(min=1)]
Seconds = Annotated[float, typer.Option(min=1, help="How long each run is measured.")]
WarmUp = Annotated[float, typer.Option(min=0)]
Clip = Annotated[Path | None, typer.Option(help="What the cameras show; the demo camera's picture without.")]
JsonPath = Annotated[Path | None, typer.Option("--json", help="Write the figures here as well.")]


@dataclass(frozen=True, slots=True)
class Playing:
    """`folder` is everybody's to write into; every address shows `clip`."""

    folder: Path
    clip: Path
    urls: Sequence[str]


@contextmanager
def playing(clip: Path | None, cameras: int) -> Iterator[Playing]:
    """A real RTSP server with so many cameras."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shown = (clip or demo_clip(folder / "demo.mp4")).absolute()
        with RtspServer({f"camera{index}": shown for index in range(cameras)}) as server:
            yield Playing(folder, shown, [server.url(f"camera{index}") for index in range(cameras)])
