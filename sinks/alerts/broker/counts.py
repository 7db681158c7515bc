"""How many objects are where, and how many have crossed lines."""

from collections.abc import Iterator, Mapping

from pipeline.core.camera import Camera
from pipeline.core.feed import FeedCamera
from pipeline.core.messages import FrameResult
from sinks.alerts.broker.topics import ALL

Counts = Mapping[tuple[str, str], int]
"""By zone (empty: the whole picture) and label."""
DIRECTIONS = "in", "out"


def none_of(plan: Camera) -> dict[tuple[str, str], int]:
    """Zero of everything that can be counted on a camera."""
    tracked = plan.objects.track
    counts = {("", label): 0 for label in (*tracked, ALL)}
    for name, zone in plan.zones.items():
        counts |= {(name, label): 0 for label in (*(zone.objects or tracked), ALL)}
    return counts


def counted(plan: Camera, result: FrameResult) -> dict[tuple[str, str], int]:
    """Of one frame: what is believed to be there, whether or not it was seen in this very frame."""
    counts = none_of(plan)
    for thing in result.objects:
        if thing.confirmed and not thing.lost:
            for place in ("", *thing.zones):
                for label in (thing.label, ALL):
                    if (place, label) in counts:
                        counts[place, label] += 1
    return counts


def crossed(camera: FeedCamera) -> Iterator[tuple[str, str, str, int]]:
    """Line, label and direction of each count."""
    for line, counted in camera.lines.items():
        for direction in DIRECTIONS:
            counts = {label: each.get(direction, 0) for label, each in counted.counts.items()}
            for label, count in {**counts, ALL: sum(counts.values())}.items():
                yield line, label, direction, count
