"""Errors that nobody waits for: told once a burst."""

import logging

from pipeline.core.clock import Clock

log = logging.getLogger(__name__)

QUIET_S = 60.0


class Trouble:
    """What goes wrong on one camera beside its stages: logged when it begins, and again each minute that it lasts.

    From any thread: at worst a line is logged twice.
    """

    def __init__(self, camera: str, clock: Clock) -> None:
        self.last_error = ""
        self._camera = camera
        self._clock = clock
        self._quiet_until: dict[str, float] = {}

    def met(self, what: str, error: Exception) -> None:
        """`what` is one of a few fixed sentences."""
        self.last_error = f"{what}: {type(error).__name__}: {error}"
        now = self._clock.monotonic()
        if now >= self._quiet_until.get(what, now):
            self._quiet_until[what] = now + QUIET_S
            log.error("%s: %s", self._camera, what, exc_info=error)
