"""One who walks through a made-up scene, and how a detector sees them."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Row = tuple[float, float, float, float, float]
"""x1, y1, x2, y2, score."""

NEAREST, FARTHEST = 0.42, 0.07
"""A walker's height, as a share of the picture's, at its lower edge and at the horizon."""
_HORIZON, _FLOOR = 0.35, 1.0
_HEIGHTS_A_S = 0.8
"""1.4 m a second, of 1.75 m."""
_SPELL_S = 0.35
"""For how long a detector errs alike."""
_DETECTED_FROM = 0.05


@dataclass(frozen=True, slots=True)
class Detector:
    """How well it sees: `sure` is the log odds of its score for a free walker a tenth of the picture high."""

    sure: float
    jitter: float
    """Standard deviation of a box's sides, as a share of its size."""
    false_a_frame: float


class Walker:
    """Goes its own way at a walker's speed, turns now and then, stands for a while."""

    def __init__(
        self, chance: Generator, detector: Detector, resolution_wh: tuple[int, int], number: int, *, inside: bool
    ) -> None:
        self.number = number
        self._chance, self._detector, self._size = chance, detector, np.array(resolution_wh, float)
        self._depth = chance.uniform(0.02, 0.95)  # 0 at the horizon, 1 at the lower edge
        self._speed = max(0.3, chance.normal(_HEIGHTS_A_S, 0.2)) * (2.2 if chance.random() < 0.05 else 1.0)
        side = chance.choice([-1, 1])
        self._heading = (0.0 if side > 0 else np.pi) + chance.normal(0, 0.35)
        self._x = chance.uniform(0, self._size[0]) if inside else self._size[0] * (side < 0) - side * self._height / 5
        self._gait, self._slim = chance.uniform(0, 2 * np.pi), chance.uniform(0.34, 0.44)
        self._stands_s = 0.0
        self._mood, self._shift = 0.0, np.zeros(4)
        self._since_s = 0.0

    @property
    def _height(self) -> float:
        return float(self._size[1] * (FARTHEST + (NEAREST - FARTHEST) * self._depth))

    def step(self, seconds: float) -> None:
        self._since_s += seconds
        self._heading += self._chance.normal(0, 0.4) * np.sqrt(seconds)
        if self._stands_s > 0:
            self._stands_s -= seconds
        elif self._chance.random() < 0.03 * seconds:
            self._stands_s = self._chance.uniform(1, 6)
        else:
            way = self._speed * seconds
            self._x += way * self._height * np.cos(self._heading)
            self._depth += 0.12 * way * np.sin(self._heading)  # seen from low down, the floor is short
            if not 0.01 < self._depth < 1.05:
                self._heading = -self._heading
                self._depth = float(np.clip(self._depth, 0.01, 1.05))
        keeps = np.exp(-seconds / _SPELL_S)
        fresh = np.sqrt(1 - keeps**2)
        self._mood = keeps * self._mood + fresh * self._chance.normal()
        self._shift = keeps * self._shift + fresh * self._chance.normal(size=4)

    def box(self) -> Floats:
        """x1, y1, x2, y2 of the whole of them, in the picture or out of it."""
        height = self._height
        width = height * self._slim * (1 + 0.15 * np.sin(self._gait + 2 * np.pi * self._since_s))
        foot = self._size[1] * (_HORIZON + (_FLOOR - _HORIZON) * self._depth)
        return np.array([self._x - width / 2, foot - height, self._x + width / 2, foot])

    @property
    def gone(self) -> bool:
        x1, _, x2, _ = self.box()
        return bool(x2 < -5 or x1 > self._size[0] + 5)

    def detected(self, whole: Floats, seen: Floats, visible: float) -> Row | None:
        """What the detector makes of them; `seen` is the box around what is not hidden, `visible` its share."""
        far = np.log((whole[3] - whole[1]) / self._size[1] / 0.1)
        odds = self._detector.sure + 0.6 * far + 7 * (min(visible, 0.8) - 0.8)
        score = 1 / (1 + np.exp(-(odds + 1.0 * self._mood + 0.5 * self._chance.normal())))
        if visible <= 0.1 or score < _DETECTED_FROM:
            return None
        guess = 0.6 if visible < 0.7 else 1.0  # the hidden part is made up, not quite to where it is
        box = guess * whole + (1 - guess) * seen
        size = np.tile(box[2:] - box[:2], 2)
        errs = self._detector.jitter * (1 + 2 * (1 - visible))
        box = box + errs * size * (0.7 * self._shift + 0.7 * self._chance.normal(size=4))
        if (box[2:] - box[:2]).min() < 2:
            return None
        x1, y1, x2, y2 = box.tolist()
        return x1, y1, x2, y2, float(score)


class Spot:
    """Something that stands there and now and then looks like somebody."""

    def __init__(self, chance: Generator, resolution_wh: tuple[int, int], fps: float) -> None:
        self._chance, self._keeps = chance, np.exp(-1 / fps)
        width, height = resolution_wh
        size = height * chance.uniform(0.08, 0.3)
        x, foot = chance.uniform(0, width), height * chance.uniform(0.4, 1.0)
        self._box = np.array([x - size / 5, foot - size, x + size / 5, foot])
        self._mood = chance.normal()

    def detected(self, shaken: Floats) -> Row | None:
        self._mood = self._keeps * self._mood + np.sqrt(1 - self._keeps**2) * self._chance.normal()
        score = 1 / (1 + np.exp(3.0 - 1.3 * self._mood - 0.5 * self._chance.normal()))
        if score < _DETECTED_FROM:
            return None
        size = np.tile(self._box[2:] - self._box[:2], 2)
        x1, y1, x2, y2 = (self._box + np.tile(shaken, 2) + 0.03 * size * self._chance.normal(size=4)).tolist()
        return x1, y1, x2, y2, float(score)
