"""The tracker's settings, by label."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pipeline.core.camera import Relative
from pipeline.core.contracts import ClassifierName
from pipeline.core.detections import FEATURES, Detections
from pipeline.core.options import Options, misplaced
from pipeline.stages.tracking.found import Floats, Found

TICKS_PER_S = 30.0
"""The frame rate that the trackers' filters are made for."""


class LabelSettings(Options):
    """What is different for one label; what is not given is as for all."""

    track_high_thresh: Relative | None = None
    track_low_thresh: Relative | None = None
    new_track_thresh: Relative | None = None
    match_thresh: Relative | None = None
    stationary_after: Annotated[float, Field(gt=0)] | None = None


class Settings(Options):
    """Names and defaults are ultralytics', but for `gmc_method`, `proximity_thresh` and what is not theirs."""

    tracker: Literal["bytetrack", "botsort", "ocsort"] = "bytetrack"
    stationary_after: Annotated[float, Field(gt=0)] = 5.0
    """Seconds in one place until an object is stationary."""
    track_high_thresh: Relative = 0.25
    """Detections from this score on are matched first, those below their label's `min_score` never."""
    track_low_thresh: Relative = 0.1
    """Detections between this and the first can only go on with an object, not begin one."""
    new_track_thresh: Relative = 0.25
    """The score that begins an object."""
    match_thresh: Relative = 0.8
    """The largest distance (1 - overlap, less what `fuse_score` says) that is still the same object."""
    fuse_score: bool = True
    """Counts the overlap with a weak detection for less."""
    gmc_method: Literal["none", "sparseOptFlow", "orb", "sift", "ecc"] = "none"
    """How `botsort` makes up for a camera that moves; costs a conversion of every frame."""
    with_reid: bool = False
    """Whether `botsort` goes by how things look, too."""
    reid_model: ClassifierName = "auto"
    """What tells the looks (ultralytics' `model`): `auto` is the detector, otherwise a classifier in `models`."""
    proximity_thresh: Relative = 0.0
    """The overlap from which on looks count; ultralytics' 0.5 is for frames that follow each other closely."""
    appearance_thresh: Relative = 0.8
    """How alike looks must be at least, where 0 is the opposite, 0.5 nothing in common and 1 the same."""
    delta_t: Annotated[int, Field(ge=1)] = 3
    """Over how many frames `ocsort` takes the way that an object goes; below 15 frames a second, of 30 a second."""
    inertia: Relative = 0.2
    """How much `ocsort` minds that way."""
    use_byte: bool = False
    """Whether `ocsort` goes on with weak detections, as the others do."""
    labels: dict[str, LabelSettings] = Field(default_factory=dict)
    """Other thresholds for a label."""

    @model_validator(mode="after")
    def _looks_need_botsort(self) -> "Settings":
        if self.with_reid and self.tracker != "botsort":
            raise misplaced("with_reid", "true", f"false, or tracker: botsort: {self.tracker} cannot")
        return self

    def of(self, label: str) -> "Settings":
        """Those of one label."""
        other = self.labels.get(label)
        return self.model_copy(update=other.model_dump(exclude_none=True)) if other else self

    @property
    def widest_match_thresh(self) -> float:
        return max([self.match_thresh, *(self.of(label).match_thresh for label in self.labels)])


_LIMITS = ("track_high_thresh", "track_low_thresh", "new_track_thresh", "match_thresh")


class Limits:
    """The settings as arrays; labels' numbers are the model's."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._of: dict[str, Settings] = {}
        self._rows: dict[str, list[float]] = {}
        self._for_all = np.array(_row(settings), np.float32)

    def found(self, detections: Detections, weak_from: int) -> Found:
        """Detections from `weak_from` on are below their `min_score`: they can only go on with an object."""
        xyxy, score, features = detections.xyxy, detections.confidence, detections.attributes.get(FEATURES)
        high, low, begin, match = self._limits(detections)
        sized = (xyxy[:, 2] > xyxy[:, 0]) & (xyxy[:, 3] > xyxy[:, 1])
        first = sized & (score >= high)
        first[weak_from:] = False
        return Found(
            xyxy,
            score,
            detections.class_id,
            first=first,
            second=sized & ~first & (score > low),
            begins=first & (score >= begin),
            match_thresh=match,
            features=None if features is None else np.asarray(features, np.float32),
        )

    def _limits(self, detections: Detections) -> Floats:
        """(4,) for all, or (4, N)."""
        if not self._settings.labels:
            return self._for_all
        labels = detections.labels
        each = [self._row(labels[class_id]) for class_id in detections.class_id.tolist()]
        return np.array(each, np.float32).reshape(-1, len(_LIMITS)).T

    def of(self, label: str) -> Settings:
        return self._of.setdefault(label, self._settings.of(label))

    def _row(self, label: str) -> list[float]:
        if label not in self._rows:
            self._rows[label] = _row(self.of(label))
        return self._rows[label]


def _row(settings: Settings) -> list[float]:
    return [getattr(settings, name) for name in _LIMITS]
