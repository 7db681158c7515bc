"""`framewatch import`: configurations of other programs."""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Turn another program's configuration into ours.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _programs() -> None:
    """Turn another program's configuration into ours."""


@app.command()
def frigate(
    config: Annotated[Path, typer.Argument(help="Frigate's configuration, a YAML file.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write it; without, it is printed.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Make a configuration of Frigate's CONFIG, and list on standard error what could not be taken over."""
    from pipeline.config.frigate import convert

    made = convert(config)
    if output is None:
        typer.echo(made.text, nl=False)
    else:
        _write(made.text, config, output, force=force)
        typer.echo(f"{output}: written, {made.cameras} camera{'' if made.cameras == 1 else 's'}")
    for note in made.notes:
        typer.echo(str(note), err=True)


def _write(text: str, config: Path, output: Path, *, force: bool) -> None:
    """For its owner's eyes alone: addresses hold passwords."""
    from pipeline.core.errors import ConfigError, Problem

    if output.exists() and (not force or output.samefile(config)):
        is_read = output.samefile(config)
        got = "the file that is read" if is_read else "a file that is there already"
        wanted = "another file" if is_read else "another file, or --force"
        raise ConfigError([Problem(str(output), None, "", got, wanted)])
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    with open(os.open(output, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
