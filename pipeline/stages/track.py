"""The `track` stage: the same object keeps its id from frame to frame."""

import logging
from collections.abc import Awaitable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from pipeline.core.context import Context
from pipeline.core.contracts import StageSetup
from pipeline.core.detections import FEATURES, Detections
from pipeline.stages.tracking.bytetrack import ByteTrack
from pipeline.stages.tracking.found import Step, joined
from pipeline.stages.tracking.life import Life
from pipeline.stages.tracking.looks import Looks
from pipeline.stages.tracking.settings import TICKS_PER_S, Limits, Settings

OWN_FPS = 15.0
"""From this rate on what moves overlaps itself: ultralytics' own order of matching is the best one, and a tick a frame
is, too, since a filter that doubts less takes less of a detector's jitter for speed."""
LONGEST_STEP_S = 1.0
"""A speed says nothing about where something is after more than this."""
UNTRACKED = -1
"""`track_id` of a detection that is no object (yet)."""

log = logging.getLogger(__name__)


class Track:
    """One for each camera; makes `ctx.objects` of `ctx.detections`.

    An object that is not seen stays in `ctx.objects`, predicted and after half a second `lost`, until
    `max_disappeared` frames at the nominal rate have been looked at in vain: rules do not see it leave
    because something hid it. One that was on its way out of the picture goes sooner. A frame that nobody
    looked at (no detections) ages nothing and teaches nothing; where nobody looked because nothing moved,
    what was on its way has come to rest. What is `ctx.weak` and goes on with an object joins
    `ctx.detections`: it says where the object is, but neither what it is nor how sure that is.
    `detections.track_id` is the tracker's own number, -1 where a detection belongs to no object;
    `ctx.objects` are in the order of these numbers.
    """

    class Options(Settings):
        pass

    def __init__(self, options: Options, setup: StageSetup) -> None:
        self._options = options
        self._camera = setup.camera
        ticks_per_frame = 1 if setup.camera.fps >= OWN_FPS else round(TICKS_PER_S / setup.camera.fps)
        self._ticks_per_s = ticks_per_frame * setup.camera.fps
        self._limits = Limits(options)
        self._tracker = _tracker(options, setup.camera.max_disappeared * ticks_per_frame, self._ticks_per_s)
        self._looks = Looks(setup.models.classifier(options.reid_model)) if _asks_for_looks(options) else None
        self.prompt = self._looks is None
        self._lives: dict[int, Life] = {}
        self._called_at: float | None = None
        self._looked_at: float | None = None
        self._still_since: float | None = None
        self._missed_looks = False

    def process(self, ctx: Context) -> Awaitable[None] | None:
        if self._looks is not None and ctx.detections is not None:
            return self._process_by_looks(ctx, ctx.detections, self._looks)
        self._process(ctx)
        return None

    async def _process_by_looks(self, ctx: Context, found: Detections, looks: Looks) -> None:
        ctx.detections = await looks.of(ctx.frame, found)
        if ctx.weak is not None:
            ctx.weak = await looks.of(ctx.frame, ctx.weak)
        self._process(ctx)

    def _process(self, ctx: Context) -> None:
        now = ctx.frame.captured_at
        if ctx.detections is None:
            self._pass(ctx, now)
        else:
            self._look(ctx, ctx.detections, now)
        self._called_at = now

    def _pass(self, ctx: Context, now: float) -> None:
        """Nobody looked."""
        if ctx.motion != ():
            self._still_since = None  # but something moves
        elif self._still_since is None:
            self._still_since = now if self._called_at is None else self._called_at
        ctx.objects = [life.at(now, measured=False) for life in self._lives.values()]

    def _look(self, ctx: Context, sure: Detections, now: float) -> None:
        since_s = _between(self._called_at, now)
        if self._still_since is not None and now - self._still_since > LONGEST_STEP_S:
            self._tracker.rest()
        self._still_since = None
        found = joined(sure, ctx.weak)
        self._mind_looks(sure)
        step = self._tracker.step(
            self._limits.found(found, len(sure)),
            ctx.frame.bgr() if self._options.gmc_method != "none" else None,
            ticks=self._ticks(min(_between(self._looked_at, now), LONGEST_STEP_S)),
            aged=self._ticks(since_s),
        )
        self._looked_at = now
        self._meet(step, found, now)
        boxes = found.xyxy
        if step.boxes:
            boxes = boxes.copy()
            boxes[[step.seen[track] for track in step.boxes]] = list(step.boxes.values())
        width, height = ctx.frame.resolution_wh
        relative = (boxes / (width, height, width, height)).tolist()
        ids = [UNTRACKED] * len(found)
        for track, index in step.seen.items():
            ids[index] = track
            if index < len(sure):
                life = self._lives[track]
                life.see(tuple(relative[index]), found.label(index), float(found.confidence[index]), now)
            else:
                self._lives[track].glimpse(tuple(relative[index]), now)
        for track in step.missed:
            self._lives[track].miss(since_s)
        self._forget({track for track in step.missed if self._lives[track].has_left(now)})
        ctx.detections = _those_that_count(found, ids, len(sure))
        ctx.objects = [life.at(now, measured=track in step.seen) for track, life in self._lives.items()]

    def _meet(self, step: Step, found: Detections, now: float) -> None:
        """Lives of tracks that have ended are over; new tracks have the highest numbers, and come last."""
        for track in self._lives.keys() - step.seen.keys() - step.missed:
            del self._lives[track]
        for track, index in step.seen.items():
            if track not in self._lives:
                self._lives[track] = self._life(found.label(index), now)

    def _forget(self, tracks: set[int]) -> None:
        self._tracker.forget(tracks)
        for track in tracks:
            del self._lives[track]

    def _life(self, label: str, now: float) -> Life:
        return Life(
            now,
            self._camera.objects,
            speed_over_s=max(0.5, 3 / self._camera.fps),
            stationary_after_s=self._limits.of(label).stationary_after,
        )

    def _mind_looks(self, found: Detections) -> None:
        """Says once that the looks that were asked for are not there."""
        if self._options.with_reid and len(found) and FEATURES not in found.attributes and not self._missed_looks:
            self._missed_looks = True
            log.warning(
                "%s: track: with_reid: the detector tells nothing about how things look; tracking goes on "
                "without (set track: reid_model: to a classifier under models)",
                self._camera.name,
            )

    def _ticks(self, seconds: float) -> int:
        return max(1, round(seconds * self._ticks_per_s))


def _asks_for_looks(options: Settings) -> bool:
    return options.with_reid and options.reid_model != "auto"


def _between(before: float | None, now: float) -> float:
    return 0.0 if before is None else max(0.0, now - before)


def _those_that_count(found: Detections, ids: list[int], sure: int) -> Detections:
    """The sure ones, which come first, and those that belong to a track."""
    chosen = [index for index, track in enumerate(ids) if index < sure or track != UNTRACKED]
    kept = found if len(chosen) == len(ids) else found[np.array(chosen, np.intp)]
    return replace(kept, track_id=np.array([ids[index] for index in chosen], np.int64))


def _tracker(options: Settings, longest_unseen_ticks: int, ticks_per_s: float) -> Any:
    theirs = options.model_dump(exclude={"labels", "stationary_after", "reid_model"})
    settings = SimpleNamespace(
        **theirs
        | {
            "track_buffer": longest_unseen_ticks,
            "match_thresh": options.widest_match_thresh,
            "new_track_thresh": 0.0,  # each label has its own, which is minded before
            "own_ticks": max(1, round(ticks_per_s / OWN_FPS)),
            "ticks_per_s": ticks_per_s,
            "model": "auto",  # the looks come with the detections, whoever told them
        }
    )
    if options.tracker == "bytetrack":
        return ByteTrack(settings)
    from pipeline.stages.tracking import botsort, trackers  # bring torch

    return botsort.BotSort(settings) if options.tracker == "botsort" else trackers.OcSort(settings)
