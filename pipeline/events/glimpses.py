"""What is seen but never believed: from what each frame holds to one glimpse of each, once it is over."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from pipeline.core.clock import Clock
from pipeline.core.geometry import covered, gap, iou
from pipeline.core.glimpse import Glimpse
from pipeline.core.messages import FrameResult
from pipeline.core.objects import Box, Doubt, TrackedObject
from pipeline.core.refusal import Refusal
from pipeline.events.doubted import Doubted, Refused

MOST_DOUBTED = 64
"""Objects of one camera that are followed at once."""
MOST_REFUSED = 8
"""Stretches of refused detections of one camera that are followed at once."""
OVER_AFTER_S = 10.0
"""Refused detections that are no further apart than this, nor than `NEAR`, are of one thing."""
NEAR = 0.1
"""Of the picture, between two boxes."""
LONGEST_S = 1800.0
"""What goes on for longer is told in parts."""
SILENT_AFTER_S = 30.0
SET_BACK_S = 10.0
_SAME_IOU = 0.3
_PART = 0.7


@dataclass(slots=True)
class _Camera:
    at: float = -inf
    heard_at: float = 0.0
    doubted: dict[str, Doubted] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    def end(self, over: Iterable[Doubted | Refused]) -> list[Glimpse]:
        """Follows these no longer."""
        ended = [*over]
        if not ended:
            return []
        self.doubted = {name: one for name, one in self.doubted.items() if one not in ended}
        self.refused = [one for one in self.refused if one not in ended]
        return [told for one in ended if (told := one.glimpse()) is not None]


class Glimpses:
    """Of all cameras; for one thread, bounded.

    An object that is confirmed in the end is no glimpse, nor is a detection that lies on an object, whatever that is.
    What would be followed beyond the room there is counts in `left_out`.
    """

    def __init__(self, clock: Clock) -> None:
        self.left_out = 0
        self._clock = clock
        self._cameras: dict[str, _Camera] = {}

    def update(self, result: FrameResult) -> list[Glimpse]:
        """What is over since the frame before; a repeated or late result changes nothing."""
        camera = self._cameras.setdefault(result.camera, _Camera())
        camera.heard_at = self._clock.monotonic()
        if camera.at - SET_BACK_S <= result.captured_at <= camera.at:
            return []
        camera.at = result.captured_at
        if not (result.objects or result.refused or camera.doubted or camera.refused):
            return []
        self._follow_objects(camera, result)
        self._follow_refused(camera, result)
        return camera.end([*_over(camera, {seen.id for seen in result.objects})])

    def lost(self, name: str) -> list[Glimpse]:
        """Ends what is followed on a camera."""
        camera = self._cameras.pop(name, None)
        return camera.end([*camera.doubted.values(), *camera.refused]) if camera else []

    def silent(self) -> list[Glimpse]:
        """Ends what is followed on cameras that no result came from for half a minute."""
        now = self._clock.monotonic()
        quiet = [name for name, camera in self._cameras.items() if now - camera.heard_at > SILENT_AFTER_S]
        return [glimpse for name in quiet for glimpse in self.lost(name)]

    def close(self) -> list[Glimpse]:
        """Ends everything."""
        return [glimpse for name in [*self._cameras] for glimpse in self.lost(name)]

    def _follow_objects(self, camera: _Camera, result: FrameResult) -> None:
        believed = [seen for seen in result.objects if seen.confirmed]
        for seen in result.objects:
            if seen.confirmed or seen.origin or seen.doubt is None:  # it has an event, or goes on one that has
                camera.doubted.pop(seen.id, None)
            elif _is_there(seen, result):
                beside = _lies_on(seen.box, seen.label, believed)
                if (known := self._doubted(camera, result.camera, seen, seen.doubt)) is not None:
                    known.see(seen, seen.doubt, camera.at, beside=beside)

    def _doubted(self, camera: _Camera, name: str, seen: TrackedObject, doubt: Doubt) -> Doubted | None:
        """None where there is no room."""
        if (known := camera.doubted.get(seen.id)) is not None:
            return known
        if len(camera.doubted) >= MOST_DOUBTED:
            self.left_out += doubt.looks == 1
            return None
        goes_on = camera.at - seen.first_seen_at > LONGEST_S
        since, looks_before = (camera.at, doubt.looks) if goes_on else (seen.first_seen_at, 0)
        camera.doubted[seen.id] = fresh = Doubted(name, seen, doubt, since, looks_before)
        return fresh

    def _follow_refused(self, camera: _Camera, result: FrameResult) -> None:
        """One that becomes an object after all is followed as that."""
        camera.refused = [one for one in camera.refused if not _lies_on(one.box, one.label, result.objects)]
        for refusal in result.refused:
            if _lies_on(refusal.box, refusal.label, result.objects):
                continue
            if (known := _nearest(camera.refused, refusal, camera.at)) is not None:
                known.see(refusal, camera.at)
            elif len(camera.refused) < MOST_REFUSED:
                camera.refused.append(Refused(result.camera, refusal, camera.at))
            else:
                self.left_out += 1


def _over(camera: _Camera, present: set[str]) -> Iterator[Doubted | Refused]:
    for object_id, doubted in camera.doubted.items():
        if object_id not in present or abs(camera.at - doubted.first_seen_at) > LONGEST_S:
            yield doubted
    for refused in camera.refused:
        is_old = abs(camera.at - refused.first_seen_at) > LONGEST_S
        if is_old or abs(camera.at - refused.last_seen_at) > OVER_AFTER_S:
            yield refused


def _is_there(seen: TrackedObject, result: FrameResult) -> bool:
    """Where nothing moved and nobody looked, what was at rest was still there."""
    return seen.measured or (not result.looked and seen.stationary and not seen.lost)


def _lies_on(box: Box, label: str, things: Sequence[TrackedObject]) -> bool:
    """Whether it is one of these, under whatever label, or a part of one of its own."""
    return any(
        iou(box, thing.box) >= _SAME_IOU or (label == thing.label and covered(box, thing.box) >= _PART)
        for thing in things
    )


def _nearest(known: Sequence[Refused], refusal: Refusal, at: float) -> Refused | None:
    """That of the same kind, not seen in this frame yet, that this one can be."""
    fitting = [one for one in known if 0 < abs(at - one.last_seen_at) <= OVER_AFTER_S and one.is_of(refusal)]
    nearest = min(fitting, key=lambda one: gap(one.box, refusal.box), default=None)
    return nearest if nearest is not None and gap(nearest.box, refusal.box) <= NEAR else None
