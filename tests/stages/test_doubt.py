"""Of an object that nobody believes it is known why not."""

import pytest

from pipeline.core.camera import ObjectFilter, Objects
from pipeline.core.objects import Doubt
from pipeline.stages.tracking.life import Life

BOX = (0.1, 0.1, 0.2, 0.4)
OBJECTS = Objects(track=("person",), filters={"person": ObjectFilter(min_score=0.3, threshold=0.5)})


def lived(scores: list[float]) -> Life:
    life = Life(0.0, OBJECTS, speed_over_s=0.5, stationary_after_s=10.0)
    for number, score in enumerate(scores):
        life.see(BOX, "person", score, number / 5)
    return life


@pytest.mark.parametrize(
    ("scores", "doubt"),
    [
        pytest.param([0.9], Doubt(1, 0.9, 0.0, 0.5), id="seen once is not enough"),
        pytest.param([0.9, 0.46], Doubt(2, 0.9, 0.46, 0.5), id="the lesser of two"),
        pytest.param([0.46, 0.44, 0.48], Doubt(3, 0.48, 0.46, 0.5), id="the median of three"),
        pytest.param([0.48, 0.48, 0.4, 0.4, 0.4], Doubt(5, 0.48, 0.48, 0.5), id="the nearest that it came"),
        pytest.param([0.9, 0.8], None, id="believed"),
        pytest.param([0.9, 0.8, 0.3, 0.3, 0.3], None, id="believed for good"),
    ],
)
def test_why_it_is_not_believed(scores: list[float], doubt: Doubt | None) -> None:
    seen = lived(scores).at(1.0, measured=True)
    assert seen.doubt == doubt
    assert seen.confirmed == (doubt is None)


def test_a_glimpse_tells_nothing_of_how_sure_it_is() -> None:
    life = lived([0.46, 0.46])
    life.glimpse(BOX, 1.0)
    assert life.at(1.0, measured=True).doubt == Doubt(2, 0.46, 0.46, 0.5)
