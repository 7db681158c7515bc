"""Made-up crowds: walkers that cross, hide each other, stop and come back, seen by a detector that errs.

The truth is known without anybody's data set. What a detector makes of it follows the public detections of MOT17 in
kind: scores fall with what is hidden, misses and shifts of a box come in spells, and some things are no people.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from benchmarks.tracking.sequence import Rows, Sequence
from benchmarks.tracking.walker import Detector, Floats, Row, Spot, Walker

_GRID = np.stack(np.meshgrid(np.linspace(0.08, 0.92, 6), np.linspace(0.04, 0.96, 12)), -1).reshape(-1, 2)
"""Where in a box one looks for what is not hidden."""
_BODY = 0.7
"""How much of its box's width a walker fills."""
_SUPPRESSED_IOU = 0.65


@dataclass(frozen=True, slots=True)
class Scene:
    walkers: int
    detector: Detector
    shake_px: float = 0.0
    """Standard deviation of how far the camera is off."""
    fps: float = 30.0
    seconds: float = 30.0
    resolution_wh: tuple[int, int] = (1920, 1080)


_GOOD = Detector(sure=2.5, jitter=0.015, false_a_frame=0.2)
_FAIR = Detector(sure=1.4, jitter=0.03, false_a_frame=0.6)
_POOR = Detector(sure=0.0, jitter=0.05, false_a_frame=1.5)
SCENES = {
    "few": Scene(8, _GOOD),
    "street": Scene(20, _GOOD),
    "square": Scene(40, _FAIR),
    "poor": Scene(20, _POOR),
    "shaky": Scene(20, _FAIR, shake_px=6.0, fps=25.0),
}


def crowd(scene: Scene, *, name: str, seed: int) -> Sequence:
    """The same for the same seed."""
    chance = np.random.default_rng(seed)
    stage = _Stage(scene, chance)
    found: list[tuple[float, ...]] = []
    truth: list[tuple[float, ...]] = []
    length = round(scene.fps * scene.seconds)
    for frame in range(1, length + 1):
        stage.step()
        boxes, seen, visible = stage.look()
        for walker, (x1, y1, x2, y2), part in zip(stage.walkers, boxes.tolist(), visible.tolist(), strict=True):
            truth.append((frame, walker.number, x1, y1, x2 - x1, y2 - y1, 1, 1, part))
        found += [(frame, *row) for row in _suppressed(stage.detected(boxes, seen, visible))]
    return Sequence(name, scene.fps, scene.resolution_wh, length, _rows(found, 6), _rows(truth, 9), classed=True)


class _Stage:
    """Walkers, pillars that hide them, and things that only look like them."""

    def __init__(self, scene: Scene, chance: Generator) -> None:
        self._scene, self._chance = scene, chance
        self.walkers = [self._walker(number, inside=True) for number in range(1, scene.walkers + 1)]
        self._born = scene.walkers
        width, height = scene.resolution_wh
        at = chance.uniform(0.1, 0.9, 2) * width
        self._pillars = np.array([(x, 0, x + 0.02 * width, 0.8 * height) for x in at])
        self._spots = [Spot(chance, scene.resolution_wh, scene.fps) for _ in range(4)]
        self._shaken = np.zeros(2)

    def step(self) -> None:
        self._shaken = 0.9 * self._shaken + 0.436 * self._chance.normal(0, 1, 2) * self._scene.shake_px
        for place, walker in enumerate(self.walkers):
            walker.step(1 / self._scene.fps)
            if walker.gone:
                self._born += 1
                self.walkers[place] = self._walker(self._born, inside=False)

    def look(self) -> tuple[Floats, Floats, Floats]:
        """Boxes (N, 4), the same around what can be seen of each, and the shares of it (N,)."""
        boxes = np.stack([walker.box() for walker in self.walkers])
        inner = boxes.copy()
        inner[:, 0] += (1 - _BODY) / 2 * (boxes[:, 2] - boxes[:, 0])
        inner[:, 2] -= (1 - _BODY) / 2 * (boxes[:, 2] - boxes[:, 0])
        before = np.concatenate([inner, self._pillars])
        points = boxes[:, None, :2] + _GRID * (boxes[:, 2:] - boxes[:, :2])[:, None]  # (N, P, 2)
        nearer = before[None, :, 3] > boxes[:, None, 3]
        over, under = points[:, :, None] > before[:, :2], points[:, :, None] < before[:, 2:]
        hidden = np.any(np.all(over & under, axis=-1) & nearer[:, None], axis=-1)
        free = ~hidden & np.all((points > 0) & (points < self._scene.resolution_wh), axis=-1)
        seen = boxes.copy()
        for place in np.flatnonzero(free.any(1)):
            shown = points[place][free[place]]
            seen[place] = *shown.min(0), *shown.max(0)
        shift = np.tile(self._shaken, 2)
        return boxes + shift, seen + shift, free.mean(1)

    def detected(self, boxes: Floats, seen: Floats, visible: Floats) -> list[Row]:
        rows = [
            walker.detected(box, part, float(share))
            for walker, box, part, share in zip(self.walkers, boxes, seen, visible, strict=True)
        ]
        rows += [spot.detected(self._shaken) for spot in self._spots]
        return [row for row in rows if row is not None] + self._false()

    def _false(self) -> list[Row]:
        width, height = self._scene.resolution_wh
        rows: list[Row] = []
        for _ in range(self._chance.poisson(self._scene.detector.false_a_frame)):
            size, x, foot = self._chance.uniform((0.06, 0.0, 0.4), (0.3, 1.0, 1.0)) * (height, width, height)
            rows.append((x - size / 5, foot - size, x + size / 5, foot, float(self._chance.beta(1.5, 6))))
        return [row for row in rows if row[4] > 0.05]

    def _walker(self, number: int, *, inside: bool) -> Walker:
        return Walker(self._chance, self._scene.detector, self._scene.resolution_wh, number, inside=inside)


def _suppressed(rows: list[Row]) -> list[Row]:
    """Without those that lie on a surer one."""
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: -row[4]):
        if all(_iou(row, other) < _SUPPRESSED_IOU for other in kept):
            kept.append(row)
    return kept


def _iou(one: Row, other: Row) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    sizes = sum((row[2] - row[0]) * (row[3] - row[1]) for row in (one, other))
    return width * height / (sizes - width * height)


def _rows(rows: list[tuple[float, ...]], columns: int) -> Rows:
    return np.array(rows, np.float64).reshape(-1, columns)
