"""`framewatch probe`: what a stream is, and what Framewatch can do with it."""

from typing import Annotated

import typer


def probe(url: Annotated[str, typer.Argument(help="rtsp://…, http://…, a device, a video file, demo.")]) -> None:
    """Open URL and say codec, size, rate, latency and whether live view can pass it through."""
    from rich.console import Console
    from rich.table import Table

    from pipeline import registry
    from pipeline.config import single_camera
    from sources.probe import probe as look

    one = next(iter(single_camera(url).cameras.values())).inputs[0]
    report = look(registry.load("sources", one.type)(one.options))
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in report.rows():
        table.add_row(name, value)
    Console().print(table)
