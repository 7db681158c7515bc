"""One object's life: what many sightings say of its label, score, speed and rest."""

from collections import defaultdict, deque
from collections.abc import Iterable
from operator import mul

from pipeline.core.camera import Objects
from pipeline.core.geometry import area, clip, iou
from pipeline.core.ids import new_id
from pipeline.core.objects import Box, Doubt, TrackedObject

SCORES = 10
"""How many scores the median is taken of."""
SCORES_TO_BELIEVE = 3
"""Of how many scores the median that makes one believe an object is taken at least."""
FORESIGHT_S = 0.5
"""How long a speed is worth something without a new sighting; after that an unseen object is lost."""
AT_REST_IOU = 0.6
LEAVING_S = 2.0
"""How long the way out of the picture is followed in thought."""
LEFT_SHARE = 0.25
EDGE = 0.01
"""How near to the picture's edge a side must come to be cut by it, and not by something in the way."""
LEFT_AFTER_S = 1.0
"""How long it must not be seen: at the edge of the picture people are found now and then, not all the time."""

_STILL: Box = (0.0, 0.0, 0.0, 0.0)


class Life:
    """From the first sighting to the last; boxes are relative, times are capture times.

    `speed_over_s` is how long the sightings may be apart that the velocity is measured over,
    `stationary_after_s` how long an object must stay in place to be at rest.
    """

    def __init__(self, began_at: float, objects: Objects, *, speed_over_s: float, stationary_after_s: float) -> None:
        self.id = new_id(began_at)
        self._began_at = began_at
        self._objects = objects
        self._speed_over_s = speed_over_s
        self._stationary_after_s = stationary_after_s
        self._votes: dict[str, float] = defaultdict(float)
        self._scores: deque[float] = deque(maxlen=SCORES)
        self._label, self._score = "", 0.0
        """That with the most votes, each worth its score; the median."""
        self._sightings: deque[tuple[float, float, float, float, float]] = deque(maxlen=64)
        """When, and the box."""
        self._speed: Box | None = None
        """Of these sightings, once somebody has asked for it."""
        self._confirmed = False
        self._doubt: Doubt | None = None
        self._rest: tuple[float, Box] | None = None
        self._unseen_s = 0.0

    def see(self, box: Box, label: str, score: float, at: float) -> None:
        self._votes[label] += score
        self._scores.append(score)
        self._label = max(self._votes, key=self._votes.__getitem__)
        self._score = round(_median(self._scores), 4)
        self.glimpse(box, at)
        if not self._confirmed:
            self._weigh(score)

    def glimpse(self, box: Box, at: float) -> None:
        """A sight too weak to be believed: tells where the object is, and neither what it is nor how sure that is."""
        self._sightings.append((at, *box))
        self._speed = None
        while len(self._sightings) > 2 and at - self._sightings[0][0] > self._speed_over_s:
            self._sightings.popleft()
        if self._rest is None or iou(box, self._rest[1]) < AT_REST_IOU:
            self._rest = at, box
        self._unseen_s = 0.0

    def miss(self, for_s: float) -> None:
        """It was looked for in vain, `for_s` after the look before."""
        self._unseen_s += for_s

    def at(self, now: float, *, measured: bool) -> TrackedObject:
        """The object at `now`; where it was not measured the box goes on as it went, for a while."""
        seen_at, box = self._sightings[-1][0], self._sightings[-1][1:]
        stationary = self._stationary(now)
        velocity = _STILL if stationary else self._velocity()
        if not measured:
            box = _moved(box, velocity, min(max(0.0, now - seen_at), FORESIGHT_S))
        return TrackedObject(
            id=self.id,
            label=self._label,
            score=self._score,
            box=clip(box),
            first_seen_at=self._began_at,
            velocity=velocity if measured or now - seen_at < FORESIGHT_S else _STILL,
            measured=measured,
            lost=self._lost,
            confirmed=self._confirmed,
            stationary=stationary,
            doubt=self._doubt,
        )

    def has_left(self, now: float) -> bool:
        """True for an object unseen for a while whose way leads out, when little of it can still be in the picture.

        What only grows narrower inside the picture goes behind something, and can come back.
        """
        if self._unseen_s <= LEFT_AFTER_S:
            return False
        seen_at, box = self._sightings[-1][0], self._sightings[-1][1:]
        later = _moved(box, self._velocity(), min(max(0.0, now - seen_at), LEAVING_S))
        return _reaches_edge(later) and area(clip(later)) < LEFT_SHARE * area(clip(box))

    @property
    def _lost(self) -> bool:
        return self._unseen_s > FORESIGHT_S

    def _weigh(self, score: float) -> None:
        """Frigate's rule: scores that are not there yet count as 0, so that two sure sightings are enough."""
        wanting = [0.0] * (SCORES_TO_BELIEVE - len(self._scores))
        median, wanted = _median([*self._scores, *wanting]), self._objects.filter(self._label).threshold
        self._confirmed = median >= wanted
        self._doubt = None if self._confirmed else _doubted(self._doubt, score, median, wanted)

    def _stationary(self, now: float) -> bool:
        return self._rest is not None and now - self._rest[0] >= self._stationary_after_s

    def _velocity(self) -> Box:
        if self._speed is None:
            self._speed = _velocity(self._sightings)
        return self._speed


def _doubted(before: Doubt | None, score: float, median: float, wanted: float) -> Doubt:
    """With the nearest that it ever came to what is wanted."""
    if before is None:
        return Doubt(1, score, median, wanted)
    nearest = max((before.score, before.wanted), (median, wanted), key=lambda pair: pair[0] - pair[1])
    return Doubt(before.looks + 1, max(before.best, score), *nearest)


def _velocity(sightings: Iterable[tuple[float, float, float, float, float]]) -> Box:
    """Least squares, each side of the box for itself."""
    times, *sides = zip(*sightings, strict=True)
    mean = sum(times) / len(times)
    later = [at - mean for at in times]
    spread = sum(map(mul, later, later))
    if spread == 0:
        return _STILL
    x1, y1, x2, y2 = [sum(map(mul, later, side)) / spread for side in sides]
    return x1, y1, x2, y2


def _median(values: Iterable[float]) -> float:
    """As `statistics.median`, which takes its time."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[~middle]) / 2  # one and the same of an odd number


def _reaches_edge(box: Box) -> bool:
    return min(box[:2]) <= EDGE or max(box[2:]) >= 1 - EDGE


def _moved(box: Box, velocity: Box, seconds: float) -> Box:
    x1, y1, x2, y2 = (place + speed * seconds for place, speed in zip(box, velocity, strict=True))
    return x1, y1, x2, y2
