"""How many have crossed a line, by label and direction."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from pipeline.core.geometry import Side


class Tally:
    """Counts from the first frame on, and anew from every midnight of this machine."""

    def __init__(self, inward: Side) -> None:
        self._inward = inward
        self._counts: dict[str, dict[str, int]] = defaultdict(lambda: {"in": 0, "out": 0})
        self._since: float | None = None

    def begin(self, now: float) -> None:
        if self._since is None:
            self._since = now

    def count(self, label: str, came_out: Side, now: float) -> dict[str, Any]:
        """Counts one more; the counts as events have them."""
        if self._since is None or _day(self._since) < _day(now):
            self._counts.clear()
            self._since = datetime.combine(_day(now), datetime.min.time()).timestamp()
        self._counts[label]["in" if came_out == self._inward else "out"] += 1
        return {
            "counts": {name: dict(counts) for name, counts in self._counts.items()},
            "counted_since": round(self._since, 3),
        }


def _day(at: float) -> date:
    return datetime.fromtimestamp(at).date()
