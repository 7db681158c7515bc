"""A detection that is too unsure, or that a filter of its label leaves out."""

from typing import Literal

import msgspec

from pipeline.core.figures import above, below
from pipeline.core.objects import Box

Limit = Literal["min_score", "min_area", "max_area", "min_ratio", "max_ratio", "mask"]
"""The key under `objects` that it did not meet."""

_NAMES = {"score": "score", "area": "area", "ratio": "width to height"}


class Refusal(msgspec.Struct, frozen=True):
    """`got` and `wanted` are in the unit of the key; both are 0 for a mask."""

    label: str
    score: float
    box: Box
    limit: Limit
    got: float = 0.0
    wanted: float = 0.0
    zones: list[str] = []
    """Where it stood."""

    @property
    def why(self) -> str:
        if self.limit == "mask":
            return "stood in a mask"
        which, _, what = self.limit.partition("_")
        is_less = which == "min"
        got = below(self.got, self.wanted) if is_less else above(self.got, self.wanted)
        return f"{_NAMES[what]} {got} {'below' if is_less else 'above'} {self.wanted:g} ({self.limit})"
