"""`framewatch run` and `framewatch demo`: the whole system in the foreground."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pipeline.app.written import WrittenConfig
    from pipeline.config import Config

Host = Annotated[str | None, typer.Option(help="Listen on this address, whatever the configuration says.")]
Port = Annotated[int | None, typer.Option(help="Listen on this port; 0 takes a free one.", min=0, max=65535)]


def run(
    config: Annotated[Path | None, typer.Argument(help="The configuration, a YAML file.")] = None,
    source: Annotated[
        str | None, typer.Option(help="One camera without a file: rtsp://…, http://…, a device, a video file, demo.")
    ] = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Run the cameras of CONFIG, or of --source, until Ctrl-C."""
    from pipeline.app.written import WrittenConfig
    from pipeline.config import load, single_camera

    if (config is None) == (source is None):
        raise typer.BadParameter("give either a configuration file or --source")
    overrides = _server(host, port)
    if config is not None:
        _serve(load(config, overrides=overrides), WrittenConfig(config, overrides))
    else:
        _serve(single_camera(str(source), overrides=overrides))


def demo(host: Host = None, port: Port = None) -> None:
    """Run the built-in demo camera: nothing to configure."""
    from pipeline.app.written import WrittenConfig
    from pipeline.config import demo as demo_config
    from pipeline.config import shipped

    overrides = _server(host, port)
    _serve(demo_config(overrides=overrides), WrittenConfig(shipped("demo.yaml"), overrides, shipped=True))


def _server(host: str | None, port: int | None) -> dict[str, Any]:
    given = {"host": host, "port": port}
    return {"server": {key: value for key, value in given.items() if value is not None}}


def _serve(config: "Config", written: "WrittenConfig | None" = None) -> None:
    import asyncio

    from pipeline.app.serve import serve
    from pipeline.app.terminal import Terminal

    with Terminal(config.logging.level) as terminal:
        asyncio.run(serve(config, terminal.say, written))
