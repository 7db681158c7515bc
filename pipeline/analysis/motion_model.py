"""Where an object is now, from where it was."""

from msgspec.structs import replace

from pipeline.core.objects import Box, TrackedObject

LONGEST_S = 0.5
"""Further ahead than this a guess is worse than the last measurement."""


def moved(thing: TrackedObject, seconds: float) -> TrackedObject:
    """`thing` carried on by its velocity for `seconds`, at most LONGEST_S, inside the picture."""
    ahead = max(0.0, min(seconds, LONGEST_S))
    box: Box = tuple(  # type: ignore[assignment]
        min(1.0, max(0.0, edge + speed * ahead)) for edge, speed in zip(thing.box, thing.velocity, strict=True)
    )
    return replace(thing, box=box)
