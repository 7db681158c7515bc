from dataclasses import fields

import numpy as np
import pytest

from pipeline.core.detections import Detections

LABELS = {0: "person", 2: "car"}


def three() -> Detections:
    return Detections(
        xyxy=np.arange(12, dtype=np.float32).reshape(3, 4),
        confidence=np.array([0.9, 0.5, 0.1], np.float32),
        class_id=np.array([0, 2, 5], np.int32),
        labels=LABELS,
        track_id=np.array([11, 12, 13], np.int64),
        masks=np.stack([np.full((2, 2), on) for on in (True, False, True)]),
        keypoints=np.arange(18, dtype=np.float32).reshape(3, 2, 3),
        attributes={"colour": np.array(["red", "blue", "green"])},
    )


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        pytest.param(np.array([True, False, True]), [0, 2], id="by a mask"),
        pytest.param(np.array([2, 0]), [2, 0], id="by indices, in their order"),
        pytest.param(np.array([], np.intp), [], id="none"),
        pytest.param(np.array([1, 1]), [1, 1], id="one twice"),
    ],
)
def test_every_array_is_chosen_alike(chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]", rows: list[int]) -> None:
    whole, some = three(), three()[chosen]
    assert len(some) == len(rows)
    for field in fields(Detections):
        if field.name not in ("labels", "attributes"):
            assert np.array_equal(getattr(some, field.name), getattr(whole, field.name)[rows]), field.name
    assert np.array_equal(some.attributes["colour"], whole.attributes["colour"][rows])
    assert some.labels is whole.labels


def test_what_is_not_known_stays_unknown() -> None:
    whole = three()
    bare = Detections(whole.xyxy, whole.confidence, whole.class_id, LABELS)[np.array([0])]
    assert (bare.track_id, bare.masks, bare.keypoints, bare.attributes) == (None, None, None, {})


def test_a_class_without_a_name_is_called_by_its_number() -> None:
    assert [three().label(index) for index in range(3)] == ["person", "car", "5"]


def test_empty_has_the_shapes_and_kinds_of_all_others() -> None:
    empty, whole = Detections.empty(LABELS), three()
    assert len(empty) == 0
    assert empty.xyxy.shape == (0, 4)
    for name in ("xyxy", "confidence", "class_id"):
        assert getattr(empty, name).dtype == getattr(whole, name).dtype
    assert len(empty[np.zeros(0, np.bool_)]) == 0
