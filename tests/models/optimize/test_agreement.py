import numpy as np
import pytest

from pipeline.core.detections import Detections
from pipeline.models.optimize.agreement import agreement

LABELS = {0: "person", 2: "car"}
MIN_SCORES = {"person": 0.5, "car": 0.4}
HERE, THERE, FAR = (0, 0, 100, 100), (200, 0, 300, 100), (400, 0, 500, 100)

Row = tuple[tuple[int, int, int, int], float, int]


def detections(*rows: Row) -> Detections:
    return Detections(
        np.array([row[0] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int32),
        LABELS,
    )


PAIR: tuple[Row, ...] = ((HERE, 0.9, 0), (THERE, 0.8, 0))


@pytest.mark.parametrize(
    ("truth", "found", "recall", "precision"),
    [
        pytest.param(PAIR, PAIR, 1, 1, id="the same"),
        pytest.param(PAIR, PAIR[:1], 0.5, 1, id="one is missing"),
        pytest.param(PAIR[:1], PAIR, 1, 0.5, id="one is too many"),
        pytest.param(PAIR[:1], [((8, 0, 108, 100), 0.9, 0)], 1, 1, id="a box that moved a little"),
        pytest.param(PAIR[:1], [((60, 0, 160, 100), 0.9, 0)], 0, 0, id="a box that moved too far"),
        pytest.param(PAIR[:1], [(HERE, 0.9, 2)], 0, 0, id="called something else"),
        pytest.param(PAIR[:1], [(HERE, 0.9, 0), ((4, 0, 104, 100), 0.8, 0)], 1, 0.5, id="the same thing twice"),
        pytest.param(PAIR[:1], [(HERE, 0.45, 0)], 0, 0, id="too weak to be believed"),
        pytest.param([(HERE, 0.45, 2)], [(HERE, 0.42, 2)], 1, 1, id="each label has its own score"),
        pytest.param([*PAIR, (FAR, 0.3, 0)], PAIR, 1, 1, id="what the truth itself does not believe"),
    ],
)
def test_recall_and_precision(truth: list[Row], found: list[Row], recall: float, precision: float) -> None:
    told = agreement([detections(*truth)], [detections(*found)], MIN_SCORES)
    assert (told.recall, told.precision) == (recall, precision)


def test_frames_are_matched_each_with_its_own() -> None:
    told = agreement([detections(*PAIR), detections()], [detections(), detections(*PAIR)], MIN_SCORES)
    assert (told.objects, told.recall, told.precision) == (2, 0, 0)


def test_average_precision_counts_weak_detections_too() -> None:
    weak: list[Row] = [(HERE, 0.9, 0), (THERE, 0.3, 0)]
    told = agreement([detections(*PAIR)], [detections(*weak)], MIN_SCORES)
    assert told.recall == 0.5
    assert told.map50 == pytest.approx(0.995, abs=0.005)
    lost = agreement([detections(*PAIR)], [detections(*weak[:1])], MIN_SCORES)
    assert lost.map50 == pytest.approx(0.5, abs=0.01)


def test_labels_one_by_one() -> None:
    truth = detections((HERE, 0.9, 0), (THERE, 0.9, 2), (FAR, 0.9, 2))
    found = detections((HERE, 0.9, 0), (THERE, 0.9, 2))
    told = agreement([truth], [found], MIN_SCORES)
    assert {label: (each.objects, each.recall, each.precision) for label, each in told.labels.items()} == {
        "person": (1, 1, 1),
        "car": (2, 0.5, 1),
    }
    person, car = (told.labels[label].ap50 or 0.0 for label in ("person", "car"))
    assert told.map50 == pytest.approx((person + car) / 2)
    assert told.least == pytest.approx(2 / 3)


def test_labels_that_nobody_wants_do_not_count() -> None:
    told = agreement([detections(*PAIR, (FAR, 0.9, 2))], [detections(*PAIR)], {"person": 0.5})
    assert (told.objects, told.recall) == (2, 1)
    assert list(told.labels) == ["person"]


def test_a_label_that_is_only_imagined_is_told() -> None:
    told = agreement([detections(*PAIR)], [detections(*PAIR, (FAR, 0.9, 2))], MIN_SCORES)
    assert (told.labels["car"].objects, told.labels["car"].recall, told.labels["car"].precision) == (0, None, 0)


def test_nothing_at_all() -> None:
    told = agreement([detections()], [detections()], MIN_SCORES)
    assert (told.objects, told.recall, told.precision, told.map50) == (0, 0, 0, 0)
