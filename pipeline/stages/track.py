"""The `track` stage: the same object keeps its id from frame to frame."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from pipeline.core.camera import Relative
from pipeline.core.context import Context
from pipeline.core.contracts import StageSetup
from pipeline.core.detections import Detections
from pipeline.core.options import Options as BaseOptions
from pipeline.stages.tracking.life import Life

TICKS_PER_S = 30.0
"""The frame rate that the trackers' filters are made for."""
LONGEST_STEP_S = 1.0
"""A speed says nothing about where something is after more than this."""
UNTRACKED = -1
"""`track_id` of a detection that is no object (yet)."""


class Track:
    """One for each camera; makes `ctx.objects` of `ctx.detections`.

    An object that is not seen stays in `ctx.objects`, predicted and after half a second `lost`, until
    `max_disappeared` frames at the nominal rate have been looked at in vain: rules do not see it leave
    because something hid it. One that was on its way out of the picture goes sooner. A frame that nobody
    looked at (no detections) ages nothing and teaches nothing. `detections.track_id` is the tracker's own
    number, -1 where a detection belongs to no object.
    """

    class Options(BaseOptions):
        tracker: Literal["bytetrack", "botsort"] = "bytetrack"
        stationary_after: Annotated[float, Field(gt=0)] = 5.0
        """Seconds in one place until an object is stationary."""
        track_high_thresh: Relative = 0.25
        """Detections from this score on are matched first."""
        track_low_thresh: Relative = 0.1
        """Detections between this and `track_high_thresh` can only go on with an object, not begin one."""
        new_track_thresh: Relative = 0.25
        """The score that begins an object."""
        match_thresh: Relative = 0.8
        """The largest distance (1 - overlap, less what `fuse_score` says) that is still the same object."""
        fuse_score: bool = True
        """Counts the overlap with a weak detection for less."""
        gmc_method: Literal["none", "sparseOptFlow", "orb", "sift", "ecc"] = "none"
        """How `botsort` makes up for a camera that moves; costs a conversion of every frame."""

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._options = options
        self._camera = setup.camera
        ticks_per_frame = max(1, round(TICKS_PER_S / setup.camera.fps))
        self._ticks_per_s = ticks_per_frame * setup.camera.fps
        self._tracker = _tracker(options, setup.camera.max_disappeared * ticks_per_frame)
        self._lives: dict[int, Life] = {}
        self._called_at: float | None = None
        self._looked_at: float | None = None

    def process(self, ctx: Context) -> None:
        now = ctx.frame.captured_at
        if ctx.detections is None:
            ctx.objects = [life.at(now, measured=False) for life in self._lives.values()]
        else:
            self._look(ctx, ctx.detections, now)
        self._called_at = now

    def _look(self, ctx: Context, found: Detections, now: float) -> None:
        since_s = _between(self._called_at, now)
        step = self._tracker.step(
            found,
            ctx.frame.bgr() if self._options.gmc_method != "none" else None,
            ticks=self._ticks(min(_between(self._looked_at, now), LONGEST_STEP_S)),
            aged=self._ticks(since_s),
        )
        self._looked_at = now
        self._lives = {track: self._life(track, now) for track in sorted({*step.seen, *step.missed})}
        relative = found.xyxy / np.tile(ctx.frame.resolution_wh, 2)
        ids = np.full(len(found), UNTRACKED, np.int64)
        for track, index in step.seen.items():
            ids[index] = track
            x1, y1, x2, y2 = relative[index].tolist()
            self._lives[track].see((x1, y1, x2, y2), found.label(index), float(found.confidence[index]), now)
        for track in step.missed:
            self._lives[track].miss(since_s)
        self._forget({track for track in step.missed if self._lives[track].has_left(now)})
        ctx.detections = replace(found, track_id=ids)
        ctx.objects = [life.at(now, measured=track in step.seen) for track, life in self._lives.items()]

    def _forget(self, tracks: set[int]) -> None:
        self._tracker.forget(tracks)
        for track in tracks:
            del self._lives[track]

    def _life(self, track: int, now: float) -> Life:
        return self._lives.get(track) or Life(
            now,
            self._camera.objects,
            speed_over_s=max(0.5, 3 / self._camera.fps),
            stationary_after_s=self._options.stationary_after,
        )

    def _ticks(self, seconds: float) -> int:
        return max(1, round(seconds * self._ticks_per_s))


def _between(before: float | None, now: float) -> float:
    return 0.0 if before is None else max(0.0, now - before)


def _tracker(options: Track.Options, longest_unseen_ticks: int) -> Any:
    from pipeline.stages.tracking.trackers import BotSort, ByteTrack  # brings torch

    settings = SimpleNamespace(
        track_high_thresh=options.track_high_thresh,
        track_low_thresh=options.track_low_thresh,
        new_track_thresh=options.new_track_thresh,
        match_thresh=options.match_thresh,
        fuse_score=options.fuse_score,
        track_buffer=longest_unseen_ticks,
        gmc_method=options.gmc_method,
        with_reid=False,
        proximity_thresh=0.5,
        appearance_thresh=0.8,
    )
    return (ByteTrack if options.tracker == "bytetrack" else BotSort)(settings)
