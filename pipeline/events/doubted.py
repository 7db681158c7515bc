"""One thing that nobody believes yet: a tracked object that is not confirmed, or detections that are refused."""

from pipeline.core.figures import below
from pipeline.core.geometry import area
from pipeline.core.glimpse import Glimpse
from pipeline.core.ids import new_id
from pipeline.core.objects import Doubt, TrackedObject
from pipeline.core.refusal import Refusal

LEAST_LOOKS = 3
"""In which something must be refused before it is worth telling."""


class Doubted:
    """A tracked object, from `at` on; of its looks `looks_before` were told already. Times are the results'."""

    def __init__(self, camera: str, seen: TrackedObject, doubt: Doubt, at: float, looks_before: int = 0) -> None:
        self.first_seen_at = self.last_seen_at = at
        self._camera = camera
        self._seen, self._doubt, self._box = seen, doubt, seen.box
        self._looks_before = looks_before
        self._zones: dict[str, None] = {}
        self._frames = self._beside = 0

    def see(self, seen: TrackedObject, doubt: Doubt, at: float, *, beside: bool) -> None:
        """It was there; `beside`: on an object that is believed."""
        self._box = max(self._box, seen.box, key=area)
        self.last_seen_at, self._seen, self._doubt = at, seen, doubt
        self._zones.update(dict.fromkeys(seen.zones))
        self._frames += 1
        self._beside += beside

    def glimpse(self) -> Glimpse | None:
        """None of a flicker, and of what was another object's double."""
        looks = self._doubt.looks - self._looks_before
        is_flicker = self._doubt.looks < 2 and self._doubt.best < self._doubt.wanted
        if looks < 1 or is_flicker or 2 * self._beside > self._frames:
            return None
        return Glimpse(
            id=new_id(self.first_seen_at),
            camera=self._camera,
            label=self._seen.label,
            first_seen_at=self.first_seen_at,
            last_seen_at=self.last_seen_at,
            looks=looks,
            score=round(self._doubt.best, 4),
            box=self._box,
            zones=[*self._zones],
            reason="looks" if self._doubt.looks < 2 else "threshold",
            why=_why(self._doubt),
        )


class Refused:
    """Detections of one label, one after the other and near to each other, that did not meet the same limit."""

    def __init__(self, camera: str, first: Refusal, at: float) -> None:
        self.first_seen_at = self.last_seen_at = at
        self.label = first.label
        self.box = first.box
        """Where it was last."""
        self._camera = camera
        self._best = first
        self._looks = 1
        self._zones = dict.fromkeys(first.zones)

    def is_of(self, refusal: Refusal) -> bool:
        return (refusal.label, refusal.limit) == (self.label, self._best.limit)

    def see(self, refusal: Refusal, at: float) -> None:
        self.last_seen_at, self.box = at, refusal.box
        self._best = max(self._best, refusal, key=lambda one: (one.score, area(one.box)))
        self._looks += 1
        self._zones.update(dict.fromkeys(refusal.zones))

    def glimpse(self) -> Glimpse | None:
        """None of a flicker."""
        if self._looks < LEAST_LOOKS:
            return None
        return Glimpse(
            id=new_id(self.first_seen_at),
            camera=self._camera,
            label=self.label,
            first_seen_at=self.first_seen_at,
            last_seen_at=self.last_seen_at,
            looks=self._looks,
            score=self._best.score,
            box=self._best.box,
            zones=[*self._zones],
            reason=self._best.limit,
            why=self._best.why,
        )


def _why(doubt: Doubt) -> str:
    if doubt.looks < 2:
        return "seen in 1 look, wanted 2"
    return f"score {below(doubt.score, doubt.wanted)} below {doubt.wanted:g} (threshold)"
