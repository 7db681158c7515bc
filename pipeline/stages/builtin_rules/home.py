"""Where a thing is at rest, though something may hide a part of it."""

from pipeline.core.geometry import covered, iou
from pipeline.core.objects import Box, TrackedObject

WITHIN = 0.7
"""What has so much of its box where the whole of it was is a part of it."""
SAME_PLACE_IOU = 0.5


def is_at(box: Box, home: Box) -> bool:
    return iou(box, home) >= SAME_PLACE_IOU or covered(box, home) >= WITHIN


def home_of(thing: TrackedObject, before: Box | None) -> Box | None:
    """The box that it had when it came to rest; None where it is on its way."""
    if before is not None and is_at(thing.box, before):
        return before
    return thing.box if thing.stationary else None
