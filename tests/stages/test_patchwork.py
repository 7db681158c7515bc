from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from pipeline.core.detections import Detections
from pipeline.stages.patchwork import patched
from tests.stages.scene import LABELS

WH = (1000, 600)
LEFT, RIGHT = (0, 0, 400, 400), (300, 0, 700, 400)
Found = tuple[int, float, tuple[float, float, float, float]]


def detections(found: Sequence[Found]) -> Detections:
    classes, scores, boxes = zip(*found, strict=True) if found else ((), (), ())
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32), np.array(classes, np.int32), LABELS
    )


WALKER: Found = (0, 0.8, (100, 100, 140, 200))


@pytest.mark.parametrize(
    ("whole", "left", "right", "expected"),
    [
        pytest.param([WALKER], [], [], [WALKER], id="the whole picture alone"),
        pytest.param([], [WALKER], [], [WALKER], id="found in a region only"),
        pytest.param([], [], [(0, 0.8, (20, 100, 60, 200))], [(0, 0.8, (320, 100, 360, 200))], id="moved to its place"),
        pytest.param([(0, 0.6, (98, 98, 142, 205))], [WALKER], [], [WALKER], id="found twice: the surer one"),
        pytest.param([(0, 0.9, (98, 98, 142, 205))], [WALKER], [], [(0, 0.9, (98, 98, 142, 205))], id="or the other"),
        pytest.param([(2, 0.6, (98, 98, 142, 205))], [WALKER], [], [WALKER, (2, 0.6, (98, 98, 142, 205))], id="labels"),
        pytest.param(
            [],
            [(0, 0.9, (360, 100, 400, 200))],
            [(0, 0.7, (60, 100, 120, 200))],
            [(0, 0.7, (360, 100, 420, 200))],
            id="cut by one region, whole in the other",
        ),
        pytest.param(
            [(2, 0.4, (50, 50, 950, 550))],
            [(2, 0.9, (50, 50, 400, 400))],
            [(2, 0.9, (0, 50, 400, 400))],
            [(2, 0.4, (50, 50, 950, 550))],
            id="parts of what is larger than a region",
        ),
        pytest.param(
            [(2, 0.4, (50, 50, 950, 550))],
            [(2, 0.9, (100, 100, 200, 160))],
            [],
            [(2, 0.4, (50, 50, 950, 550)), (2, 0.9, (100, 100, 200, 160))],
            id="a small thing before a large one is no part of it",
        ),
        pytest.param([], [(0, 0.8, (0, 100, 40, 200))], [], [(0, 0.8, (0, 100, 40, 200))], id="the picture's own edge"),
        pytest.param([], [(0, 0.8, (380, 100, 400, 200))], [], [(0, 0.8, (380, 100, 400, 200))], id="cut, seen once"),
    ],
)
def test_one_thing_is_there_once(
    whole: list[Found], left: list[Found], right: list[Found], expected: list[Found]
) -> None:
    found = patched(detections(whole), [(LEFT, detections(left)), (RIGHT, detections(right))], WH)
    rows = [
        (int(found.class_id[at]), round(float(found.confidence[at]), 2), tuple(found.xyxy[at].tolist()))
        for at in range(len(found))
    ]
    assert sorted(rows) == sorted(expected)
    assert found.labels == LABELS


def test_attributes_that_all_have_are_kept() -> None:
    def with_looks(found: Sequence[Found], looks: float, **more: float) -> Detections:
        values = {"features": looks, **more}
        attributes = {name: np.full((len(found), 2), value, np.float32) for name, value in values.items()}
        return replace(detections(found), attributes=attributes)

    whole, car = with_looks([WALKER], 1.0, colour=5.0), (2, 0.9, (10.0, 10.0, 90.0, 60.0))
    joined = patched(whole, [(LEFT, with_looks([], 2.0)), (RIGHT, with_looks([car], 3.0))], WH)
    assert joined.attributes.keys() == {"features"}
    assert joined.attributes["features"].tolist() == [[1, 1], [3, 3]]
    assert patched(whole, [(LEFT, detections([WALKER]))], WH).attributes == {}
