"""Where an object went."""

import msgspec

PathPoint = tuple[float, float, float]
"""UTC seconds, and where its box stood then: the middle of the lower edge, relative to the picture."""


class EventPath(msgspec.Struct, frozen=True):
    """`points` are [time, x, y], the oldest first; straight lines between them are near enough."""

    points: list[PathPoint]
