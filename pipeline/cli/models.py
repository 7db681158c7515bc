"""`framewatch models`: which weights are here, and fetching more."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.table import show

if TYPE_CHECKING:
    from pipeline.models.catalogue import Entry

app = typer.Typer(help="List or fetch model weights.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def listing() -> None:
    """List what is in the cache, and what can be fetched by name."""
    from pipeline.models import catalogue

    show((_row(entry) for entry in catalogue.listing()), ("name", "kind", "size", "where"))


def _row(entry: "Entry") -> tuple[str, str, str, str]:
    size = f"{entry.size_bytes / 1e6:.1f} MB" if entry.size_bytes is not None else ""
    return entry.name, entry.kind, size, str(entry.path or entry.source)


@app.command()
def fetch(name: Annotated[str, typer.Argument(help="For example yolov8n.pt.")]) -> None:
    """Bring weights into the cache, so that a later start needs no network."""
    from pipeline.app.terminal import log_handler, log_to
    from pipeline.models import catalogue

    log_to(log_handler(), "info")
    typer.echo(catalogue.fetch(name))
