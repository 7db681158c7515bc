"""`framewatch validate` and `framewatch schema`."""

from pathlib import Path
from typing import Annotated

import typer


def validate(config: Annotated[Path, typer.Argument(help="The configuration, a YAML file.")]) -> None:
    """Say what is wrong with CONFIG, all of it, or that nothing is."""
    from pipeline.config import load

    loaded = load(config)
    count = len(loaded.cameras)
    typer.echo(f"{config}: fine, {count} camera{'' if count == 1 else 's'}")


def schema() -> None:
    """Print the JSON schema of the configuration, for editors."""
    import json

    from pipeline.config import schema as make

    typer.echo(json.dumps(make(), indent=2))
