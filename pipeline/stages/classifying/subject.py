"""One object that a classifier is asked about: when, and about which part of the picture."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from pipeline.core.objects import Box
from pipeline.core.options import Options
from pipeline.stages.classifying.opinion import Opinion

Pixels = tuple[int, int, int, int]


class Refresh(Options):
    """When an object that was looked at is looked at again."""

    seconds: Annotated[float, Field(ge=0)] = 30.0
    """After so long; 0 means never by age."""
    growth: Annotated[float, Field(gt=1)] = 1.5
    """When its box has grown to so many times the largest that was looked at."""
    unsure: Annotated[float, Field(gt=0)] = 1.0
    """After so many seconds as long as no label is believed, then twice as many each time, up to `seconds`."""


class Subject:
    """From an object's first question to its end."""

    def __init__(self, opinion: Opinion, refresh: Refresh) -> None:
        self.opinion = opinion
        self.asked_at: float | None = None
        self.asking: asyncio.Task[None] | None = None
        self._refresh = refresh
        self._largest = 0.0
        self._patience_s = refresh.unsure / 2

    def is_due(self, area: float, now: float) -> bool:
        """Whether another look is worth it; `now` is capture time, `area` the box's share of the picture."""
        if self.asking is not None:
            return False
        if self.asked_at is None or area >= self._largest * self._refresh.growth:
            return True
        age_s = abs(now - self.asked_at)  # a clock that was set back is no reason to wait
        if self.opinion.label is None and age_s >= self._patience_s:
            return True
        return 0 < self._refresh.seconds <= age_s

    def ask(self, task: "asyncio.Task[None]", area: float, now: float) -> None:
        self.asking, self.asked_at, self._largest = task, now, max(area, self._largest)

    def was_answered(self, scores: Sequence[float]) -> None:
        """Raises ValueError where `scores` are not one for each label."""
        self.opinion.hear(scores)
        self._patience_s *= 2

    def was_not_answered(self) -> None:
        """The question is asked again at the next chance."""
        self.asked_at = None


def around(box: Box, resolution_wh: tuple[int, int], *, square: bool) -> Pixels:
    """The pixels of `box`; where `square`, its shorter side is widened to the longer as far as the picture goes.

    Classifiers look at the square in the middle of what they get: of a standing person's box that would be
    the belly. The square is moved, not cut, at the edge of the picture.
    """
    low, high = ([side * size for side, size in zip(part, resolution_wh, strict=True)] for part in (box[:2], box[2:]))
    longest = max(end - begin for begin, end in zip(low, high, strict=True))
    spans = [
        _span(begin, end, longest if square else end - begin, size)
        for begin, end, size in zip(low, high, resolution_wh, strict=True)
    ]
    (x1, x2), (y1, y2) = spans
    return x1, y1, x2, y2


def _span(begin: float, end: float, length: float, size: int) -> tuple[int, int]:
    length = min(length, size)
    begin = min(max(0.0, (begin + end - length) / 2), size - length)
    return round(begin), round(begin + length)
