"""Whether anything happens on a camera."""

from collections.abc import Sequence
from threading import Lock

from pipeline.core.messages import View
from pipeline.core.objects import Box, TrackedObject

HOLD_S = 3.0
"""How long the stages must have seen nothing until nothing happens."""


class Attention:
    """What the stages and the viewers say of one camera, for the decoder; from any thread.

    Something happens while anything moves, an object is there that neither rests nor is lost, or for `hold_s` after
    that (of the stream's time). Frames that never came through the stages say nothing: without their word no
    camera falls quiet.
    """

    def __init__(self, hold_s: float = HOLD_S) -> None:
        self._hold_s = hold_s
        self._lock = Lock()
        self._views: set[View] = set()
        self._stirred_at = self._seen_at = float("-inf")
        self._began = False
        self.looks_for_motion = False
        """Whether a stage looks at every picture for what moves."""

    @property
    def is_quiet(self) -> bool:
        """Nothing happens, and nobody looks at moving pictures."""
        return self._began and not self._views and self._seen_at - self._stirred_at >= self._hold_s

    @property
    def is_still(self) -> bool:
        """Quiet, and a stage says so that looks at every picture for what moves."""
        return self.looks_for_motion and self.is_quiet

    def saw(self, at: float, motion: Sequence[Box] | None, objects: Sequence[TrackedObject]) -> None:
        """One frame that was captured `at` has been through the stages."""
        with self._lock:
            if at < self._seen_at - self._hold_s:  # the clock was set back: what was later then is long ago now
                self._seen_at = self._stirred_at = at
            self._seen_at = max(self._seen_at, at)
            self.looks_for_motion = motion is not None
            if not self._began or motion or any(not (thing.stationary or thing.lost) for thing in objects):
                self._began = True
                self._stirred_at = max(self._stirred_at, at)

    def stir(self, at: float) -> None:
        """Something seems to have happened by `at`: the stages shall look."""
        with self._lock:
            self._stirred_at = max(self._stirred_at, at)

    def want(self, view: View, wanted: bool) -> None:
        """Somebody looks at a view that shows every picture, or nobody does any more."""
        with self._lock:
            if wanted:
                self._views.add(view)
            else:
                self._views.discard(view)
