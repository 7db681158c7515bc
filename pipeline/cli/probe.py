"""`framewatch probe`: what a stream is, and what Framewatch can do with it."""

from typing import Annotated

import typer

from pipeline.cli.table import show


def probe(url: Annotated[str, typer.Argument(help="rtsp://…, http://…, a device, a video file, demo.")]) -> None:
    """Open URL and say codec, size, rate, latency and whether live view can pass it through."""
    from pipeline import registry
    from pipeline.config import single_camera
    from sources.probe import probe as look

    one = next(iter(single_camera(url).cameras.values())).inputs[0]
    show(look(registry.load("sources", one.type)(one.options)).rows())
