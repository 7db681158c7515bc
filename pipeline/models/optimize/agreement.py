"""How far one model's detections agree with another's, which are taken as the truth."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.detections import Detections
from pipeline.models.optimize.report import Agreement, LabelAgreement
from pipeline.models.ultra import ultralytics

OVERLAP = 0.5
Mask = NDArray[np.bool_]


def agreement(truth: Sequence[Detections], found: Sequence[Detections], min_scores: Mapping[str, float]) -> Agreement:
    """Frame by frame, of the labels in `min_scores`.

    `truth` counts from each label's score on. `found` should hold weaker ones too: average precision looks at all
    of them, recall and precision at those from that score on.
    """
    frames = [_matched(_believed(true, min_scores), seen, min_scores) for true, seen in zip(truth, found, strict=True)]
    matches = _Matches(*(np.concatenate(column) for column in zip(*frames, strict=True)))
    names = {class_id: name for each in truth for class_id, name in each.labels.items() if name in min_scores}
    ap50 = matches.average_precisions()
    labels = {
        names[class_id]: matches.of(class_id).told(ap50.get(class_id))
        for class_id in sorted(names)
        if (matches.true_class == class_id).any() or (matches.believed & (matches.found_class == class_id)).any()
    }
    overall = matches.told(float(np.mean(list(ap50.values()))) if ap50 else None)
    return Agreement(overall.objects, overall.recall or 0.0, overall.precision or 0.0, overall.ap50 or 0.0, labels)


class _Matches:
    """Of all frames: whether each found detection is right, its score and class; and the classes of the truth."""

    def __init__(
        self,
        right: Mask,
        score: NDArray[np.float32],
        found_class: NDArray[np.int32],
        believed: Mask,
        true_class: NDArray[np.int32],
    ) -> None:
        self.right = right
        self.score = score
        self.found_class = found_class
        self.believed = believed
        self.true_class = true_class

    def of(self, class_id: int) -> "_Matches":
        mine = self.found_class == class_id
        return _Matches(
            self.right[mine],
            self.score[mine],
            self.found_class[mine],
            self.believed[mine],
            self.true_class[self.true_class == class_id],
        )

    def told(self, ap50: float | None) -> LabelAgreement:
        right = int((self.right & self.believed).sum())
        return LabelAgreement(
            objects=len(self.true_class),
            recall=_share(right, len(self.true_class)),
            precision=_share(right, int(self.believed.sum())),
            ap50=ap50,
        )

    def average_precisions(self) -> dict[int, float]:
        """By class; only of those that are in the truth."""
        ultralytics()
        from ultralytics.utils.metrics import ap_per_class

        told = ap_per_class(self.right[:, None], self.score, self.found_class, self.true_class)
        ap, classes = told[5], told[6]
        return {int(class_id): float(each[0]) for class_id, each in zip(classes, ap, strict=True)}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _believed(found: Detections, min_scores: Mapping[str, float]) -> Detections:
    return found[_at_least(found, min_scores)]


def _at_least(found: Detections, min_scores: Mapping[str, float]) -> Mask:
    """2 is a score that nothing has."""
    floors = [min_scores.get(found.label(index), 2.0) for index in range(len(found))]
    return np.asarray(found.confidence >= np.array(floors, np.float32), np.bool_)


def _matched(truth: Detections, found: Detections, min_scores: Mapping[str, float]) -> tuple[NDArray[Any], ...]:
    """One frame: the surest detections choose first, each the free true box of its class that it overlaps most."""
    known = np.array([found.label(index) in min_scores for index in range(len(found))], np.bool_)
    found = found[known] if len(found) else found
    found = found[np.argsort(-found.confidence, kind="stable")]
    overlaps = _overlaps(found, truth)
    right = np.zeros(len(found), np.bool_)
    for index in range(len(found)):
        if len(truth) and overlaps[index].max() >= OVERLAP:
            right[index] = True
            overlaps[:, overlaps[index].argmax()] = 0.0
    return right, found.confidence, found.class_id, _at_least(found, min_scores), truth.class_id


def _overlaps(found: Detections, truth: Detections) -> NDArray[np.float32]:
    """(found, truth) intersection over union; 0 between different classes."""
    import torch

    ultralytics()
    from ultralytics.utils.metrics import box_iou

    iou = box_iou(torch.from_numpy(found.xyxy), torch.from_numpy(truth.xyxy)).numpy()
    same = found.class_id[:, None] == truth.class_id[None]
    return np.asarray(np.where(same, iou, 0.0), np.float32)
