"""The best picture of each object, chosen while its frames are at hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.analysis.paint import paint
from pipeline.analysis.picture import jpeg
from pipeline.core.costs import measured
from pipeline.core.frame import Frame
from pipeline.core.messages import FrameResult, Snapshot
from pipeline.core.objects import TrackedObject

_BETTER_BY = 1.15
_NOT_SOONER_S = 1.0
_EDGE = 0.005
_EDGE_PENALTY = 0.5


@dataclass(slots=True)
class _Best:
    worth: float
    captured_at: float


def worth(thing: TrackedObject) -> float:
    """How good a picture of the object this frame is: sure, large, and not cut off by the picture's edge."""
    x1, y1, x2, y2 = thing.box
    size = max(0.0, x2 - x1) * max(0.0, y2 - y1)
    cut = x1 < _EDGE or y1 < _EDGE or x2 > 1 - _EDGE or y2 > 1 - _EDGE
    return float(thing.score * size**0.5 * (_EDGE_PENALTY if cut else 1.0))


class BestShots:
    """Makes a JPEG of an object when it is first believed, and again when a clearly better frame comes.

    At most one a second for each object; forgets an object when the tracker does.
    """

    def __init__(self) -> None:
        self._best: dict[str, _Best] = {}

    def better(self, result: FrameResult) -> list[TrackedObject]:
        """Those that this frame shows better than any before, as far as is worth a picture: `pictures` follows."""
        self._forget(thing.root for thing in result.objects)
        return [
            thing
            for thing in result.objects
            if thing.confirmed and thing.measured and self._improves(thing, result.captured_at)
        ]

    def _improves(self, thing: TrackedObject, at: float) -> bool:
        now, best = worth(thing), self._best.get(thing.root)
        if best and (now < best.worth * _BETTER_BY or at - best.captured_at < _NOT_SOONER_S):
            return False
        self._best[thing.root] = _Best(now, at)
        return True

    def _forget(self, present: Iterable[str]) -> None:
        known = set(present)
        self._best = {name: best for name, best in self._best.items() if name in known}


def pictures(frame: Frame, result: FrameResult, things: Iterable[TrackedObject]) -> Iterator[Snapshot]:
    """Of each of the frame's `things` one, with its box."""
    for thing in things:
        with measured(frame.camera, "snapshot"):
            image = frame.canvas()
            paint(image, [thing], [])
            encoded = jpeg(image)
        yield Snapshot(result.camera, thing.root, result.captured_at, thing.score, encoded)
