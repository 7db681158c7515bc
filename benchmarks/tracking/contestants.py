"""Who is compared: our `track` stage, and ultralytics' trackers as they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import av
import numpy as np

from benchmarks.tracking.sequence import Rows, Sequence
from pipeline.core.camera import Camera, ObjectFilter, Objects
from pipeline.core.clock import ManualClock
from pipeline.core.context import Context
from pipeline.core.contracts import Models, StageSetup
from pipeline.core.detections import Detections
from pipeline.core.frame import Frame
from pipeline.models.ultra import ultralytics
from pipeline.stages.track import Track

TRACKERS = ("bytetrack", "botsort", "ocsort")
LABEL = "person"
TRACK_BUFFER = 30
"""For how many analysed frames ultralytics' configuration files hold an unseen object."""
UNSEEN_S = 5.0
"""How long Framewatch holds one by default: 25 frames at 5 a second."""


@dataclass(frozen=True, slots=True)
class Look:
    """Which frames of a sequence are analysed, counted from 1."""

    every: int
    dropped: float = 0.0
    """Share of those that get lost, by chance."""

    def frames(self, length: int) -> list[int]:
        wanted = np.arange(1, length + 1, self.every)
        kept = np.random.default_rng(self.every).random(len(wanted)) >= self.dropped
        return cast(list[int], wanted[kept].tolist())

    def __str__(self) -> str:
        which = "every frame" if self.every == 1 else f"every {self.every}{_ORDINAL.get(self.every, 'th')} frame"
        return which + (f", {self.dropped:.0%} lost" if self.dropped else "")


_ORDINAL = {2: "nd", 3: "rd"}


def framewatch(
    tracker: str,
    sequence: Sequence,
    look: Look,
    options: Mapping[str, Any] | None = None,
    *,
    unseen_s: float | None = None,
) -> list[Rows]:
    """For each frame looked at, rows of (id, x1, y1, x2, y2, score): what was found there and belongs to an object.

    An unseen object is held for `unseen_s`; without, as long as ultralytics' trackers hold one.
    """
    stage_options = Track.Options.model_validate({"tracker": tracker} | dict(options or {}))
    fps = sequence.fps / look.every
    least = stage_options.new_track_thresh
    objects = Objects(track=(LABEL,), filters={LABEL: ObjectFilter(min_score=least, threshold=least)})
    unseen = TRACK_BUFFER if unseen_s is None else round(unseen_s * fps)
    camera = Camera(name=sequence.name, fps=fps, max_disappeared=unseen, objects=objects)
    stage = Track(stage_options, StageSetup(camera, cast(Models, None), ManualClock(), _no_plugin))
    picture, numbers = av.VideoFrame(*sequence.resolution_wh, "gray"), dict[str, int]()
    shown: list[Rows] = []
    for frame, found in _frames(sequence, look):
        at = frame / sequence.fps
        ctx = Context(
            Frame(picture, camera=camera.name, seq=frame, pts_90k=round(at * 90_000), captured_at=at),
            camera,
            _ignored,
            detections=_detections(found),
        )
        stage.process(ctx)
        shown.append(np.array(list(_measured(ctx, numbers)), np.float64).reshape(-1, 6))
    return shown


def theirs(tracker: str, sequence: Sequence, look: Look) -> list[Rows]:
    """Ultralytics' tracker with its own configuration file, called once for each frame, as `model.track` does."""
    ultralytics()
    from ultralytics.engine.results import Boxes
    from ultralytics.trackers.track import TRACKER_MAP
    from ultralytics.utils import YAML, IterableSimpleNamespace
    from ultralytics.utils.checks import check_yaml

    settings = IterableSimpleNamespace(**YAML.load(check_yaml(f"{tracker}.yaml")))
    itself = TRACKER_MAP[tracker](args=settings)
    width, height = sequence.resolution_wh
    shown: list[Rows] = []
    for _, found in _frames(sequence, look):
        boxes = Boxes(np.column_stack([found[:, 1:6], np.zeros(len(found))]).astype(np.float32), (height, width))
        tracks = np.asarray(itself.update(boxes), np.float64).reshape(-1, 8)
        shown.append(tracks[:, [4, 0, 1, 2, 3, 5]])
    return shown


def _measured(ctx: Context, numbers: dict[str, int]) -> Iterator[tuple[float, ...]]:
    """The boxes of objects that were found. They end at the picture's edge, MOT's do not: a side that was cut off is
    the detection's."""
    found = ctx.detections
    assert found is not None and found.track_id is not None
    tracks = found.track_id.tolist()
    rows = sorted((row for row, track in enumerate(tracks) if track >= 0), key=tracks.__getitem__)
    measured = [thing for thing in ctx.objects if thing.measured]  # in the order of their tracks
    for thing, row in zip(measured, rows, strict=True):
        if thing.confirmed:
            box = np.array(thing.box)
            box = np.where((box <= 0) | (box >= 1), found.xyxy[row], box * np.tile(ctx.frame.resolution_wh, 2))
            yield numbers.setdefault(thing.id, len(numbers) + 1), *box.tolist(), float(found.confidence[row])


def _frames(sequence: Sequence, look: Look) -> list[tuple[int, Rows]]:
    order = np.argsort(sequence.found[:, 0], kind="stable")
    found, frames = sequence.found[order], look.frames(sequence.length)
    starts = np.searchsorted(found[:, 0], frames, "left")
    ends = np.searchsorted(found[:, 0], frames, "right")
    return [(frame, found[start:end]) for frame, start, end in zip(frames, starts, ends, strict=True)]


def _detections(found: Rows) -> Detections:
    return Detections(
        found[:, 1:5].astype(np.float32),
        found[:, 5].astype(np.float32),
        np.zeros(len(found), np.int32),
        {0: LABEL},
    )


def _no_plugin(kind: str, type: str) -> Any:
    raise LookupError(f"no {kind} {type} here")


def _ignored(event: object) -> None:
    """Tracking emits none."""
