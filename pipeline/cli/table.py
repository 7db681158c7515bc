"""Tables on standard output."""

import sys
from collections.abc import Iterable, Sequence

_WIDE = 250


def show(rows: Iterable[Sequence[str]], columns: Sequence[str] = ()) -> None:
    """One line a row, as wide as the terminal; never cut where the output goes into a file or a pipe."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, show_header=bool(columns), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)
