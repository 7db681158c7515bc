import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.models.suppression import Suppression
from pipeline.models.ultra import ultralytics

ultralytics()  # switches off what it would do by itself: before the imports below

import torch  # noqa: E402
from ultralytics.utils.nms import non_max_suppression  # noqa: E402

CLASSES = 5


def head(seed: int, anchors: int = 300) -> NDArray[np.float32]:
    """A crowd: many boxes of several classes over few places, (1, 4 + classes, anchors)."""
    random = np.random.default_rng(seed)
    places = random.uniform(50, 600, (12, 2))[random.integers(0, 12, anchors)] + random.normal(0, 8, (anchors, 2))
    sizes = random.uniform(40, 90, (anchors, 2))
    scores = random.uniform(0, 0.9, (anchors, CLASSES)) * (random.uniform(size=(anchors, 1)) < 0.4)
    return np.concatenate([places, sizes, scores], axis=1).T[None].astype(np.float32)


@pytest.mark.parametrize("min_score", [0.1, 0.5])
@pytest.mark.parametrize("iou", [0.3, 0.7])
@pytest.mark.parametrize("seed", range(5))
def test_boxes_are_those_of_ultralytics(seed: int, iou: float, min_score: float) -> None:
    raw = torch.from_numpy(head(seed))
    (wanted,) = non_max_suppression(raw.clone(), min_score, iou, nc=CLASSES, max_det=300)
    (rows,) = Suppression(iou, 300).rows(raw, [min_score], classes=CLASSES, end2end=False)
    assert len(rows) > 10
    np.testing.assert_allclose(rows, wanted.numpy(), atol=1e-3)


def test_at_most_max_det_and_the_surest_of_them() -> None:
    raw = torch.from_numpy(head(1))
    (every,) = Suppression(0.7, 300).rows(raw, [0.1], classes=CLASSES, end2end=False)
    (rows,) = Suppression(0.7, 4).rows(raw, [0.1], classes=CLASSES, end2end=False)
    np.testing.assert_array_equal(rows, every[:4])
    assert list(rows[:, 4]) == sorted(every[:, 4], reverse=True)[:4]


def test_an_empty_picture_has_no_rows() -> None:
    raw = torch.zeros((2, 4 + CLASSES, 10))
    assert [rows.shape for rows in Suppression(0.7, 300).rows(raw, [0.1, 0.2], classes=CLASSES, end2end=False)] == [
        (0, 6),
        (0, 6),
    ]
