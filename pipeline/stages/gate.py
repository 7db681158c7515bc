"""Whether a frame is worth a look of the model."""

from pipeline.core.context import Context
from pipeline.core.objects import TrackedObject


class Gate:
    """Opens for what a look could change, and then until a look has succeeded.

    That is: something moves, or nobody knows whether it does; an object has not come to rest, or was missed at
    the last look; what is at rest was not seen for `interval_s`; nobody looked for `heartbeat_s` (0: never for that
    reason). Not for several threads.
    """

    def __init__(self, interval_s: float, heartbeat_s: float) -> None:
        self._interval_s = interval_s
        self._heartbeat_s = heartbeat_s
        self._looked_at: float | None = None
        self._is_owed = True

    def opens(self, ctx: Context) -> bool:
        self._is_owed = self._is_owed or self._has_reason(ctx)
        return self._is_owed

    def looked(self, at: float) -> None:
        """The look that the gate opened for has been had."""
        self._looked_at, self._is_owed = at, False

    def _has_reason(self, ctx: Context) -> bool:
        if ctx.motion is None or ctx.motion or self._looked_at is None:
            return True
        if not all(map(_is_settled, ctx.before)):
            return True
        since_s = ctx.frame.captured_at - self._looked_at
        longest_s = min(
            (limit for limit in (self._heartbeat_s, self._interval_s * bool(ctx.before)) if limit > 0),
            default=float("inf"),
        )
        return not 0 <= since_s < longest_s


def _is_settled(thing: TrackedObject) -> bool:
    return thing.stationary and thing.measured
