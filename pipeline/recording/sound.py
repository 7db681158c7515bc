"""Sound laid out in a file: one unit after the other, with silence where some are missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av
import numpy as np

from pipeline.core.packet import SOUND_SAMPLES, SoundInfo

SLACK_S = 0.04
"""So far beside its time sound may stand: cameras are not more exact than that."""
_STEADY_AFTER = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """One access unit; `at` counts samples since the beginning of the file."""

    data: bytes
    at: int


class SoundTrack:
    """Units in a row, each as long as it is: players go by their number, not by the times that stand beside them.

    So a gap is filled up with silence, and what would be there twice is left out. What begins off by less than
    SLACK_S, or half a unit where that is more, is not touched.
    """

    def __init__(self, info: SoundInfo) -> None:
        self.info = info
        self.next: int | None = None
        """Where the next one begins, in samples; None before the first."""
        self._slack = max(SOUND_SAMPLES // 2, round(SLACK_S * info.rate))

    def lay(self, units: Iterable[Unit], end: int) -> list[Unit]:
        """What stands in the file for the time up to `end` (samples), each where it stands there."""
        laid: list[Unit] = []
        for unit in units:
            if self.next is None:
                self.next = unit.at % SOUND_SAMPLES
            if unit.at > self.next + self._slack:
                laid += self._silence(round((unit.at - self.next) / SOUND_SAMPLES))
            if unit.at >= self.next - self._slack:
                laid.append(self._put(unit.data))
        missing = end - (self.next or 0)
        if missing >= SOUND_SAMPLES + self._slack:
            laid += self._silence(missing // SOUND_SAMPLES)
        return laid

    def _silence(self, count: int) -> list[Unit]:
        return [self._put(silence(self.info.rate, self.info.channels)) for _ in range(count)]

    def _put(self, data: bytes) -> Unit:
        at = self.next or 0
        self.next = at + SOUND_SAMPLES
        return Unit(data, at)


@lru_cache
def silence(rate: int, channels: int) -> bytes:
    """A unit in which nothing is heard."""
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.time_base = rate, Fraction(1, rate)
    encoder.layout, encoder.format = ("mono" if channels == 1 else "stereo"), "fltp"
    units: list[bytes] = []
    while len(units) < _STEADY_AFTER:
        nothing = av.AudioFrame.from_ndarray(
            np.zeros((channels, SOUND_SAMPLES), np.float32), format="fltp", layout=encoder.layout.name
        )
        nothing.sample_rate = rate
        units += [bytes(unit) for unit in encoder.encode(nothing)]
    return units[-1]
