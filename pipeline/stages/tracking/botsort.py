"""BoT-SORT by the clock, with looks that count in every way of looking for tracks.

Ultralytics takes the smaller of two distances, by place and by looks: unlike looks never speak against a place. Here
they are weighed, so that they do, and whoever was lost is sought by looks where they can have gone.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.core.frame import Image
from pipeline.models.ultra import ultralytics
from pipeline.stages.tracking.found import Floats, Found, Mask, Step
from pipeline.stages.tracking.matching import NEVER
from pipeline.stages.tracking.motion import ApartXYWH, KalmanFilterXYAH, KalmanFilterXYWH
from pipeline.stages.tracking.resemblance import Resemblance
from pipeline.stages.tracking.trackers import ByClock, Distance, doubtful_distance

ultralytics()  # switches off what it would do by itself: before the imports below

from ultralytics.trackers import BOTSORT, BYTETracker  # noqa: E402
from ultralytics.trackers.utils.matching import iou_distance  # noqa: E402

WEIGHT = 0.3
"""What looks count for in a distance; the rest is place."""
REACH = (0.5, 0.5)
"""How far from where it was seen last a lost object may come back: lengths of its box, and more a second."""
LARGEST_GROWTH = 1.5
"""By how much its height may have changed then."""


class BotSort(ByClock, BOTSORT):  # type: ignore[misc]
    """ByteTrack with a filter of its own and, where asked for, looks and the camera's motion.

    That filter takes width and height for themselves, and evens out a detector's jitter; the others' hold on to the
    box's proportions, and lag behind whoever strides.
    """

    smooths = True
    _has_looks = False

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self._resemblance = Resemblance()

    def get_kalmanfilter(self) -> KalmanFilterXYAH:
        """A camera that turns makes one side tell of another."""
        return ApartXYWH() if self.args.gmc_method == "none" else KalmanFilterXYWH()

    def step(self, found: Found, image: Image | None, *, ticks: int, aged: int) -> Step:
        self._has_looks = self.args.with_reid and found.features is not None
        step = super().step(found, image, ticks=ticks, aged=aged)
        self._resemblance.meet(self.tracked_stracks)
        for track in self.tracked_stracks:
            track.seen_xyxy = found.xyxy[int(track.idx)]
        return step

    def _ways(self, pool: list[Any]) -> list[tuple[list[int], Distance]]:
        ways = super()._ways(pool)
        if not self._has_looks:
            return ways
        lost = [row for row, track in enumerate(pool) if self.frame_id - track.end_frame > self._ticks]
        return [*ways, (lost, self._return_dists)]

    def _second_association(
        self, pool: list[Any], unmatched: Sequence[int], weak: list[Any], *matched: list[Any]
    ) -> None:
        """An unsure sight, mostly of what something hides, says nothing of how an object looks."""
        for found in weak:
            found.curr_feat = None
        super()._second_association(pool, unmatched, weak, *matched)

    def _own_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        return self._weighed(BYTETracker.get_dists(self, tracks, detections), iou_distance, tracks, detections)

    def _overlap_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        return self._weighed(super()._overlap_dists(tracks, detections), iou_distance, tracks, detections)

    def _doubtful_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        return self._weighed(super()._doubtful_dists(tracks, detections), doubtful_distance, tracks, detections)

    def _weighed(self, places: Floats, apart: Distance, tracks: list[Any], detections: list[Any]) -> Floats:
        """Place and looks together; where places overlap no more than `proximity_thresh`, looks speak for nobody.

        Of what is long lost the place is a guess: there nobody unlike is taken for it.
        """
        if not self._has_looks or not places.size:
            return places
        unlike, near = self._unlike(tracks, detections), apart(tracks, detections) < 1 - self.args.proximity_thresh
        weighed = (1 - WEIGHT) * places + WEIGHT * np.where(near, np.minimum(unlike, 1), 1)
        long_lost = np.array([self.frame_id - track.end_frame > self.args.ticks_per_s for track in tracks])[:, None]
        weighed[long_lost & (unlike > 1)] = NEVER
        return self._within(np.where(np.isnan(unlike) | (places >= NEVER), places, weighed), detections)

    def _return_dists(self, tracks: list[Any], detections: list[Any]) -> Floats:
        """By looks alone, of what is lost and can have got there from where it was seen last."""
        if not tracks or not detections:
            return np.zeros((len(tracks), len(detections)), np.float32)
        unlike = self._unlike(tracks, detections)
        comes_back = (unlike <= 1) & self._is_in_reach(tracks, detections)
        return self._within(np.where(comes_back, unlike, NEVER), detections)

    def _unlike(self, tracks: list[Any], detections: list[Any]) -> Floats:
        """(T, D): 1 is as unlike as `appearance_thresh` admits; not a number where looks are not known."""
        admitted = max(1 - self.args.appearance_thresh, 1e-6)
        return np.asarray(self._resemblance.distances(tracks, detections) / admitted)

    def _is_in_reach(self, tracks: list[Any], detections: list[Any]) -> Mask:
        left = np.stack([track.seen_xyxy for track in tracks])[:, None]
        now = np.stack([found.xyxy for found in detections])[None]
        unseen_s = np.array([self.frame_id - track.end_frame for track in tracks])[:, None] / self.args.ticks_per_s
        size = left[..., 2:] - left[..., :2]
        way = np.linalg.norm((now[..., :2] + now[..., 2:] - left[..., :2] - left[..., 2:]) / 2, axis=-1)
        growth = np.abs(np.log((now[..., 3] - now[..., 1]) / size[..., 1]))
        of_a_kind = np.array([track.cls for track in tracks])[:, None] == np.array([found.cls for found in detections])
        near = way <= size.max(axis=-1) * (REACH[0] + REACH[1] * unseen_s)
        return np.asarray(near & (growth <= np.log(LARGEST_GROWTH)) & of_a_kind)
