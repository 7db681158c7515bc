"""How long to wait before a camera is tried again."""

import random

from pipeline.core.clock import Clock

EAGER_S = 30.0
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0


class Backoff:
    """At once, every second for half a minute, then doubling to a minute, forever.

    Doubling from the first second on would leave gaps of eight seconds ten seconds into an outage, and most outages
    are short: a camera or a switch starts anew. Half a minute of an attempt a second costs nothing, and whoever
    comes back in it is found within a second. Waits are jittered downwards, so that cameras behind one switch
    do not all come at once.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failing_since: float | None = None
        self._wait_s = FIRST_WAIT_S

    def reset(self) -> None:
        self._failing_since = None
        self._wait_s = FIRST_WAIT_S

    def wait_s(self, *, locks_out: bool = False) -> float:
        """Seconds to wait after one more failure.

        `locks_out`: the longest wait at once; many cameras shut out an address for half an hour after a handful of
        wrong passwords.
        """
        now = self._clock.monotonic()
        if locks_out:
            return jittered(LONGEST_WAIT_S)
        if self._failing_since is None:
            self._failing_since = now
            return 0.0
        if now - self._failing_since >= EAGER_S:
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
        return jittered(self._wait_s)


def jittered(wait_s: float) -> float:
    return wait_s * random.uniform(0.8, 1.0)
