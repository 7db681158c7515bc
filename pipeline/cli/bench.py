"""`framewatch bench`: what each step of the pipeline costs on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.table import show

if TYPE_CHECKING:
    from pipeline.app.bench import Bench, CameraCost
    from pipeline.config import Config

_COLUMNS = ("step", "times", "ms each", "CPU ms each", "CPU ms a frame")


def bench(
    config: Annotated[Path, typer.Argument(help="The configuration, a YAML file.")],
    camera: Annotated[list[str] | None, typer.Option(help="Only this camera; may be given again.")] = None,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="How much of each camera is measured.")] = 20,
    video: Annotated[
        Path | None, typer.Option("--from", help="Measure on this video file instead of the cameras' own streams.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here too.")] = None,
) -> None:
    """Measure what each step of the pipeline costs, and how many frames a second that makes possible.

    Reads some seconds of each camera, then plays them through the configured pipeline as fast as the machine can.
    """
    from pipeline.app.bench import bench as measure
    from pipeline.app.terminal import log_handler, log_to
    from pipeline.app.whole import check_outputs

    check_outputs([json_file] if json_file else [], inputs=[path for path in (config, video) if path])
    log_to(log_handler(), "warning")
    loaded = _loaded(config, camera, video)
    chosen = {name: one for name, one in loaded.cameras.items() if one.enabled and (not camera or name in camera)}
    told = measure(loaded, chosen, seconds=seconds, say=lambda line: typer.echo(line, err=True))
    _print(told)
    if json_file:
        json_file.write_text(_json(told))


def _loaded(config: Path, cameras: list[str] | None, video: Path | None) -> "Config":
    from pipeline.app.stream import chosen_camera
    from pipeline.config import load

    loaded = load(config)
    names = [chosen_camera(loaded, name).name for name in cameras or ()] or list(loaded.cameras)
    if video is None:
        return loaded
    inputs: dict[str, Any] = {"inputs": [{"path": str(video), "type": "file", "pace": "max"}]}
    return load(config, overrides={"cameras": dict.fromkeys(names, inputs)})


def _print(told: "Bench") -> None:
    for camera in told.cameras:
        typer.echo(
            f"\n{camera.camera}: {camera.resolution}, {camera.seconds:.1f} s, {camera.decoded} frames decoded, "
            f"{camera.analysed} analysed"
        )
        show(_rows(camera), _COLUMNS)
        typer.echo(f"in real time {camera.core_share:.0%} of a core")
        if camera.last_error:
            typer.echo(f"something failed: {camera.last_error}", err=True)
    typer.echo(
        f"\n{told.analysed_per_s:.1f} analysed and {told.decoded_per_s:.1f} decoded frames a second possible: "
        f"{told.times_real_time:.1f} times real time"
    )
    other_ms = told.other_cpu_s * 1000 / max(1, sum(camera.analysed for camera in told.cameras))
    typer.echo(f"CPU ms a frame outside the steps: {other_ms:.2f}")
    typer.echo("\n".join([*(f"{name}: {what}" for name, what in told.models.items()), told.machine]))


def _rows(camera: "CameraCost") -> list[tuple[str, ...]]:
    rows = [
        (
            each.step,
            str(each.times),
            f"{each.wall_ms:.2f}",
            f"{each.cpu_ms:.2f}",
            "while looked at" if each.cpu_ms_per_frame is None else f"{each.cpu_ms_per_frame:.2f}",
        )
        for each in camera.steps
    ]
    return [*rows, ("all", "", "", "", f"{sum(each.cpu_ms_per_frame or 0 for each in camera.steps):.2f}")]


def _json(told: "Bench") -> str:
    import json
    from dataclasses import asdict

    figures = {
        "analysed_per_s": told.analysed_per_s,
        "decoded_per_s": told.decoded_per_s,
        "times_real_time": told.times_real_time,
    }
    return json.dumps(asdict(told) | figures, indent=2) + "\n"
