"""Ultralytics' trackers, going by the clock instead of by the call.

They take one step a frame, and their Kalman filters assume noise that is right at 30 frames a second.
Analysis runs at 5 and drops frames: here a frame is as many steps ("ticks") as time has passed, so that an
object moves as far as time says and the doubt about where it is grows as it should.

Imports torch: for whoever builds a tracker, not for whoever only names one.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.core.frame import Image
from pipeline.models.ultra import ultralytics
from pipeline.stages.tracking.found import Floats, Found, Mask
from pipeline.stages.tracking.motion import ApartXYAH, KalmanFilterXYAH, predict

ultralytics()  # switches off what it would do by itself: before the imports below

from ultralytics.trackers import OCSORT, BYTETracker  # noqa: E402
from ultralytics.trackers.basetrack import TrackState  # noqa: E402
from ultralytics.trackers.utils.matching import fuse_score, iou_distance, linear_assignment  # noqa: E402

Distance = Callable[[list[Any], list[Any]], Floats]
"""Tracks, detections → (T, D)."""

_HALF = 0.5
"""The distance up to which ultralytics' trackers go by overlap alone, whatever the score."""
NEVER = 1e3
"""A distance that nothing bridges."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a tracker made of one frame; tracks that are in neither have ended."""

    seen: dict[int, int]
    """Track → index of its detection."""
    missed: frozenset[int]
    """Tracks that were looked for in vain."""
    boxes: dict[int, Floats]
    """Track → where it is, of those that are seen, where the tracker knows that better than the detection."""


class ByteTrack(BYTETracker):  # type: ignore[misc]
    """ByteTrack by the clock, with a second chance: for unsure detections at its own rate, for what moved further
    than its own size where frames are far apart."""

    smooths = False
    """Whether its filter's boxes are nearer the truth than the detections that they are made of."""
    lost_stracks: list[Any]
    tracked_stracks: list[Any]
    _ticks = 1
    _found: Found

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
        sized = np.all(found.xyxy[:, 2:] > found.xyxy[:, :2], axis=1)
        first, second = found.first & sized, found.second & sized
        return found[first], found[second], first, second

    def _pre_first_associate(self, pool: list[Any], unconfirmed: list[Any], image: Image | None, found: Found) -> None:
        """New tracks are predicted like old ones, or their filter learns no speed from the second sight."""
        self.multi_predict(unconfirmed)
        super()._pre_first_associate(pool, unconfirmed, image, found)

    def _first_association(
        self, pool: list[Any], detections: list[Any], activated: list[Any], refind: list[Any]
    ) -> tuple[list[int], list[int]]:
        """One way of looking for tracks after another; each takes what those before have left over."""
        unmatched, waiting = list(range(len(pool))), list(range(len(detections)))
        for sought, distance in self._ways(pool):
            tracks = [i for i in unmatched if i in sought]
            if not tracks or not waiting:
                continue
            near = distance([pool[i] for i in tracks], [detections[i] for i in waiting])
            matches, _, left = linear_assignment(near, thresh=self.args.match_thresh)
            pairs = [(tracks[track], waiting[found]) for track, found in matches]
            self._apply_matches(pairs, pool, detections, activated, refind)
            matched = {track for track, _ in pairs}
            unmatched, waiting = [i for i in unmatched if i not in matched], [waiting[i] for i in left]
        return unmatched, waiting

    def _ways(self, pool: list[Any]) -> list[tuple[set[int], Distance]]:
        """At its own rate a tracker goes first, as it is made. That takes an unsure detection for a distant one
        (`fuse_score`); so what it leaves over goes by overlap alone to whoever was seen of late.

        Over longer steps those seen of late go first, by the tracker's own distance and then with room for doubt;
        those long lost go last: in a crowd, doubt would give them somebody else's place.
        """
        # where something is that was not seen for a second is little more than a guess
        late = {i for i, track in enumerate(pool) if self.frame_id - track.end_frame > self.args.ticks_per_s}
        everyone = set(range(len(pool)))
        if self._ticks <= self.args.own_ticks:
            return [(everyone, self.get_dists), (everyone - late, self._overlap_dists)]
        return [(everyone - late, self.get_dists), (everyone - late, self._doubtful_dists), (late, self.get_dists)]

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
        if tracks and not tracks[0].is_activated and self._ticks > self.args.own_ticks:
            return doubtful_distance(tracks, detections)
        return self._within(self._own_dists(tracks, detections), detections)

    def _own_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        return np.asarray(super().get_dists(tracks, detections))

    def _overlap_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        distances = self._within(iou_distance(tracks, detections), detections)
        overlapping: Floats = np.where(distances > _HALF, NEVER, distances)
        return overlapping

    def _doubtful_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        distances = doubtful_distance(tracks, detections)
        if self.args.fuse_score:
            distances = fuse_score(distances, detections)
        return self._within(distances, detections)

    def _within(self, distances: Floats, detections: list[Any]) -> Floats:
        """Each label has its own limit; that of all, `args.match_thresh`, is the largest."""
        limits = self._found.match_thresh[[int(found.idx) for found in detections]]
        limited: Floats = np.where(distances > limits, NEVER, distances)
        return limited


class OcSort(ByteTrack, OCSORT):  # type: ignore[misc]
    """OC-SORT by the clock: minds the way objects went, and goes by sightings more than by the filter."""

    def _fuse_appearance(
        self, dists: Floats, tracks: list[Any], detections: list[Any], iou_dists: Floats | None = None
    ) -> Floats:
        return self._within(dists, detections)


def doubtful_distance(tracks: Sequence[Any], detections: Sequence[Any]) -> Floats:
    """1 - IoU, (T, D), of boxes that are both widened by the standard deviation of where the track is.

    Widening is by one box's size at most, so that a track long lost does not match everything. Unlike
    labels are as far apart as can be: who overlaps little is not taken for something else as well.
    """
    if not tracks or not detections:
        return np.zeros((len(tracks), len(detections)), np.float32)
    here, there = np.stack([track.xyxy for track in tracks]), np.stack([found.xyxy for found in detections])
    doubt = np.sqrt([(track.covariance[0, 0], track.covariance[1, 1]) for track in tracks])
    doubt = np.minimum(doubt, (here[:, 2:] - here[:, :2]).mean(axis=1, keepdims=True))[:, None]
    here, there = here[:, None], there[None]
    overlap = np.minimum(here[..., 2:], there[..., 2:]) - np.maximum(here[..., :2], there[..., :2]) + 2 * doubt
    shared = np.clip(overlap, 0, None).prod(axis=-1)
    sizes = [(boxes[..., 2:] - boxes[..., :2] + 2 * doubt).prod(axis=-1) for boxes in (here, there)]
    alike = np.asarray([track.cls for track in tracks])[:, None] == np.asarray([found.cls for found in detections])
    distances: Floats = np.where(alike, 1 - shared / (sizes[0] + sizes[1] - shared), 1.0)
    return distances
