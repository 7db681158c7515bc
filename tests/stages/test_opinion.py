from collections.abc import Sequence

import pytest

from pipeline.stages.classifying.opinion import Belief, Opinion

LABELS = ("red", "blue", "white")
RED, BLUE = (0.9, 0.05, 0.05), (0.05, 0.9, 0.05)


def opinion(*answers: Sequence[float], **belief: float) -> Opinion:
    formed = Opinion(LABELS, Belief.model_validate(belief))
    for answer in answers:
        formed.hear(answer)
    return formed


@pytest.mark.parametrize(
    ("answers", "label", "score"),
    [
        pytest.param([], None, 0.0, id="nobody has looked"),
        pytest.param([RED], "red", 0.9, id="one sure look is enough"),
        pytest.param([(0.45, 0.35, 0.2)], None, 0.0, id="an unsure one is not"),
        pytest.param([(0.45, 0.35, 0.2), RED], "red", 0.675, id="until another one helps it"),
        pytest.param([(0.15, 0.1, 0.1), RED], "red", 0.9, id="a look that saw next to nothing does not count"),
        pytest.param([RED, BLUE], "red", 0.475, id="one look to the contrary changes nothing"),
        pytest.param([RED, (0.1, 0.9, 0.0)], "red", 0.5, id="nor does one that is as sure"),
        pytest.param([RED, BLUE, BLUE], "blue", 0.61667, id="two do"),
        pytest.param([RED, RED, RED, BLUE, BLUE], "red", 0.56, id="the majority of the late ones holds"),
        pytest.param([RED, RED, RED, BLUE, BLUE, BLUE], "blue", 0.56, id="and the oldest is forgotten"),
        pytest.param([RED, (0.3, 0.4, 0.3), (0.3, 0.4, 0.3)], "red", 0.5, id="nobody else reaches the threshold"),
    ],
)
def test_what_the_answers_come_to(answers: Sequence[Sequence[float]], label: str | None, score: float) -> None:
    formed = opinion(*answers)
    assert formed.label == label
    assert formed.score == pytest.approx(score, abs=1e-4)


@pytest.mark.parametrize(("hysteresis", "label"), [(0.0, "blue"), (0.1, "red")])
def test_a_change_needs_a_lead(hysteresis: float, label: str) -> None:
    assert opinion((0.5, 0.5, 0), (0.5, 0.56, 0), hysteresis=hysteresis).label == label


@pytest.mark.parametrize("answer", [(0.5, 0.5), (), (0.9, float("nan"), 0.1), ((0.9, 0.1, 0.0),)])
def test_what_is_no_answer_is_refused(answer: Sequence[float]) -> None:
    with pytest.raises(ValueError, match="wanted 3 numbers"):
        opinion(answer)
