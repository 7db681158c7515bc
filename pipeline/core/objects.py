"""A tracked thing on one camera, as one frame shows it."""

import msgspec

from pipeline.core.attributes import AttributeValue

__all__ = ["AttributeValue", "Box", "TrackedObject"]

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2, relative to the picture, 0..1."""


class Doubt(msgspec.Struct, frozen=True):
    """Why nobody believes an object yet: its best score in so many looks, and how near to `wanted` it came.

    `score` is the median that is compared, 0 as long as it was seen once.
    """

    looks: int
    best: float
    score: float
    wanted: float


class TrackedObject(msgspec.Struct, omit_defaults=True):
    """One object in one analysed frame; `id` is the same through time and unique over restarts.

    `velocity` is the box's change in relative units a second, side by side with `box`. `measured` is False
    where the tracker predicted the box instead of seeing it; `lost` is True once it was looked for in vain for
    a while: it has not gone yet (something may hide it), but there is nothing to draw. `confirmed` becomes True
    once, when the object has been seen often enough to be believed; until then `doubt` says why it is not. Stages
    after the tracker may add `zones` and `attributes`.

    `origin` is the id of an object that was lost and that this one goes on under another id, as far as rules can
    tell; `root` is the id that stays the same then, and that events know it by.
    """

    id: str
    label: str
    score: float
    box: Box
    first_seen_at: float
    velocity: Box = (0.0, 0.0, 0.0, 0.0)
    measured: bool = True
    lost: bool = False
    confirmed: bool = True
    stationary: bool = False
    zones: list[str] = msgspec.field(default_factory=list)
    attributes: dict[str, AttributeValue] = msgspec.field(default_factory=dict)
    origin: str = ""
    doubt: Doubt | None = None

    @property
    def root(self) -> str:
        return self.origin or self.id
