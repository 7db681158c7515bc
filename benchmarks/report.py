"""What every benchmark prints: a table, and the same as JSON where that is asked for."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipeline.app.machine import machine

Figures = Mapping[str, float | str | None]


def percentile(samples: Sequence[float], share: float) -> float | None:
    """None without samples; `share` is 0..1."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def show(title: str, figures: Figures, json_path: Path | None) -> None:
    table = Table("figure", "value", title=title, caption=machine(), box=None, title_justify="left")
    for name, value in figures.items():
        table.add_row(name, _shown(value))
    Console().print(table)
    if json_path is not None:
        told = {"title": title, "machine": machine(), "figures": dict(figures)}
        json_path.write_text(json.dumps(told, indent=2) + "\n")


def _shown(value: float | str | None) -> str:
    if value is None:
        return "no sample"
    return value if isinstance(value, str) else f"{value:,.1f}"
