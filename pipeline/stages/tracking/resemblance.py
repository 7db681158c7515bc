"""How alike tracks and detections look."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.stages.tracking.found import Floats

REMEMBERED = 100
"""Tracks of a class whose looks are kept, the late ones."""
IN_COMMON = 0.8
"""The share of their mean that is taken away once many are known."""
LESS_OF_ONE = 0.3
"""By how much that is less where only one is known, whose own looks the mean is; of two by half that, and so on."""


class Resemblance:
    """Compares looks less what those of their class have in common.

    To a network all persons look much the same: two strangers are as alike as 0.87 (cosine), one person and the same a
    second later 0.96. Without what they share that is 0.4 and 0.8, on both sides of any sensible `appearance_thresh`.
    """

    def __init__(self) -> None:
        self._known: dict[int, dict[int, Floats]] = {}

    def meet(self, tracks: Sequence[Any]) -> None:
        """Takes in how these look by now; once a step."""
        for track in tracks:
            if track.smooth_feat is not None:
                known = self._known.setdefault(int(track.cls), {})
                known.pop(track.track_id, None)
                known[track.track_id] = track.smooth_feat
                if len(known) > REMEMBERED:
                    del known[next(iter(known))]

    def distances(self, tracks: Sequence[Any], detections: Sequence[Any]) -> Floats:
        """(T, D): half of 1 - cosine, as `appearance_thresh` is meant; not a number where one has no looks."""
        common = {kind: self._common(list(known.values())) for kind, known in self._known.items()}
        before = _directions([_less(track.smooth_feat, common.get(int(track.cls))) for track in tracks])
        now = _directions([_less(found.curr_feat, common.get(int(found.cls))) for found in detections])
        if before.shape[1] != now.shape[1]:  # none of them has looks
            return np.full((len(tracks), len(detections)), np.nan, np.float32)
        return np.asarray((1 - before @ now.T) / 2, np.float32)

    def _common(self, known: list[Floats]) -> Floats:
        share = IN_COMMON - LESS_OF_ONE / len(known)
        return np.asarray(share * np.mean(known, axis=0), np.float32)


def _less(looks: Floats | None, common: Floats | None) -> Floats | None:
    return looks if looks is None or common is None else looks - common


def _directions(looks: Sequence[Floats | None]) -> Floats:
    """(N, F) of length 1; not a number for those that have none."""
    size = next((len(one) for one in looks if one is not None), 0)
    table = np.array([np.full(size, np.nan) if one is None else one for one in looks], np.float32)
    table = table.reshape(len(looks), size)
    return np.asarray(table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-6), np.float32)
