import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.models.suppression import Rows, Suppression, corners
from pipeline.models.ultra import ultralytics

CLASSES = 3
READ_AS_DECODED = 6
"""So many anchors ultralytics takes for the six columns of a model that suppresses by itself."""
WIDEST = 256.0
"""Pixels between one class's boxes and the next's; ultralytics' usual 7680 costs float32 a thousandth of a pixel."""


def raw(seed: int, anchors: int, extra: int = 0, pictures: int = 1) -> NDArray[np.float32]:
    """As a head gives it: boxes that overlap a lot, scores of which most are low."""
    random = np.random.default_rng(seed)
    made = np.empty((pictures, 4 + CLASSES + extra, anchors), np.float32)
    made[:, :2] = random.uniform(0, 100, (pictures, 2, anchors))
    made[:, 2:4] = random.uniform(10, 60, (pictures, 2, anchors))
    made[:, 4 : 4 + CLASSES] = random.beta(1, 4, (pictures, CLASSES, anchors))
    made[:, 4 + CLASSES :] = random.normal(size=(pictures, extra, anchors))
    return made


def reference(one: NDArray[np.float32], min_score: float, suppression: Suppression) -> Rows:
    ultralytics()
    import torch
    from ultralytics.utils.nms import non_max_suppression

    (rows,) = non_max_suppression(
        torch.from_numpy(one[None].copy()),
        min_score,
        suppression.iou,
        nc=CLASSES,
        max_det=suppression.max_det,
        max_wh=WIDEST,
    )
    return np.asarray(rows.numpy(), np.float32)


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    anchors=st.integers(1, 300).filter(lambda number: number != READ_AS_DECODED),
    iou=st.floats(0.1, 0.9),
    max_det=st.integers(1, 300),
    extra=st.sampled_from([0, 5]),
)
def test_it_keeps_what_ultralytics_keeps(seed: int, anchors: int, iou: float, max_det: int, extra: int) -> None:
    suppression, (one,) = Suppression(iou, max_det), raw(seed, anchors, extra)
    assume(is_decided(one, iou))
    np.testing.assert_allclose(suppression.rows(one, 0.1, CLASSES), reference(one, 0.1, suppression), atol=1e-4)


def is_decided(one: NDArray[np.float32], iou: float) -> bool:
    """Neither are two scores equal, nor is an overlap so near to `iou` that rounding decides."""
    torch = pytest.importorskip("torch")
    from torchvision.ops import box_iou

    scores, boxes = one[4 : 4 + CLASSES].max(axis=0), torch.from_numpy(corners(one[:4].T)).double()
    near = (box_iou(boxes, boxes) - iou).abs() < 1e-4
    return len(np.unique(scores)) == len(scores) and not bool(near.any())


def test_a_batch_gets_what_each_of_its_pictures_gets() -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("torchvision")
    suppression, batch, floors = Suppression(0.6, max_det=15), raw(1, 150, extra=4, pictures=4), [0.1, 0.3, 0.9999, 0.5]
    rows = suppression.rows_of_batch(torch.from_numpy(batch), floors, CLASSES)
    assert [len(each) > 0 for each in rows] == [True, True, False, True]
    for each, one, floor in zip(rows, batch, floors, strict=True):
        np.testing.assert_allclose(each, suppression.rows(one, floor, CLASSES), atol=1e-4)


@pytest.mark.parametrize(
    ("boxes", "kept"),
    [
        pytest.param([(50, 50, 20, 20, 0.9, 0.1), (51, 50, 20, 20, 0.8, 0.1)], 1, id="one class, nearly one place"),
        pytest.param([(50, 50, 20, 20, 0.9, 0.1), (51, 50, 20, 20, 0.1, 0.8)], 2, id="two classes in one place"),
        pytest.param([(50, 50, 20, 20, 0.9, 0.1), (90, 50, 20, 20, 0.8, 0.1)], 2, id="two places"),
        pytest.param([(50, 50, 20, 20, 0.2, 0.1)], 0, id="too weak"),
        pytest.param([(50, 50, 20, 20, 0.25, 0.1)], 0, id="no better than the floor"),
    ],
)
def test_which_boxes_stay(boxes: list[tuple[float, ...]], kept: int) -> None:
    rows = Suppression(0.7, 300).rows(np.array(boxes, np.float32).T, 0.25, classes=2)
    assert rows.shape == (kept, 6)


def test_the_best_come_first_and_the_rest_is_cut() -> None:
    (one,) = raw(7, 300)
    rows = Suppression(0.9, max_det=12).rows(one, 0.1, CLASSES)
    assert len(rows) == 12
    assert (np.diff(rows[:, 4]) <= 0).all()


def test_half_precision_is_read() -> None:
    (one,) = raw(3, 100)
    full, half = (Suppression(0.7, 300).rows(each, 0.5, CLASSES) for each in (one, one.astype(np.float16)))
    assert half.dtype == np.float32
    np.testing.assert_allclose(full, half, atol=0.1)


def test_corners() -> None:
    np.testing.assert_array_equal(corners(np.array([[10, 20, 4, 6]], np.float32)), [[8, 17, 12, 23]])
