"""What many answers together say of one object."""

from collections import deque
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.camera import Relative
from pipeline.core.options import Options


class Belief(Options):
    """When an answer counts, and when answers together are believed."""

    min_score: Relative = 0.2
    """An answer whose best label scores less says nothing, and is forgotten."""
    threshold: Relative = 0.5
    """The mean score over the answers from which a label is attached."""
    hysteresis: Relative = 0.1
    """How much more than the attached label another one must score, on the mean, to take its place."""
    votes: Annotated[int, Field(ge=1, le=100)] = 5
    """How many of the latest answers are counted."""


class Opinion:
    """A vote in which every answer gives each label its score.

    The label with the best mean is attached once it reaches `threshold`. It then stays until another one both
    reaches it and leads by `hysteresis`: an object does not change its colour with every look.
    """

    def __init__(self, labels: Sequence[str], belief: Belief) -> None:
        self._labels = labels
        self._belief = belief
        self._answers: deque[NDArray[np.float32]] = deque(maxlen=belief.votes)
        self._winner: int | None = None

    def hear(self, scores: Sequence[float]) -> None:
        """`scores` has one for each label, in their order; raises ValueError for anything else."""
        answer = np.asarray(scores, np.float32)
        if answer.shape != (len(self._labels),) or not np.isfinite(answer).all():
            raise ValueError(f"got an answer of shape {answer.shape}, wanted {len(self._labels)} numbers")
        if answer.max() < self._belief.min_score:
            return
        self._answers.append(answer)
        self._count()

    @property
    def label(self) -> str | None:
        """None as long as no label is believed."""
        return None if self._winner is None else self._labels[self._winner]

    @property
    def score(self) -> float:
        """The mean score of `label` over the answers that count; 0 where there is none."""
        return 0.0 if self._winner is None else float(self._means()[self._winner])

    def _count(self) -> None:
        means = self._means()
        best = int(means.argmax())
        lead = 0.0 if self._winner is None else means[best] - means[self._winner]
        if means[best] >= self._belief.threshold and (self._winner is None or lead > self._belief.hysteresis):
            self._winner = best

    def _means(self) -> NDArray[np.float32]:
        means: NDArray[np.float32] = np.mean(self._answers, axis=0)
        return means
