"""What was seen, but never so surely that it became an object with an event."""

from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from pipeline.core.objects import Box
from pipeline.core.refusal import Limit

Doubtful = Literal["looks", "threshold"]
"""Of what was tracked: seen in too few looks, or too unsure in all of them together."""
Reason = Doubtful | Limit
REASONS: tuple[Reason, ...] = (*get_args(Doubtful), *get_args(Limit))


class Glimpse(msgspec.Struct, frozen=True, kw_only=True):
    """Times are UTC seconds; `why` has the `reason` in words and figures.

    `score` is the best of all looks. `box` is where it was seen well, `zones` are all it was in. `rules` are the alert
    rules that were not asked, though what is known of it would fit them.
    """

    id: str
    camera: str
    label: str
    first_seen_at: float
    last_seen_at: float
    looks: int
    score: float
    box: Box
    zones: list[str]
    reason: Reason
    why: str
    rules: list[str] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class GlimpseQuery:
    """All that is given must hold; an empty tuple or None means any.

    `after` and `before` (UTC seconds): what was seen at any time between.
    """

    cameras: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    after: float | None = None
    before: float | None = None
