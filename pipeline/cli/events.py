"""`framewatch events`: what happened, as a table or for another program."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pipeline.cli.table import show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.core.event import Event
    from pipeline.core.event_query import EventQuery
    from pipeline.store.store import EventStore

_PAGE = 500
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
Names = Annotated[list[str] | None, typer.Option()]
When = Annotated[datetime | None, typer.Option(formats=_FORMATS, help="Local time.")]


def events(
    config: Annotated[
        Path | None, typer.Argument(help="The configuration whose store is read; the default store without one.")
    ] = None,
    camera: Names = None,
    type: Names = None,
    label: Names = None,
    zone: Annotated[str | None, typer.Option()] = None,
    attribute: Annotated[
        list[str] | None, typer.Option(metavar="NAME:VALUE", help="What is known of the object, as in colour:red.")
    ] = None,
    after: When = None,
    before: When = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 50,
    format: Annotated[Literal["table", "jsonl", "csv"], typer.Option(help="How they are printed.")] = "table",
) -> None:
    """List events, the newest first, or export them for another program."""
    from pipeline.core.event_query import EventQuery, attribute_of

    try:
        attributes = tuple(map(attribute_of, attribute or ()))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--attribute") from error
    query = EventQuery(
        cameras=tuple(camera or ()),
        types=tuple(type or ()),
        labels=tuple(label or ()),
        zone=zone,
        attributes=attributes,
        after=after.timestamp() if after else None,
        before=before.timestamp() if before else None,
    )
    store = _store(config)
    try:
        store.start_reading()
        found = list(_pages(store, query, limit))
    finally:
        store.close()
    _print(found, format)


def _store(config: Path | None) -> "EventStore":
    from pipeline.config import Store, load
    from pipeline.store.store import EventStore

    settings = load(config).store if config is not None else Store()
    return EventStore(settings.url.get_secret_value())


def _pages(store: "EventStore", query: "EventQuery", limit: int) -> "Iterator[Event]":
    cursor: str | None = None
    while limit > 0:
        page = store.list(query, limit=min(limit, _PAGE), cursor=cursor)
        yield from page.items
        limit -= len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def _print(found: "Sequence[Event]", format: str) -> None:
    from pipeline.store import export

    if format == "jsonl":
        export.write_jsonl(found, sys.stdout.buffer)
    elif format == "csv":
        export.write_csv(found, sys.stdout)
    else:
        show([export.row(event) for event in found], export.COLUMNS)
