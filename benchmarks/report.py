"""What every benchmark prints: a table, and the same as JSON where that is asked for."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

Figures = Mapping[str, float | str | None]


def percentile(samples: Sequence[float], share: float) -> float | None:
    """None without samples; `share` is 0..1."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def machine() -> str:
    """What the figures were taken on."""
    model = platform.processor() or platform.machine()
    with suppress(OSError, StopIteration):  # not Linux, or a processor without a name: the short one serves
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return f"{os.cpu_count()} cores of {model}"


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
