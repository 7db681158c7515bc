"""ByteTrack by the clock, all tracks in one table."""

from collections.abc import Set
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from pipeline.core.frame import Image
from pipeline.stages.tracking.found import Floats, Found, Step
from pipeline.stages.tracking.matching import HALF, Pairs, in_turn, left, overlap, ways
from pipeline.stages.tracking.nearness import Nearness
from pipeline.stages.tracking.states import HEIGHT, begun, corrected, measured, predicted, xyxy

NEW = 0.7
"""The distance up to which something is seen a second time."""
SAME = 0.85
"""Two tracks that overlap more than this are one."""


@dataclass(slots=True)
class _Tracked:
    id: int
    began: int
    """In ticks, as `seen`."""
    seen: int
    """When last."""
    kind: int
    certain: bool
    """Whether it was seen twice, or is there from the beginning."""

    @property
    def lasted(self) -> int:
        return self.seen - self.began


class ByteTrack:
    """ByteTrack (Zhang et al. 2022) with a second chance: for unsure detections at its own rate, for what moved
    further than its own size where frames are far apart.

    Gives what ultralytics' own gives, but works on all tracks at once; `settings` are named as there.
    """

    def __init__(self, settings: Any) -> None:
        self._settings = settings
        self._ids = count(1)
        self._now = 0
        self._tracks: list[_Tracked] = []
        """Those that are seen, then those that are lost."""
        self._seen = 0
        """How many are seen."""
        self._states: Floats = np.zeros((5, 0, 4))

    def step(self, found: Found, image: Image | None, *, ticks: int, aged: int) -> Step:
        """Moves the tracks `ticks` on and matches them; what is not seen grows `aged` ticks older."""
        self._now += aged
        self._states[1, self._seen :, HEIGHT] = 0  # nobody knows whether what is lost still grows
        self._states = predicted(self._states, ticks)
        pairs, new = self._matched(found, far=ticks > self._settings.own_ticks)
        lost = [row for row in range(self._seen, len(self._tracks)) if row not in pairs]
        lost += [row for row in range(self._seen) if row not in pairs and self._tracks[row].certain]
        seen = self._taken(found, pairs, new, lost)
        self.forget(self._doubles() | self._over(aged))
        return Step(
            seen={track.id: seen[track.id] for track in self._tracks[: self._seen]},
            missed=frozenset(track.id for track in self._tracks[self._seen :]),
            boxes={},
        )

    def forget(self, tracks: Set[int]) -> None:
        """Ends tracks."""
        if tracks:
            rows = [row for row, track in enumerate(self._tracks) if track.id not in tracks]
            self._seen = sum(row < self._seen for row in rows)
            self._tracks, self._states = [self._tracks[row] for row in rows], self._states[:, rows]

    def rest(self) -> None:
        """Nothing has moved for a while: what was on its way when it was last seen no longer is."""
        self._states[1] = 0

    def _matched(self, found: Found, *, far: bool) -> tuple[Pairs, list[int]]:
        """Which tracks are seen in which detections, and which detections begin one."""
        tracks = self._tracks
        near = Nearness(
            xyxy(self._states),
            self._states[2, :, :2],
            [track.kind for track in tracks],
            found,
            self._settings.fuse_score,
        )
        first, second = np.nonzero(found.first)[0].tolist(), np.nonzero(found.second)[0].tolist()
        certain = [row for row, track in enumerate(tracks) if track.certain]
        # where something is that was not seen for a second is little more than a guess
        late = {row for row in certain if self._now - tracks[row].seen > self._settings.ticks_per_s}
        order = ways(certain, late, far=far, own=near.own, overlap=near.half, doubtful=near.doubtful)
        pairs = in_turn(order, first, self._settings.match_thresh)
        unseen = [row for row in certain if row < self._seen and row not in pairs]
        pairs |= in_turn([(unseen, near.apart)], second, HALF)
        unsure = [row for row, track in enumerate(tracks) if not track.certain]
        pairs |= in_turn([(unsure, near.doubtfully_apart if far else near.own)], left(first, pairs), NEW)
        return pairs, [column for column in left(first, pairs) if found.begins[column]]

    def _taken(self, found: Found, pairs: Pairs, new: list[int], lost: list[int]) -> dict[int, int]:
        """Corrects those that are seen, begins the new ones, and puts the lost behind them: track → detection."""
        rows, kinds = sorted(pairs), found.cls.tolist()
        columns = [pairs[row] for row in rows] + new
        sights = measured(found.xyxy[columns])
        parts = [corrected(self._states[:, rows], sights[: len(rows)])]
        if new:
            parts.append(begun(sights[len(rows) :]))
        if lost:
            parts.append(self._states[:, lost])
        self._states = np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]
        seen = [self._tracks[row] for row in rows]
        for track, column in zip(seen, columns, strict=False):
            track.seen, track.kind, track.certain = self._now, kinds[column], True
        seen += [_Tracked(next(self._ids), self._now, self._now, kinds[column], self._now == 1) for column in new]
        self._tracks, self._seen = seen + [self._tracks[row] for row in lost], len(seen)
        return {track.id: column for track, column in zip(seen, columns, strict=True)}

    def _doubles(self) -> set[int]:
        """Of a track that is seen and one that is lost in the same place, the one that has been seen for less long."""
        seen, lost = self._tracks[: self._seen], self._tracks[self._seen :]
        if not seen or not lost:
            return set()
        boxes = xyxy(self._states)
        same = overlap(boxes[: self._seen, None], boxes[self._seen :]) > SAME
        pairs = [(seen[one], lost[other]) for one, other in zip(*np.nonzero(same), strict=True)]
        return {other.id if one.lasted > other.lasted else one.id for one, other in pairs}

    def _over(self, aged: int) -> set[int]:
        """Those not seen for too long; one that was there at the last look is not, however long ago that is."""
        longest = max(self._settings.track_buffer, aged)
        return {track.id for track in self._tracks if self._now - track.seen > longest}
