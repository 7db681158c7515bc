"""`framewatch models`: which weights are here, and fetching more."""

from typing import Annotated

import typer

app = typer.Typer(help="List or fetch model weights.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def show() -> None:
    """List what is in the cache, and what can be fetched by name."""
    from rich.console import Console
    from rich.table import Table

    from pipeline.models import catalogue

    table = Table("name", "kind", "size", "where", box=None, pad_edge=False)
    for entry in catalogue.listing():
        size = f"{entry.size_bytes / 1e6:.1f} MB" if entry.size_bytes is not None else ""
        table.add_row(entry.name, entry.kind, size, str(entry.path or entry.source))
    Console().print(table)


@app.command()
def fetch(name: Annotated[str, typer.Argument(help="For example yolov8n.pt.")]) -> None:
    """Bring weights into the cache, so that a later start needs no network."""
    from pipeline.app.serve import log_to_terminal
    from pipeline.models import catalogue

    log_to_terminal("info")
    typer.echo(catalogue.fetch(name))
