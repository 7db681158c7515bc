"""Scenes whose every moment is known: who is where when, what the light does, and a model that knows it too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.detections import Detections
from pipeline.core.encoder import Encoder
from pipeline.core.frame import Frame
from pipeline.core.objects import Box
from pipeline.core.options import Options as NoOptions
from pipeline.core.packet import Packet
from tests.analysis.pictures import START

SIZE = (320, 180)
FPS = 5
LABELS: Mapping[int, str] = {0: "person"}
Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Actor:
    """Stands on `place(t)` (relative; None: not there), `size` relative, `shade` grey values off the background."""

    place: Callable[[float], tuple[float, float] | None]
    size: tuple[float, float] = (0.05, 0.2)
    shade: float = 60.0

    def box(self, seconds: float) -> Box | None:
        at = self.place(seconds)
        if at is None or not -self.size[0] / 2 < at[0] < 1 + self.size[0] / 2:
            return None
        return at[0] - self.size[0] / 2, at[1] - self.size[1], at[0] + self.size[0] / 2, at[1]


@dataclass(frozen=True)
class Script:
    """`light` is what happens to the whole picture at a time, after the actors are in it."""

    seconds: float
    actors: Sequence[Actor]
    light: Callable[[Picture, float], Picture] = lambda picture, seconds: picture
    noise: float = 3.0
    zones: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, Any] = field(default_factory=dict)

    def packets(self) -> list[Packet]:
        encoder, random = Encoder(*SIZE, FPS), np.random.default_rng(1)
        empty, made = _empty(), []
        for index in range(round(self.seconds * FPS)):
            seconds = index / FPS
            picture = self.light(self._with_actors(empty, seconds), seconds)
            noisy = np.clip(picture + random.normal(0, self.noise, picture.shape), 0, 255).astype(np.uint8)
            image = av.VideoFrame.from_ndarray(np.repeat(noisy[..., None], 3, axis=2), format="bgr24")
            made += encoder.encode(image, index * 90_000 // FPS, START + seconds)
        return made

    def _with_actors(self, empty: Picture, seconds: float) -> Picture:
        picture = empty.copy()
        for actor in self.actors:
            if box := actor.box(seconds):
                left, top, right, bottom = np.round(np.clip(box, 0, 1) * np.tile(SIZE, 2)).astype(int).tolist()
                picture[top:bottom, left:right] += actor.shade
        return picture

    def seen(self, seconds: float) -> list[Box]:
        """Whoever is at least half in the picture."""
        boxes = [box for actor in self.actors if (box := actor.box(seconds))]
        return [box for box in boxes if 0 <= (box[0] + box[2]) / 2 <= 1]

    def model(self) -> type[Any]:
        """A model plugin that sees every actor of whom half is in the picture."""
        script = self

        class Knowing:
            Options = NoOptions

            labels = LABELS
            description = "knows"

            def __init__(self, options: NoOptions) -> None: ...

            def load(self) -> None: ...

            def close(self) -> None: ...

            async def detect(self, frame: Frame, *, min_score: float) -> Detections:
                seen = np.clip(np.array(script.seen(frame.pts_90k / 90_000), np.float32).reshape(-1, 4), 0, 1)
                xyxy, count = np.asarray(seen * np.tile(frame.resolution_wh, 2), np.float32), len(seen)
                return Detections(xyxy, np.full(count, 0.9, np.float32), np.zeros(count, np.int32), LABELS)

        return Knowing


def _empty() -> Picture:
    """A wall and a floor of soft texture."""
    width, height = SIZE
    random = np.random.default_rng(5)
    texture = cv2.GaussianBlur(random.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 5)
    light = np.linspace(-25, 25, height)[:, None]
    return np.asarray(110 + 30 * texture / texture.std() + light, np.float32)
