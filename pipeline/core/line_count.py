"""How many have crossed a line."""

import msgspec

from pipeline.core.event import Event


class LineCount(msgspec.Struct, frozen=True):
    """Running counts of one line. `counts` has for each label how many came in and how many went out."""

    counts: dict[str, dict[str, int]]
    since: float | None = None
    """When they began (UTC seconds); None where nobody has crossed yet, and they began with the first picture."""


class _Counted(msgspec.Struct):
    counts: dict[str, dict[str, int]]
    counted_since: float


def line_count(event: Event) -> LineCount | None:
    """What a crossing says; None where it says nothing: it may be of a rule of somebody's own."""
    if event.type != "line_cross" or "counts" not in event.data:
        return None
    try:
        counted = msgspec.convert(event.data, _Counted)
    except msgspec.ValidationError:
        return None
    return LineCount(counted.counts, counted.counted_since)
