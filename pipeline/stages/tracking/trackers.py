"""Ultralytics' trackers, going by the clock instead of by the call; ByteTrack has a table of its own.

They take one step a frame, and their Kalman filters assume noise that is right at 30 frames a second.
Analysis runs at 5 and drops frames: here a frame is as many steps ("ticks") as time has passed, so that an
object moves as far as time says and the doubt about where it is grows as it should.

Imports torch: for whoever builds a tracker, not for whoever only names one.
"""

from collections.abc import Callable, Sequence, Set
from typing import Any

import numpy as np

from pipeline.core.frame import Image
from pipeline.models.ultra import ultralytics
from pipeline.stages.tracking import matching
from pipeline.stages.tracking.found import Floats, Found, Mask, Step
from pipeline.stages.tracking.matching import HALF, NEVER
from pipeline.stages.tracking.motion import ApartXYAH, KalmanFilterXYAH, predict

ultralytics()  # switches off what it would do by itself: before the imports below

from ultralytics.trackers import OCSORT, BYTETracker  # noqa: E402
from ultralytics.trackers.basetrack import TrackState  # noqa: E402
from ultralytics.trackers.utils.matching import fuse_score, iou_distance  # noqa: E402

Distance = Callable[[list[Any], list[Any]], Floats]
"""Tracks, detections → (T, D)."""


class ByClock(BYTETracker):  # type: ignore[misc]
    """What theirs have in common, with the second chance that `matching.ways` gives; by itself it is ByteTrack."""

    smooths = False
    """Whether its filter's boxes are nearer the truth than the detections that they are made of."""
    lost_stracks: list[Any]
    tracked_stracks: list[Any]
    _ticks = 1
    _found: Found

    @property
    def _is_far(self) -> bool:
        return bool(self._ticks > self.args.own_ticks)

    def step(self, found: Found, image: Image | None, *, ticks: int, aged: int) -> Step:
        """Moves the tracks `ticks` on and matches them; what is not seen grows `aged` ticks older."""
        self._ticks, self._found = ticks, found
        self.frame_id += aged - 1  # update adds the last one
        self.update(found, image, found.features)
        self.lost_stracks = [track for track in self.lost_stracks if track.state == TrackState.Lost]
        self.removed_stracks.clear()  # it would keep a thousand of them, and the ones just ended among the lost
        return Step(
            seen={track.track_id: int(track.idx) for track in self.tracked_stracks},
            missed=frozenset(track.track_id for track in self.lost_stracks),
            boxes={track.track_id: track.xyxy for track in self.tracked_stracks} if self.smooths else {},
        )

    def forget(self, tracks: Set[int]) -> None:
        """Ends tracks that are not seen."""
        self.lost_stracks = [track for track in self.lost_stracks if track.track_id not in tracks]

    def rest(self) -> None:
        """Nothing has moved for a while: what was on its way when it was last seen no longer is."""
        for track in (*self.tracked_stracks, *self.lost_stracks):
            track.mean[4:] = 0

    def multi_predict(self, tracks: Sequence[Any]) -> None:
        super().multi_predict(tracks)
        if tracks and self._ticks > 1:
            predict(tracks, self._ticks - 1)

    def get_kalmanfilter(self) -> KalmanFilterXYAH:
        return ApartXYAH()

    def _split_detections(self, found: Found) -> tuple[Found, Found, Mask, Mask]:
        """Their own limits for each label, and none for what is too weak to be matched first."""
        return found[found.first], found[found.second], found.first, found.second

    def _pre_first_associate(self, pool: list[Any], unconfirmed: list[Any], image: Image | None, found: Found) -> None:
        """New tracks are predicted like old ones, or their filter learns no speed from the second sight."""
        self.multi_predict(unconfirmed)
        super()._pre_first_associate(pool, unconfirmed, image, found)

    def _first_association(
        self, pool: list[Any], detections: list[Any], activated: list[Any], refind: list[Any]
    ) -> tuple[list[int], list[int]]:
        def by(distance: Distance) -> matching.Distance:
            return lambda rows, columns: distance([pool[row] for row in rows], [detections[at] for at in columns])

        columns = list(range(len(detections)))
        ways = [(rows, by(distance)) for rows, distance in self._ways(pool)]
        pairs = matching.in_turn(ways, columns, self.args.match_thresh)
        self._apply_matches(list(pairs.items()), pool, detections, activated, refind)
        return [row for row in range(len(pool)) if row not in pairs], matching.left(columns, pairs)

    def _ways(self, pool: list[Any]) -> list[tuple[list[int], Distance]]:
        late = {row for row, track in enumerate(pool) if self.frame_id - track.end_frame > self.args.ticks_per_s}
        return matching.ways(
            list(range(len(pool))),
            late,
            far=self._is_far,
            own=self.get_dists,
            overlap=self._overlap_dists,
            doubtful=self._doubtful_dists,
        )

    def _init_new_tracks(
        self, unmatched: Sequence[int], detections: list[Any], activated: list[Any], refind: list[Any] | None = None
    ) -> None:
        begin = [i for i in unmatched if self._found.begins[detections[i].idx]]
        super()._init_new_tracks(begin, detections, activated, refind)

    def get_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        """A track seen once has no speed yet: over a longer step it is sought where it can have gone.

        The gate for it is fixed at 0.7; at the tracker's own rate, where nothing gets far, doubt would only
        make an object of what flickers.
        """
        if tracks and not tracks[0].is_activated and self._is_far:
            return doubtful_distance(tracks, detections)
        return self._within(self._own_dists(tracks, detections), detections)

    def _own_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        return np.asarray(super().get_dists(tracks, detections))

    def _overlap_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        distances = self._within(iou_distance(tracks, detections), detections)
        overlapping: Floats = np.where(distances > HALF, NEVER, distances)
        return overlapping

    def _doubtful_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        distances = doubtful_distance(tracks, detections)
        if self.args.fuse_score:
            distances = fuse_score(distances, detections)
        return self._within(distances, detections)

    def _within(self, distances: Floats, detections: list[Any]) -> Floats:
        """Each label has its own limit; that of all, `args.match_thresh`, is the largest."""
        limits = self._found.limits([int(found.idx) for found in detections])
        limited: Floats = np.where(distances > limits, NEVER, distances)
        return limited


class OcSort(ByClock, OCSORT):  # type: ignore[misc]
    """OC-SORT by the clock: minds the way objects went, and goes by sightings more than by the filter."""

    def _fuse_appearance(
        self, dists: Floats, tracks: list[Any], detections: list[Any], iou_dists: Floats | None = None
    ) -> Floats:
        return self._within(dists, detections)


def doubtful_distance(tracks: Sequence[Any], detections: Sequence[Any]) -> Floats:
    """1 - `matching.doubtful_overlap` of tracks and detections, (T, D)."""
    if not tracks or not detections:
        return np.zeros((len(tracks), len(detections)), np.float32)
    here, there = np.stack([track.xyxy for track in tracks]), np.stack([found.xyxy for found in detections])
    doubt = np.sqrt([(track.covariance[0, 0], track.covariance[1, 1]) for track in tracks])
    alike = np.asarray([track.cls for track in tracks])[:, None] == np.asarray([found.cls for found in detections])
    return 1 - matching.doubtful_overlap(here, there, doubt, alike)
