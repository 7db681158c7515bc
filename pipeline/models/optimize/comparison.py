"""Two models side by side: what they see, and how fast."""

import asyncio
from collections.abc import Sequence
from itertools import count
from statistics import median
from time import perf_counter
from typing import Protocol

from pipeline.core.detections import Detections
from pipeline.core.frame import Frame
from pipeline.models.optimize.report import Speed

_CAMERAS = 4
"""As many frames are on their way at any time, one of each: no backend on a CPU likes to have more started."""


class Sees(Protocol):
    async def detect(self, frame: Frame, *, min_score: float) -> Detections: ...


def seen(model: Sees, frames: Sequence[Frame], *, min_score: float) -> list[Detections]:
    async def look() -> list[Detections]:
        return [await model.detect(frame, min_score=min_score) for frame in frames]

    return asyncio.run(look())


def speed(full: Sees, int8: Sees, frames: Sequence[Frame], *, run_s: float, rounds: int = 5) -> Speed:
    """Short runs in turn, so that what else the machine does meets both; the medians count."""
    images_per_s(full, frames, run_s / 2)
    images_per_s(int8, frames, run_s / 2)
    runs = [(images_per_s(full, frames, run_s), images_per_s(int8, frames, run_s)) for _ in range(rounds)]
    return Speed(
        full=median(slow for slow, _ in runs),
        int8=median(fast for _, fast in runs),
        gain=median(fast / slow for slow, fast in runs),
    )


def images_per_s(model: Sees, frames: Sequence[Frame], run_s: float) -> float:
    """The whole way of a frame through the model, suppression included."""
    lines = [[Frame.from_bgr(frame.bgr(), camera=str(camera)) for frame in frames] for camera in range(_CAMERAS)]

    async def keep_busy() -> int:
        numbers, until = count(), perf_counter() + run_s

        async def ask(line: Sequence[Frame]) -> None:
            while perf_counter() < until:
                await model.detect(line[next(numbers) % len(line)], min_score=0.25)

        await asyncio.gather(*(ask(line) for line in lines))
        return next(numbers)

    began = perf_counter()
    done = asyncio.run(keep_busy())
    return done / (perf_counter() - began)
