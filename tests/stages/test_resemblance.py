from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pipeline.stages.tracking.resemblance import REMEMBERED, Resemblance

COMMON = (1.0, 0.0, 0.0, 0.0)


def looks(*own: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """What all share, and a little of one's own."""
    vector = np.array(COMMON, np.float32) + 0.4 * np.array((0.0, *own), np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def track(number: int, feature: Any, kind: int = 0) -> Any:
    return SimpleNamespace(track_id=number, smooth_feat=feature, cls=kind)


def found(feature: Any, kind: int = 0) -> Any:
    return SimpleNamespace(curr_feat=feature, cls=kind)


RED, GREEN, BLUE = looks(1, 0, 0), looks(0, 1, 0), looks(0, 0, 1)


@pytest.mark.parametrize(
    ("known", "at_least"),
    [
        pytest.param([RED], 0.1, id="of one nobody can say what it shares"),
        pytest.param([RED, GREEN], 0.25, id="two"),
        pytest.param([RED, GREEN, BLUE] * 10, 0.4, id="many"),
    ],
)
def test_what_all_share_is_taken_away(known: Sequence[Any], at_least: float) -> None:
    resemblance, tracks = Resemblance(), [track(number, feature) for number, feature in enumerate(known)]
    resemblance.meet(tracks)
    same, other = resemblance.distances(tracks[:1], [found(RED), found(GREEN)])[0]
    assert same == pytest.approx(0, abs=1e-6)
    assert other > at_least
    assert (1 - RED @ GREEN) / 2 < 0.1, "as they are they look alike"


def test_each_class_has_its_own() -> None:
    resemblance, cars = Resemblance(), [track(10, GREEN, kind=2), track(11, BLUE, kind=2)]
    resemblance.meet([track(1, RED), track(2, GREEN), *cars])
    alone = Resemblance()
    alone.meet(cars)
    sights = [found(BLUE, kind=2)]
    np.testing.assert_allclose(resemblance.distances(cars, sights), alone.distances(cars, sights))


def test_who_has_no_looks_is_neither_like_nor_unlike() -> None:
    resemblance, both = Resemblance(), [track(1, RED), track(2, None)]
    resemblance.meet(both)
    distances = resemblance.distances(both, [found(RED), found(None)])
    assert np.isnan(distances).tolist() == [[False, True], [True, True]]
    assert np.isnan(resemblance.distances(both, [found(None)])).all()


def test_only_the_late_ones_are_remembered() -> None:
    resemblance = Resemblance()
    resemblance.meet([track(0, BLUE)])
    resemblance.meet([track(number, RED if number % 2 else GREEN) for number in range(1, REMEMBERED + 1)])
    fresh = Resemblance()
    fresh.meet([track(number, RED if number % 2 else GREEN) for number in range(1, REMEMBERED + 1)])
    one, sights = [track(1, RED)], [found(BLUE)]
    np.testing.assert_allclose(resemblance.distances(one, sights), fresh.distances(one, sights), rtol=1e-5)
