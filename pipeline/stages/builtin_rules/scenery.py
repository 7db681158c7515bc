"""What a camera usually sees, and whether it still does."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Wrong = Literal["covered", "blurred", "moved"]

LOOKS_TO_KNOW = 15
LOOKS_TO_FORGET = 120
"""How many pictures the usual look is averaged over: dusk is slower than that."""
FLAT = 0.35
"""Of the usual contrast; what is below is covered, if its edges have gone too."""
FEW = 0.5
"""Of the usual detail: edges have gone."""
SOFT = 0.7
"""Of the usual detail for a contrast: fog and dusk take from both."""
UNLIKE = 0.4
"""Correlation with the usual edges below which it is another view."""
LEAST_DETAIL = 0.7
"""Grey values from pixel to pixel; in a picture that never has more (a black night) nothing can be told."""
_CELL_PX = 10

Cells = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """`contrast` and `detail` in grey values; `edges` are where they are, in cells, 0 on average, 1 of spread."""

    contrast: float
    detail: float
    edges: Cells

    @classmethod
    def of(cls, gray: NDArray[np.uint8]) -> "Look":
        picture = gray.astype(np.float32)
        slopes = np.abs(np.diff(picture, axis=0))[:, :-1] + np.abs(np.diff(picture, axis=1))[:-1]
        return cls(float(picture.std()), float(slopes.mean()), _normal(_cells(slopes)))

    @property
    def sharpness(self) -> float:
        return self.detail / max(self.contrast, 1e-6)


class Scenery:
    """Learns from the pictures that look right; about one a second."""

    def __init__(self) -> None:
        self._known = 0
        self._usual: Look | None = None

    def look(self, gray: NDArray[np.uint8]) -> Wrong | None:
        """None also while it does not know the view yet."""
        now, usual = Look.of(gray), self._usual
        if usual is not None and usual.edges.shape != now.edges.shape:
            self._known, usual = 0, None
        wrong = _wrong(now, usual) if usual is not None and self._known >= LOOKS_TO_KNOW else None
        if wrong is None:
            self._learn(now, usual)
        return wrong

    def _learn(self, now: Look, usual: Look | None) -> None:
        self._known = min(self._known + 1, LOOKS_TO_FORGET)
        if usual is None:
            self._usual = now
            return
        share = 1 / self._known
        self._usual = Look(
            usual.contrast + share * (now.contrast - usual.contrast),
            usual.detail + share * (now.detail - usual.detail),
            usual.edges + np.float32(share) * (now.edges - usual.edges),
        )


def _wrong(now: Look, usual: Look) -> Wrong | None:
    if usual.detail < LEAST_DETAIL:
        return None
    if now.contrast < FLAT * usual.contrast and now.detail < FEW * usual.detail:
        return "covered"
    if now.detail < FEW * usual.detail and now.sharpness < SOFT * usual.sharpness:
        return "blurred"
    return "moved" if _alike(now.edges, usual.edges) < UNLIKE else None


def _alike(one: Cells, other: Cells) -> float:
    """The correlation of two maps of edges, -1..1."""
    return float((_normal(one) * _normal(other)).mean())


def _cells(slopes: Cells) -> Cells:
    rows, columns = (max(1, length // _CELL_PX) for length in slopes.shape)
    height, width = min(_CELL_PX, slopes.shape[0]), min(_CELL_PX, slopes.shape[1])
    cut = slopes[: rows * height, : columns * width]
    return np.asarray(cut.reshape(rows, height, columns, width).mean(axis=(1, 3)), np.float32)


def _normal(cells: Cells) -> Cells:
    return np.asarray((cells - cells.mean()) / max(float(cells.std()), 1e-6), np.float32)
