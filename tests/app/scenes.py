"""Scenes that are played in front of a still: who is where when, and what is to be told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

SIZE = (320, 180)
FPS = 5
COLOURS: Mapping[str, tuple[int, int, int]] = {
    "person": (255, 0, 255),
    "car": (0, 200, 255),
    "suitcase": (0, 255, 0),
}
"""Blue, green, red; what the detector knows them by."""
SIZES: Mapping[str, tuple[float, float]] = {"person": (0.06, 0.28), "car": (0.16, 0.16), "suitcase": (0.04, 0.08)}

Picture = NDArray[np.uint8]
Point = tuple[float, float, float]
"""Seconds, and where the middle of the lower edge is then, relative."""


@dataclass(frozen=True)
class Actor:
    """Goes straight from point to point; is there from the first to the last of them, but for times `away`."""

    label: str
    way: Sequence[Point]
    away: Sequence[tuple[float, float]] = ()
    trembles_px: float = 0.0

    def place(self, seconds: float) -> tuple[float, float] | None:
        if any(since <= seconds < until for since, until in self.away):
            return None
        for (t1, x1, y1), (t2, x2, y2) in pairwise(self.way):
            if t1 <= seconds < t2:
                share = (seconds - t1) / (t2 - t1)
                return x1 + share * (x2 - x1), y1 + share * (y2 - y1)
        return None

    def paint(self, picture: Picture, index: int) -> None:
        place = self.place(index / FPS)
        if place is None:
            return
        x, y = place[0] * SIZE[0], place[1] * SIZE[1]
        x += self.trembles_px * (-1) ** index
        width, height = SIZES[self.label][0] * SIZE[0], SIZES[self.label][1] * SIZE[1]
        corner, other = (round(x - width / 2), round(y - height)), (round(x + width / 2) - 1, round(y) - 1)
        cv2.rectangle(picture, corner, other, COLOURS[self.label], -1)


@dataclass(frozen=True)
class Truth:
    """An event as it must be told; a span has an `until`. Seconds of the scene."""

    type: str
    at: float
    where: str = ""
    direction: str = ""
    until: float | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """`dark` is when something is held before the lens."""

    seconds: float
    truth: Sequence[Truth]
    actors: Sequence[Actor] = ()
    zones: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    dark: tuple[float, float] = (0.0, 0.0)

    def film(self, path: Path) -> Path:
        stills = _stills()
        with av.open(str(path), "w") as output:
            video = output.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "12", "bf": "0"})
            assert isinstance(video, VideoStream)
            video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
            for index in range(round(self.seconds * FPS)):
                picture = stills[index % len(stills)].copy()
                for actor in self.actors:
                    actor.paint(picture, index)
                if self.dark[0] <= index / FPS < self.dark[1]:
                    picture = np.full_like(picture, 14)
                frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
                frame.pts, frame.time_base = index, Fraction(1, FPS)
                output.mux(video.encode(frame))
            output.mux(video.encode(None))
        return path


def _stills() -> list[Picture]:
    """A wall and a floor in greys, with a sensor's noise."""
    width, height = SIZE
    blocks = np.random.default_rng(7).integers(70, 170, (height // 12 + 1, width // 12 + 1)).astype(np.float64)
    grey = np.kron(blocks, np.ones((12, 12)))[:height, :width]
    random = np.random.default_rng(1)
    noisy = [np.clip(grey + random.normal(0, 2, grey.shape), 0, 255).astype(np.uint8) for _ in range(7)]
    return [np.repeat(each[..., None], 3, axis=2) for each in noisy]
