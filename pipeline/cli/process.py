"""`framewatch process`: a video file through the pipeline, offline."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress


def process(
    video: Annotated[Path, typer.Argument(help="The video file.")],
    config: Annotated[
        Path | None, typer.Option(help="Use the pipeline, zones and lines of a camera in this file.")
    ] = None,
    camera: Annotated[str | None, typer.Option(help="Which camera of CONFIG; not needed when there is one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the annotated video here (MP4).")] = None,
    events: Annotated[Path | None, typer.Option(help="Write the events here (JSON lines).")] = None,
) -> None:
    """Analyse every frame of VIDEO as fast as the machine can; write what was seen."""
    from pipeline.app.process import frames_in, offline
    from pipeline.app.process import process as run
    from pipeline.app.terminal import log_handler, log_to
    from pipeline.app.whole import check_outputs

    outputs = [path for path in (out, events) if path]
    if not outputs:
        raise typer.BadParameter("give --out, --events, or both")
    check_outputs(outputs, inputs=[path for path in (video, config) if path])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C does: what is half written goes
    log_to(log_handler(), "warning")
    stream = offline(video, config, camera)
    stream.inspect()
    with _bar() as bar:
        task = bar.add_task(video.name, total=frames_in(video))
        summary = run(stream, out, events, lambda done: bar.update(task, completed=done))
    for line in (
        f"{summary.frames} frames, {summary.objects} objects, {summary.events} event lines",
        *(f"wrote {path}" for path in outputs),
    ):
        typer.echo(line)


def _bar() -> "Progress":
    """On standard error: done, total, rate and time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f} frames/s" if task.speed else "loading the model")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))
